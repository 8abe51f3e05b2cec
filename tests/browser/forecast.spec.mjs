// forecast.spec.mjs -- a forecast in a browser: a seller says what the month will come to, on a phone without scripts; the head of sales sees
// it by keyboard; a deal does not leave its stage too early, on the board too. The pages pass axe-core.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ADMIN, SELLER, startCompany } from './lib/company.mjs';
import { atWork, noFaults, openContext, signIn, startBrowser } from './lib/people.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function open() {
  const furrow = await startCompany();
  const stages = (await furrow.api(ADMIN, '/stages?limit=50')).data;
  const called = (name) => stages.find((stage) => stage.name === name);
  await furrow.api(ADMIN, `/stages/${called('Qualified').id}`, { method: 'PATCH',
    body: { exit_filter: 'next_step is not empty', exit_message: 'Agree on what happens next.' } });
  /* Today where the company is: near midnight that is another month than elsewhere. */
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Berlin' }).format(new Date());
  const deal = await furrow.api(SELLER, '/deals', { method: 'POST',
    body: { name: 'Sixty probes', stage_id: called('Qualified').id, amount: { amount: '6000', currency: 'EUR' }, close_date: day,
      forecast_category: 'commit' } });
  const browser = await startBrowser();
  const boss = await atWork(browser, furrow, ADMIN);
  const phone = await (await openContext(browser, { viewport: { width: 390, height: 844 }, javaScriptEnabled: false })).newPage();
  await signIn(phone, furrow, SELLER, '/forecast');
  return { furrow, browser, boss, phone, deal, called };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}

/* The pencil of one's own line leads to a form that knows whom it is about. */
async function saidOnAPhone({ furrow, phone }) {
  await phone.goto(`${furrow.url}/forecast`);
  assert.match(await phone.locator('.fc-line').filter({ hasText: '€6K' }).first().innerText(), /€6K/);
  const mine = phone.locator('.fc-line-').filter({ hasText: '€6K' });
  await mine.getByRole('link', { name: /Say what it will come to/ }).click();
  await phone.locator('[name=amount]').fill('5500');
  await phone.locator('[name=note]').fill('One of them waits for the board.');
  await phone.locator('form.form button[type=submit]').first().click();
  await phone.goto(`${furrow.url}/forecast`);
  assert.match(await phone.locator('.fc-line-').filter({ hasText: '€6K' }).innerText(), /€5\.5K[\s\S]*waits for the board/);
}

async function seenByTheHead({ furrow, boss }) {
  await boss.goto(`${furrow.url}/forecast`);
  const line = boss.locator('.fc-line-').filter({ hasText: '€6K' });
  assert.match(await line.innerText(), /€5\.5K/);
  await line.getByRole('link', { name: '€6K' }).first().focus();
  await boss.keyboard.press('Enter');
  await boss.waitForURL(/\/deals\?/);
  await boss.getByText('Sixty probes').first().waitFor();
}

async function notTooEarly({ furrow, phone, deal, called }) {
  await phone.goto(`${furrow.url}/deals/board`);
  const card = phone.locator('.deal-card').filter({ hasText: 'Sixty probes' });
  await phone.getByLabel('Move cards to').selectOption(called('Proposal').id);
  await card.getByRole('button', { name: 'Move' }).click();
  const said = await phone.locator('main').innerText();
  assert.match(said, /Next step is not empty/);
  assert.match(said, /Agree on what happens next/);
  await furrow.api(SELLER, `/deals/${deal.id}`, { method: 'PATCH', body: { next_step: 'Send the plan' } });
  await phone.goto(`${furrow.url}/deals/board`);
  await phone.getByLabel('Move cards to').selectOption(called('Proposal').id);
  await card.getByRole('button', { name: 'Move' }).click();
  assert.equal((await furrow.api(SELLER, `/deals/${deal.id}`)).stage_id, called('Proposal').id);
}

async function nothingIsInAnyonesWay({ furrow, boss, deal }) {
  for (const path of ['/forecast', '/forecast?unit=quarter', '/forecast/moved', '/forecast/model', `/deals/${deal.id}`]) {
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
  name: 'forecast',
  story: true,
  open,
  close,
  tests: [
    ['a seller says what it will come to, on a phone without scripts', saidOnAPhone],
    ['the head of sales sees it, and opens what was counted', seenByTheHead],
    ['a deal does not leave its stage too early', notTooEarly],
    ['axe-core finds nothing', nothingIsInAnyonesWay],
    ['no page had a fault', nothingFailed],
  ],
};
