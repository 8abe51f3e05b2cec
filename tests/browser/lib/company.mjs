// company.mjs -- a small company made through the API, for specs that do not begin with nothing.
import { startFurrow } from './furrow.mjs';

export const ADMIN = 'ada@northfield.example';
export const MARKETER = 'mara@northfield.example';
export const SELLER = 'tom@northfield.example';
export const COLLEAGUE = 'ines@northfield.example';

export const users = [
  { mail: ADMIN, name: 'Ada Park', token: true },
  { mail: MARKETER, name: 'Mara Lindqvist', role: 'Marketing', team: 'Marketing', token: true },
  { mail: SELLER, name: 'Tom Okafor', role: 'Sales', team: 'Sales', token: true },
  { mail: COLLEAGUE, name: 'Inês Duarte', role: 'Sales', team: 'Sales', token: true },
];

const people = [
  ['Hanna', 'Brandt', 'hanna.brandt@brandt-obst.example', 'Brandt Obst', 'Head of orchards'],
  ['José', 'Ñíguez', 'jose@huerta.example', 'Huerta Níguez', 'Owner'],
  ['Søren', 'Ågård', 'soren.agard@gartneri.example', 'Gartneri Ågård', 'Buyer'],
  ['Priya', 'Nair', 'priya.nair@kestrel.example', 'Kestrel Labs', 'Agronomist'],
  ['Oliver', 'Stone', 'oliver@harrow-water.example', 'Harrow Water', 'Engineer'],
];
const deals = [
  ['Forty probes', 0, '12400.00'], ['Greenhouse trial', 1, '3200.00'], ['Three gateways', 2, '5550.00'],
  ['Lab subscription', 3, '18000.00'], ['Leak survey', 4, '7425.50'],
];

/* Contacts with their companies and one deal each, the deals in the first stage and the seller's own. */
export async function startCompany(options = {}) {
  const furrow = await startFurrow({ users, ...options });
  const post = (path, body) => furrow.api(SELLER, path, { method: 'POST', body });
  furrow.contacts = [];
  furrow.deals = [];
  for (const [first_name, last_name, email, name, job_title] of people) {
    const company = await post('/companies', { name, domain: email.split('@')[1] });
    furrow.contacts.push(await post('/contacts', { first_name, last_name, email, job_title, company_id: company.id }));
  }
  for (const [name, contact, amount] of deals) {
    const { id, company_id } = furrow.contacts[contact];
    furrow.deals.push(await post('/deals', {
      name, contact_id: id, company_id, amount: { amount, currency: 'EUR' }, close_date: '2027-03-31',
    }));
  }
  return furrow;
}
