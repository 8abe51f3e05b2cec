// duplicates.spec.mjs -- the queue of duplicates by keyboard: found while one works, merged with a chosen field, told apart,
// skipped, undone; axe-core; without JavaScript.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { until } from './lib/harness.mjs';
import { ADMIN, startCompany } from './lib/company.mjs';
import { atWork, noFaults, startBrowser } from './lib/people.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const people = [
  ['Wilma', 'Adler', 'wilma.adler@a.example'], ['Wilma', 'Adler', 'wilma.adler+fair@a.example'],
  ['Otto', 'Brandt', 'otto.brandt@b.example'], ['Otto', 'Brandt', 'otto.brandt@gmx.de'],
  ['Pia', 'Conrad', 'pia.conrad@c.example'], ['Pia', 'Konrad', 'pia.conrad+x@c.example'],
];

async function open() {
  const furrow = await startCompany();
  const browser = await startBrowser();
  const ids = {};
  for (const [first_name, last_name, email] of people) {
    ids[email] = (await furrow.api(ADMIN, '/contacts', { method: 'POST', body: { first_name, last_name, email } })).id;
  }
  return { furrow, browser, ids, admin: await atWork(browser, furrow, ADMIN) };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}
const pairs = (page) => page.getByRole('navigation', { name: 'Pairs' }).getByRole('link');
const shown = (page, name) => page.getByRole('region', { name: new RegExp(`^${name}`) }).waitFor();
const said = (page, text) => page.getByRole('status').filter({ hasText: text }).first().waitFor();

async function theJobFindsThem({ furrow, admin }) {
  await until('all pairs to be found', async () => {
    await admin.goto(`${furrow.url}/duplicates`);
    return (await pairs(admin).count()) === 3;
  });
}

async function byKeyboard({ furrow, admin, ids }) {
  await shown(admin, 'Wilma Adler');
  await admin.keyboard.press('w'); /* keeps the younger one */
  await admin.waitForURL(/swap=1/);
  await admin.keyboard.press('m');
  await said(admin, 'Wilma Adler was merged into Wilma Adler.');
  assert.equal((await furrow.api(ADMIN, `/contacts/${ids['wilma.adler+fair@a.example']}`)).email, 'wilma.adler+fair@a.example');
  await shown(admin, 'Pia Conrad');
  await admin.keyboard.press('s');
  await shown(admin, 'Otto Brandt');
  await admin.keyboard.press('d');
  await said(admin, 'Not the same');
  await shown(admin, 'Pia Conrad');
  await admin.keyboard.press('u'); /* was that so? */
  await said(admin, 'They are to be decided again.');
  await shown(admin, 'Otto Brandt');
  await admin.keyboard.press('d');
  await said(admin, 'Not the same');
  await until('one pair to be left', async () => (await pairs(admin).count()) === 1);
}

async function reachable({ admin }) {
  await admin.evaluate(axe);
  const found = await admin.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'] })).violations
    .map((one) => `${one.id}: ${one.nodes[0].html}`));
  assert.deepEqual(found, []);
  noFaults(admin.context());
}

async function withoutScripts({ furrow, browser }) {
  const plain = await atWork(browser, furrow, ADMIN, { path: '/duplicates', javaScriptEnabled: false });
  await plain.getByRole('button', { name: /^Merge the certain ones/ }).click();
  await plain.getByText('1 merged.').waitFor();
  await plain.getByText('No contacts look alike').waitFor();
  await plain.getByRole('button', { name: 'undo the merge of Pia Konrad' }).click();
  await plain.getByText('Pia Konrad is a contact of its own again.').waitFor();
  await plain.context().close();
}

export default {
  name: 'duplicates',
  story: true,
  open,
  close,
  tests: [
    ['what looks alike is found as it comes in', theJobFindsThem],
    ['pairs are decided by keyboard', byKeyboard],
    ['nothing is in the way of assistive technology', reachable],
    ['without JavaScript', withoutScripts],
  ],
};
