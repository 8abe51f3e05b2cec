// money.spec.mjs -- what was sold becomes money, in a browser: a month is invoiced and paid on a phone without scripts; quotas are typed, moved
// through by arrow keys and pasted like in a spreadsheet; the pages pass axe-core.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ADMIN, SELLER, startCompany } from './lib/company.mjs';
import { atWork, noFaults, openContext, signIn, startBrowser } from './lib/people.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function open() {
  const furrow = await startCompany();
  const post = (path, body) => furrow.api(ADMIN, path, { method: 'POST', body });
  const company = await post('/companies', { name: 'Weingut Probst' });
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Berlin' }).format(new Date());
  await post('/subscriptions', { name: 'Frost service', company_id: company.id, amount: { amount: '120', currency: 'EUR' }, months: 1, started_on: day });
  const browser = await startBrowser();
  const boss = await atWork(browser, furrow, ADMIN);
  const phone = await (await openContext(browser, { viewport: { width: 390, height: 844 }, javaScriptEnabled: false })).newPage();
  await signIn(phone, furrow, SELLER, '/receivables');
  return { furrow, browser, boss, phone, month: day.slice(0, 7) };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}

async function invoicedAndPaid({ furrow, phone, month }) {
  await phone.goto(`${furrow.url}/invoices/bill?month=${month}`);
  assert.match(await phone.locator('main').innerText(), /Weingut Probst[\s\S]*€120\.00/);
  await phone.getByRole('button', { name: 'Make the invoices' }).click();
  assert.match(await phone.locator('main').innerText(), /1 invoice made, with 1 line/);
  await phone.goto(`${furrow.url}/receivables`);
  assert.match(await phone.locator('main').innerText(), /Weingut Probst/);
  const [invoice] = (await furrow.api(SELLER, '/invoices')).data;
  assert.equal(invoice.status, 'open');
  await phone.goto(`${furrow.url}/invoices/${invoice.id}`);
  await phone.getByRole('button', { name: 'Paid today' }).click();
  assert.equal((await furrow.api(SELLER, `/invoices/${invoice.id}`)).status, 'paid');
  await phone.goto(`${furrow.url}/receivables`);
  assert.match(await phone.locator('main').innerText(), /Nobody owes anything/);
}

/* The first person's January; arrows lead to its neighbours. */
async function typedAndPasted({ furrow, boss }) {
  await boss.goto(`${furrow.url}/quotas?year=2031`);
  const line = boss.locator('[data-grid] tr').filter({ has: boss.locator('input[name^="p_"]') }).first();
  const cell = (n) => line.locator('input').nth(n);
  await cell(0).fill('5000');
  await boss.keyboard.press('ArrowRight');
  assert.ok(await cell(1).evaluate((input) => input === document.activeElement));
  await boss.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text', '6000\t7,000\t8000.50\n');
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  assert.equal(await cell(3).inputValue(), '8000.50');
  await cell(4).fill('many');
  await boss.getByRole('button', { name: 'Keep the quotas' }).click();
  await boss.getByRole('alert').filter({ hasText: "'many' is no amount" }).waitFor();
  assert.equal(await cell(2).inputValue(), '7,000');
  await cell(4).fill('');
  await boss.getByRole('button', { name: 'Keep the quotas' }).click();
  await boss.getByText('The quotas of 2031 are kept').waitFor();
  assert.equal(await cell(2).inputValue(), '7000');
  assert.match(await line.innerText(), /26000\.50/);
}

async function nothingIsInAnyonesWay({ furrow, boss }) {
  for (const path of ['/receivables', '/invoices/bill', '/invoices', '/quotas', '/leaderboard', '/customer-health', '/commission-statements', '/health-rules']) {
    await boss.goto(furrow.url + path);
    await boss.evaluate(axe);
    const found = await boss.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }));
    assert.deepEqual(found.violations.map((one) => `${path}: ${one.id}: ${one.nodes[0].html}`), []);
  }
}

async function nothingFailed({ boss, phone }) {
  noFaults(boss.context(), phone.context());
}

export default {
  name: 'money',
  story: true,
  open,
  close,
  tests: [
    ['a month is invoiced and paid, on a phone without scripts', invoicedAndPaid],
    ['quotas are typed, moved through and pasted', typedAndPasted],
    ['axe-core finds nothing', nothingIsInAnyonesWay],
    ['no page had a fault', nothingFailed],
  ],
};
