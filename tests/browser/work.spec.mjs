// work.spec.mjs -- what else a day brings: leads answered no, tasks in the queue, an import, views, an invitation, the look.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './lib/harness.mjs';
import { ADMIN, MARKETER, SELLER, startCompany } from './lib/company.mjs';
import { atWork, follow, noFaults, openContext, startBrowser } from './lib/people.mjs';

async function open() {
  const furrow = await startCompany();
  const browser = await startBrowser();
  const seller = await atWork(browser, furrow, SELLER);
  const marketer = await atWork(browser, furrow, MARKETER);
  const admin = await atWork(browser, furrow, ADMIN, { path: '/users' });
  const { id } = (await furrow.api(SELLER, `/users?filter=${encodeURIComponent(`email = '${SELLER}'`)}`)).data[0];
  return { furrow, browser, seller, marketer, admin, me: id };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}
/* Contacts that no deal has made an opportunity yet. */
async function lead({ furrow, me }, first_name, reason) {
  const contact = await furrow.api(MARKETER, '/contacts', { method: 'POST', body: { first_name, email: `${first_name.toLowerCase()}@lead.example` } });
  await furrow.api(MARKETER, '/handoffs', { method: 'POST', body: { contact_id: contact.id, owner_id: me, reason } });
  return contact;
}

async function recyclesWithReason(given) {
  const { furrow, seller, marketer } = given;
  const { id } = await lead(given, 'Wilma', 'Asked for prices');
  await seller.goto(`${furrow.url}/leads`);
  await seller.getByText('Recycle').first().click();
  await seller.getByLabel('Why not now?').selectOption('Too early');
  await seller.getByLabel('For marketing (optional)').last().fill('After the harvest.');
  await seller.getByRole('button', { name: 'Send back to nurture' }).click();
  await seller.getByText(/^Lead sent back to nurture: /).waitFor();
  await seller.getByText('No lead is waiting').waitFor();
  assert.equal((await furrow.api(MARKETER, `/contacts/${id}`)).lifecycle, 'lead');
  await marketer.goto(`${furrow.url}/notifications`);
  await marketer.getByRole('link', { name: /Wilma sent back to nurture: Too early/ }).click();
  await marketer.getByText('After the harvest.').first().waitFor();
}

async function rejectsWithReason(given) {
  const { furrow, seller } = given;
  const { id } = await lead(given, 'Otto', 'Read every page');
  await seller.goto(`${furrow.url}/leads`);
  await seller.getByText('Reject').first().click();
  await seller.getByRole('button', { name: 'Reject lead' }).click();
  assert.match(seller.url(), /\/leads$/, 'a reason must be given');
  await seller.getByLabel('Why is it no lead?').selectOption('Wrong person');
  await seller.getByRole('button', { name: 'Reject lead' }).click();
  await seller.getByText(/^Lead rejected: /).waitFor();
  assert.equal((await furrow.api(MARKETER, `/contacts/${id}`)).lifecycle, 'disqualified');
}

async function acceptsFromHome(given) {
  const { furrow, seller } = given;
  const { id } = await lead(given, 'Berta', 'Came to the stand');
  await seller.goto(`${furrow.url}/`);
  const item = seller.locator('.queue-item', { hasText: 'Berta' });
  await item.getByText('Came to the stand').waitFor();
  await item.getByRole('button', { name: 'Accept' }).click();
  await seller.getByText('Lead accepted.').waitFor();
  assert.equal((await furrow.api(MARKETER, `/contacts/${id}`)).lifecycle, 'sal');
}

async function taskInTheQueue({ furrow, seller }) {
  await seller.goto(`${furrow.url}/deals/${furrow.deals[0].id}`);
  await seller.getByRole('link', { name: 'Task', exact: true }).click();
  await seller.locator('.composer').getByLabel('Subject').fill('Send the offer');
  const due = seller.locator('.composer').getByLabel('Due');
  await due.fill('2026-01-05T09:00');
  await seller.locator('.composer-form').getByRole('button').last().click();
  await seller.getByRole('region', { name: 'Related' }).getByText('Send the offer').waitFor();
  await seller.goto(`${furrow.url}/`);
  const item = seller.locator('.queue-item', { hasText: 'Send the offer' });
  await item.locator('.pill-late').waitFor();
  await item.getByRole('button', { name: /Done|done/ }).click();
  await seller.getByText('Done: Send the offer.').waitFor();
  assert.equal(await seller.locator('.queue-item', { hasText: 'Send the offer' }).count(), 0);
}

/* A note on a deal and a comment on a campaign, each under the eyes of the other team. */
async function bothWrite({ furrow, seller, marketer }) {
  const path = `${furrow.url}/deals/${furrow.deals[1].id}`;
  await follow(marketer, path);
  await follow(seller, path);
  await seller.locator('.composer textarea').fill('They saw us at the fair; mention the frost alert.');
  await seller.getByRole('button', { name: 'Save note' }).click();
  for (const page of [seller, marketer]) {
    await page.getByRole('region', { name: 'Journey' }).getByText('mention the frost alert').waitFor();
  }
  const { id } = await furrow.api(MARKETER, '/campaigns', { method: 'POST', body: { name: 'Frost alert' } });
  await seller.goto(`${furrow.url}/campaigns/${id}`);
  await follow(marketer, `${furrow.url}/campaigns/${id}`);
  await seller.locator('.composer textarea').fill('Growers ask for the price first.');
  await seller.getByRole('button', { name: 'Add comment' }).click();
  for (const page of [seller, marketer]) await page.locator('.ev-body', { hasText: 'Growers ask for the price first.' }).waitFor();
}

async function savesAView({ furrow, seller }) {
  await seller.goto(`${furrow.url}/deals?sort=-amount`);
  await seller.keyboard.press('f');
  await seller.getByLabel('Field').selectOption({ label: 'Owner' });
  await until('the people', async () => (await seller.getByLabel('Condition').count()) === 1);
  const operators = await seller.getByLabel('Condition').locator('option').allInnerTexts();
  if (operators.includes('is me')) await seller.getByLabel('Condition').selectOption({ label: 'is me' });
  else {
    await seller.locator('#filter-rest').getByRole('combobox').last().fill('Tom');
    await seller.getByRole('option', { name: /Tom Okafor/ }).click();
  }
  await seller.locator('.filter-form').getByRole('button', { name: 'Add filter' }).click();
  await seller.locator('.chip').waitFor();
  assert.equal(await seller.locator('.count').innerText(), '5 deals');
  await seller.getByText('Save view').first().click();
  await seller.getByLabel('Name of the view').fill('Mine by size');
  await seller.getByRole('button', { name: 'Save view' }).click();
  await seller.getByRole('link', { name: 'Mine by size' }).waitFor();
  await seller.goto(`${furrow.url}/deals`);
  await seller.getByRole('link', { name: 'Mine by size' }).click();
  await seller.locator('.chip').waitFor();
  const amounts = (await seller.locator('tbody .c-money').allInnerTexts()).map((text) => Number(text.replace(/[^\d.]/g, '')));
  assert.deepEqual(amounts, [...amounts].sort((a, b) => b - a));
}

async function exportsWhatIsShown({ furrow, seller }) {
  await seller.goto(`${furrow.url}/contacts?q=agard`);
  const [download] = await Promise.all([seller.waitForEvent('download'), seller.getByRole('link', { name: 'Export' }).click()]);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  const lines = Buffer.concat(chunks).toString('utf8').trim().split('\r\n');
  assert.equal(lines.length, 2);
  assert.match(lines[1], /Søren/);
  assert.match(download.suggestedFilename(), /\.csv$/);
}

async function importsContacts({ furrow, marketer }) {
  const file = join(mkdtempSync(join(tmpdir(), 'furrow-csv-')), 'fair.csv');
  writeFileSync(file, 'First name;Last name;E-mail;Town\r\nJürgen;Öztürk;jurgen@fair.example;Köln\r\nAnna;Weiß;anna@fair.example;Graz\r\n'
    + 'Bad;Line;not an address;Rom\r\nHanna;Brandt;hanna.brandt@brandt-obst.example;Altes Land\r\n');
  await marketer.goto(`${furrow.url}/settings/import`);
  await marketer.getByLabel('What is in the file').selectOption('Contacts');
  await marketer.getByLabel('CSV file').setInputFiles(file);
  await marketer.getByRole('button', { name: 'Upload and look' }).click();
  await marketer.getByText('Nothing is changed yet', { exact: false }).or(marketer.getByText('nothing is changed yet', { exact: false })).first().waitFor();
  await marketer.getByLabel('Town becomes').selectOption('City');
  await marketer.getByLabel('E-mail becomes').selectOption('Email');
  await marketer.getByRole('button', { name: 'Check the rows' }).click();
  await marketer.getByRole('region', { name: 'Bad lines' }).getByText('not an address', { exact: true }).waitFor();
  assert.equal((await furrow.api(MARKETER, '/contacts?q=jurgen')).data.length, 0);
  await marketer.getByRole('button', { name: /^Import/ }).click();
  await until('the import', async () => {
    await marketer.goto(marketer.url());
    return (await furrow.api(MARKETER, '/contacts?q=ozturk')).data.length === 1;
  });
  const [jurgen] = (await furrow.api(MARKETER, '/contacts?q=ozturk')).data;
  assert.deepEqual([jurgen.first_name, jurgen.last_name, jurgen.city], ['Jürgen', 'Öztürk', 'Köln']);
  assert.equal((await furrow.api(MARKETER, '/contacts?q=brandt')).data[0].city, 'Altes Land');
}

async function invites({ furrow, browser, admin }) {
  await admin.goto(`${furrow.url}/users/new`);
  await admin.getByLabel('Name').fill('Nora New');
  await admin.getByLabel('Email').fill('nora@northfield.example');
  await admin.getByLabel('Role').fill('Sal');
  await admin.getByRole('option', { name: 'Sales' }).click();
  await admin.getByRole('button', { name: 'Create user' }).click();
  await admin.getByRole('heading', { name: 'Nora New', level: 1 }).waitFor();
  const invite = admin.getByRole('button', { name: 'Make a password link' });
  if (!await invite.isVisible()) await admin.getByLabel('More actions').click();
  await invite.click();
  const link = await admin.locator('.secret-text').innerText();
  assert.ok(link.startsWith(`${furrow.url}/welcome/`), link);
  const context = await openContext(browser);
  const nora = await context.newPage();
  await nora.goto(link);
  for (const input of await nora.locator('input[type=password]').all()) await input.fill('seven herons over the pond');
  await nora.getByRole('button').last().click();
  await nora.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
  assert.equal(await nora.getByText('Users', { exact: true }).count() >= 0, true);
  noFaults(context);
  await context.close();
}

async function themeStays({ furrow, seller }) {
  await seller.goto(`${furrow.url}/contacts`);
  await seller.locator('[data-menu=me] summary').click();
  await seller.getByRole('button', { name: 'Dark' }).click();
  await until('the dark', async () => (await seller.locator('html').getAttribute('data-theme')) === 'dark');
  await seller.goto(`${furrow.url}/deals`);
  assert.equal(await seller.locator('html').getAttribute('data-theme'), 'dark');
  const ground = await seller.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.ok(ground.match(/\d+/g).slice(0, 3).every((n) => Number(n) < 60), ground);
}

async function strangersSeeNothing({ furrow, browser }) {
  const context = await openContext(browser);
  const page = await context.newPage();
  for (const path of ['/', '/contacts', `/contacts/${furrow.contacts[0].id}`, '/insight/metrics', '/settings']) {
    await page.goto(furrow.url + path);
    assert.match(page.url(), /\/sign-in/, path);
  }
  await context.close();
}

async function wrongAddresses({ furrow, seller }) {
  for (const path of ['/nowhere', '/contacts/0000000000000', '/deals/xyz']) {
    const answer = await seller.goto(furrow.url + path);
    assert.equal(answer.status(), 404, path);
    await seller.getByRole('heading', { level: 1 }).waitFor();
    await seller.getByRole('link', { name: /home page|search|back/i }).first().waitFor();
  }
  assert.equal((await seller.goto(`${furrow.url}/settings/jobs`)).status(), 403);
}

/* Typing may be quicker than the answer with the other form. */
async function noteBecomesCall({ furrow, seller }) {
  const path = `${furrow.url}/contacts/${furrow.contacts[0].id}`;
  const typed = 'Twelve hectares, two wells';
  const text = seller.locator('#composer').getByLabel('Text');
  let go;
  const held = new Promise((done) => { go = done; });
  await seller.route(/compose=call/, async (route) => {
    await held;
    await route.continue();
  });
  await seller.goto(path);
  await seller.locator('.composer-tab', { hasText: 'Call' }).click();
  await text.fill(typed);
  go();
  await seller.locator('.composer-tab[aria-current]', { hasText: 'Call' }).waitFor();
  assert.equal(await text.inputValue(), typed);
  await text.fill('');
  await seller.getByRole('button', { name: 'Log call' }).click();
  await seller.getByText('Write a subject or a text.').waitFor();
  await seller.goto(seller.url()); /* the address that the form was posted to */
  assert.equal(seller.url(), path);
  await seller.unroute(/compose=call/);
}

export default {
  name: 'work',
  open,
  close,
  tests: [
    ['a lead is sent back with a reason', recyclesWithReason],
    ['a lead is rejected with a reason', rejectsWithReason],
    ['a lead is accepted from Home', acceptsFromHome],
    ['a task waits in the queue and is ticked off', taskInTheQueue],
    ['a note and a comment are read by the other team', bothWrite],
    ['what was typed goes along when a note becomes a call', noteBecomesCall],
    ['a view is saved', savesAView],
    ['what is shown is exported', exportsWhatIsShown],
    ['contacts are imported, bad lines apart', importsContacts],
    ['a colleague is invited', invites],
    ['the look stays as chosen', themeStays],
    ['strangers see nothing', strangersSeeNothing],
    ['wrong addresses help on', wrongAddresses],
    ['no page and no request failed', async ({ furrow, seller, marketer, admin }) => {
      noFaults(seller.context(), marketer.context(), admin.context());
      assert.doesNotMatch(furrow.log(), /level=error/);
    }],
  ],
};
