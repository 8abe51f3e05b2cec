// tasks.spec.mjs -- a salesperson's queue by keyboard alone: outcome of a call, note, done, the next one opens; an org
// chart on a phone without scripts.
import assert from 'node:assert/strict';
import { SELLER, startCompany } from './lib/company.mjs';
import { atWork, noFaults, startBrowser } from './lib/people.mjs';

async function open() {
  const furrow = await startCompany();
  const browser = await startBrowser();
  const seller = await atWork(browser, furrow, SELLER);
  const contact = await furrow.api(SELLER, '/contacts', { method: 'POST', body: { first_name: 'Wilma', email: 'wilma@lead.example' } });
  return { furrow, browser, seller, contact };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}

async function worksByKeyboard({ furrow, seller, contact }) {
  const make = (kind, subject, hours) => furrow.api(SELLER, '/activities', { method: 'POST',
    body: { kind, subject, contact_id: contact.id, due_at: new Date(Date.now() - hours * 3600e3).toISOString() } });
  const call = await make('call', 'Ring about the offer', 3);
  await make('task', 'Send the plan', 2);
  await seller.goto(`${furrow.url}/tasks`);
  await seller.getByRole('heading', { name: 'Ring about the offer' }).waitFor();
  await seller.keyboard.press('2');
  assert.ok(await seller.getByRole('radio', { name: /Left a message/ }).isChecked(), 'a key chooses the outcome');
  await seller.keyboard.press('n');
  await seller.keyboard.type('Calls back on Friday.');
  await seller.keyboard.press('Control+Enter');
  await seller.getByRole('heading', { name: 'Send the plan' }).waitFor();
  const done = await furrow.api(SELLER, `/activities/${call.id}`);
  assert.equal(done.outcome, 'left_message');
  assert.match(done.body, /Calls back on Friday/);
}

async function chartsWithoutScripts({ furrow, browser }) {
  const firm = await furrow.api(SELLER, '/companies', { method: 'POST', body: { name: 'Chart Ltd' } });
  const person = (first_name) => furrow.api(SELLER, '/contacts', { method: 'POST', body: { first_name, company_id: firm.id } });
  await person('Hope');
  await person('Reed');
  const phone = await atWork(browser, furrow, SELLER, { path: `/companies/${firm.id}/chart`,
    viewport: { width: 390, height: 800 }, javaScriptEnabled: false });
  await phone.locator('summary', { hasText: 'Reports to' }).last().click();
  await phone.getByLabel('Reed reports to').selectOption('Hope');
  await phone.locator('details[open]').getByRole('button', { name: 'Save' }).click();
  await phone.getByRole('tree', { name: 'Who reports to whom' }).getByRole('treeitem', { level: 2 }).getByText('Reed').first().waitFor();
}

export default {
  name: 'tasks by keyboard, who reports to whom',
  open,
  close,
  tests: [
    ['a queue is worked through by keyboard', worksByKeyboard],
    ['a chart is made on a phone', chartsWithoutScripts],
    ['no page and no request failed', async ({ furrow, seller }) => {
      noFaults(seller.context());
      assert.doesNotMatch(furrow.log(), /level=error/);
    }],
  ],
};
