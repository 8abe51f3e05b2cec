// keys.spec.mjs -- hands on the keyboard: search, create, lists, forms, help.
import assert from 'node:assert/strict';
import { until } from './lib/harness.mjs';
import { SELLER, startCompany } from './lib/company.mjs';
import { atWork, idOf, noFaults, startBrowser } from './lib/people.mjs';

async function open() {
  const furrow = await startCompany();
  const browser = await startBrowser();
  return { furrow, browser, page: await atWork(browser, furrow, SELLER, { path: '/contacts' }) };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}

async function paletteFinds({ furrow, page }) {
  const asked = [
    ['hanna', 'Hanna Brandt', '/contacts/'], ['brandt-obst', 'Hanna Brandt', '/contacts/'], ['priya.nair@kest', 'Priya Nair', '/contacts/'],
    ['niguez', 'José Ñíguez', '/contacts/'], ['agard', 'Søren Ågård', '/contacts/'], ['SOREN ag', 'Søren Ågård', '/contacts/'],
    ['forty', 'Forty probes', '/deals/'], ['kestrel', 'Kestrel Labs', '/companies/'],
  ];
  for (const [words, name, path] of asked) {
    await page.goto(`${furrow.url}/deals`);
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Search' }).waitFor();
    await page.keyboard.type(words);
    const result = page.locator('.result', { has: page.locator('.result-text', { hasText: name }) }).first();
    await result.waitFor({ timeout: 3000 }).catch(() => assert.fail(`"${words}" does not find ${name}`));
    for (let i = 0; i < 12 && !/is-at/.test(await result.getAttribute('class')); i += 1) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname.startsWith(path) && url.pathname !== path);
    await page.getByRole('heading', { name, level: 1 }).waitFor();
  }
}

async function paletteOpensPages({ furrow, page }) {
  await page.goto(`${furrow.url}/contacts`);
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Search' }).waitFor();
  await page.keyboard.type('new deal'); /* and Enter at once, before anything was found */
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/deals\/new/);
  await page.goto(`${furrow.url}/contacts`);
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
}

async function createMenu({ furrow, page }) {
  await page.goto(`${furrow.url}/contacts`);
  await page.keyboard.press('c');
  await page.getByRole('link', { name: 'Deal', exact: true }).or(page.locator('[data-menu=create] .menu-item', { hasText: 'deal' })).first().waitFor();
  const items = await page.locator('[data-menu=create] .menu-item').allInnerTexts();
  for (let i = 0; i < items.length; i += 1) {
    if (/^(new )?contact$/i.test(await page.evaluate(() => document.activeElement.textContent.trim()))) break;
    await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/contacts\/new/);
  await page.keyboard.type('Wilma');
  assert.equal(await page.getByLabel('First name').inputValue(), 'Wilma', 'the first field has no focus');
  await page.getByLabel('Email').fill('wilma@frost.example');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('heading', { name: 'Wilma', level: 1 }).waitFor();
}

async function listByKeys({ furrow, page }) {
  await page.goto(`${furrow.url}/contacts`);
  const rows = page.locator('#list tr[data-row-url]');
  const at = () => rows.evaluateAll((all) => all.findIndex((row) => row.classList.contains('is-at')));
  await page.keyboard.press('ArrowDown');
  assert.equal(await at(), 0);
  await page.keyboard.press('j');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('k');
  assert.equal(await at(), 1);
  await page.keyboard.press('x');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('x');
  assert.equal(await page.locator('input[name=id]:checked').count(), 2);
  await page.getByText('With 2 rows').waitFor();
  const url = await rows.nth(2).getAttribute('data-row-url');
  await page.keyboard.press('Enter');
  await page.waitForURL((now) => now.pathname === url);
  await page.goto(`${furrow.url}/contacts`);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('e');
  await page.waitForURL(/\/contacts\/[^/]+\/edit$/);
  await page.goto(`${furrow.url}/contacts`);
  await page.keyboard.press('/');
  await page.keyboard.type('jose');
  await until('the list to follow the words', async () => (await page.locator('.count').innerText()) === '1 contact');
  await until('the address', () => /q=jose/.test(page.url()));
}

async function bulkChange({ furrow, page }) {
  const bulk = page.getByLabel('What to do with the ticked rows');
  const tickTwo = async () => {
    await page.goto(`${furrow.url}/deals`);
    for (const key of ['ArrowDown', 'x', 'ArrowDown', 'x']) await page.keyboard.press(key);
  };
  await tickTwo();
  await bulk.selectOption({ label: 'Next step …' });
  await page.locator('.bulk-bar').getByLabel('Next step').fill('Call on Monday');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('2 deals changed.').waitFor();
  await tickTwo();
  await bulk.selectOption({ label: 'Move to the trash' });
  await page.getByRole('button', { name: 'Go on' }).click();
  const sure = page.getByRole('button', { name: /trash|Yes|Go on|Delete/i }).first();
  if (await page.locator('body.plain').count()) await sure.click();
  await until('the count', async () => (await page.locator('.count').innerText()) === '3 deals');
}

async function filterAsSentence({ furrow, page }) {
  await page.goto(`${furrow.url}/deals`);
  await page.keyboard.press('f');
  await page.getByLabel('Field').selectOption({ label: 'Amount' });
  await page.getByLabel('Condition').waitFor();
  await until('the operators of a number', async () => /more|over|greater|least|>/i.test(await page.getByLabel('Condition').innerText()));
  const operators = await page.getByLabel('Condition').locator('option').allInnerTexts();
  await page.getByLabel('Condition').selectOption({ label: operators.find((o) => /more|over|greater|>/i.test(o)) });
  await page.getByLabel('Value').fill('5000');
  await page.keyboard.press('Enter');
  await page.locator('.chip', { hasText: 'Amount' }).waitFor();
  const words = (await page.locator('.chip').innerText()).replace(/\s+/g, ' ');
  assert.match(words, /Amount .*5,000/);
  for (const text of await page.locator('tbody .c-money').allInnerTexts()) assert.ok(Number(text.replace(/[^\d.]/g, '')) > 5000, text);
}

async function factInPlace({ furrow, page }) {
  const [hanna] = furrow.contacts;
  await page.goto(`${furrow.url}/contacts/${hanna.id}`);
  await page.locator('#fact-job_title').hover();
  await page.getByRole('link', { name: 'Edit Job title' }).click();
  await page.locator('.fact-editing').getByLabel('Job title').fill('Managing director');
  await page.keyboard.press('Enter');
  await page.locator('#fact-job_title:not(.fact-editing)').getByText('Managing director').waitFor();
  assert.equal((await furrow.api(SELLER, `/contacts/${hanna.id}`)).job_title, 'Managing director');
  await page.locator('#fact-phone').hover();
  await page.getByRole('link', { name: 'Edit Phone' }).click();
  await page.locator('.fact-editing').getByLabel('Phone').fill('no number');
  await page.keyboard.press('Enter');
  await page.locator('.fact-editing .field-error').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('#fact-phone:not(.fact-editing)').waitFor();
  await page.getByText('History of changes').click();
  await page.locator('.history').getByText('Job title').first().waitFor();
}

async function help({ furrow, page }) {
  await page.goto(`${furrow.url}/contacts`);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Find a record or a page').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
}

async function unsavedIsAsked({ furrow, page }) {
  await page.goto(`${furrow.url}/contacts/new`);
  await page.getByLabel('First name').fill('Half');
  const asked = page.waitForEvent('dialog');
  const left = page.getByRole('link', { name: 'Cancel' }).click().catch(() => {});
  const dialog = await asked;
  assert.equal(dialog.type(), 'beforeunload');
  await dialog.dismiss();
  await left;
  assert.equal(await page.getByLabel('First name').inputValue(), 'Half');
  await page.getByLabel('Email').fill('half@done.example');
  await page.getByRole('button', { name: 'Create contact' }).click();
  await page.getByRole('heading', { name: 'Half', level: 1 }).waitFor();
}

async function refIsFound({ furrow, page }) {
  await page.goto(`${furrow.url}/deals/new`);
  await page.getByLabel('Name').fill('Drip lines');
  await page.getByLabel('Contact').fill('agard');
  await page.getByRole('option', { name: /Søren Ågård/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.equal(await page.getByLabel('Contact').inputValue(), 'Søren Ågård');
  await page.getByLabel('Name').press('Control+Enter');
  await page.getByRole('heading', { name: 'Drip lines', level: 1 }).waitFor();
  assert.equal((await furrow.api(SELLER, `/deals/${idOf(page)}`)).contact_id, furrow.contacts[2].id);
}

/* My team's pages first and open, the others' folded; what I unfold stays so. */
async function menuByKeys({ furrow, page }) {
  const side = page.locator('#nav');
  const heads = () => side.locator('summary.side-team:visible').allInnerTexts();
  await page.goto(`${furrow.url}/`);
  assert.deepEqual((await heads()).map((text) => text.trim()).slice(0, 2), ['Sales', 'Marketing']);
  assert.ok(await side.getByRole('link', { name: 'Deals', exact: true }).isVisible());
  assert.ok(!await side.getByRole('link', { name: 'Campaigns', exact: true }).isVisible());
  await page.keyboard.press('m');
  const at = () => page.evaluate(() => document.activeElement.textContent.trim());
  assert.equal(await at(), 'Home');
  for (let i = 0; i < 40 && await at() !== 'Marketing'; i += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await side.getByRole('link', { name: 'Campaigns', exact: true }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await at(), 'Marketing');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname !== '/');
  await page.goto(`${furrow.url}/companies`);
  assert.ok(await side.getByRole('link', { name: 'Campaigns', exact: true }).isVisible(), 'what was unfolded is folded again');
  await page.goto(`${furrow.url}/products`); /* a page that is seldom needed shows where it is */
  assert.ok(await side.getByRole('link', { name: 'Products', exact: true }).isVisible());
}

export default {
  name: 'keys',
  open,
  close,
  tests: [
    ['Ctrl-K finds people, companies and deals', paletteFinds],
    ['Ctrl-K opens pages, Escape closes it', paletteOpensPages],
    ['C creates, Ctrl-Enter saves', createMenu],
    ['a list by arrows, Enter, X, E and /', listByKeys],
    ['ticked rows are changed together', bulkChange],
    ['a filter reads as a sentence', filterAsSentence],
    ['a fact is edited in place', factInPlace],
    ['a reference finds any record', refIsFound],
    ['leaving with unsaved changes is asked', unsavedIsAsked],
    ['the menu by M and arrows', menuByKeys],
    ['? is help', help],
    ['no page and no request failed', async ({ page }) => noFaults(page.context())],
  ],
};
