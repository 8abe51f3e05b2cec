// form.spec.mjs -- a form as strangers meet it: the hosted page with its errors, choices and consent, the page it leads
// to on another site, and what a program that fills in everything gets.
import assert from 'node:assert/strict';
import { until } from './lib/harness.mjs';
import { MARKETER, users } from './lib/company.mjs';
import { startFurrow } from './lib/furrow.mjs';
import { atWork, noFaults, openContext, startBrowser } from './lib/people.mjs';
import { startShop } from './lib/shop.mjs';

async function open() {
  const furrow = await startFurrow({ users });
  const shop = await startShop({ furrow: furrow.url, tracker: 'none' });
  const browser = await startBrowser();
  const marketer = await atWork(browser, furrow, MARKETER, { path: '/forms/new' });
  const page = await (await openContext(browser)).newPage();
  return { furrow, shop, browser, marketer, page };
}
async function close({ furrow, shop, browser }) {
  await browser.close();
  await shop.stop();
  await furrow.stop();
}

async function build({ furrow, shop, marketer }) {
  await marketer.getByLabel('Name').fill('Soil test');
  await marketer.getByLabel('Introduction').fill('Two minutes, then we send you the kit.');
  await marketer.getByLabel('Consent text').fill('Yes, send me the letter for growers.');
  await marketer.getByLabel('Or go to this page').fill(shop.url('/demo'));
  await marketer.getByRole('button', { name: 'Create form' }).click();
  await marketer.getByText('This form is a draft').waitFor();
  assert.equal((await fetch(`http://127.0.0.1:${furrow.port}/f/soil-test`)).status, 404);
  await marketer.goto(`${marketer.url()}/build`);
  const rows = marketer.locator('.build-row');
  const shown = marketer.locator('#build-shown'); /* what visitors will see, drawn while one types */
  await marketer.getByRole('button', { name: 'Choice', exact: true }).click();
  await rows.last().getByLabel('Label', { exact: true }).fill('What do you grow');
  await rows.last().getByLabel('Choices', { exact: true }).fill('Apples, Vines, Hops');
  await rows.last().getByLabel('Must be filled in').check();
  await shown.getByLabel('What do you grow').waitFor();
  await marketer.getByRole('button', { name: 'Paragraph of text' }).click();
  await rows.last().getByLabel('Label', { exact: true }).fill('Anything else');
  await shown.getByLabel('Anything else').waitFor();
  await rows.last().getByRole('button', { name: 'Remove' }).click();
  await shown.getByLabel('Anything else').waitFor({ state: 'detached' });
  await marketer.locator('[data-undo]').click();
  await shown.getByLabel('Anything else').waitFor();
  await rows.last().locator('summary').first().focus(); /* by keys, before the choice */
  await marketer.keyboard.press('Alt+ArrowUp');
  await until('the order', async () => (await rows.last().innerText()).includes('What do you grow'));
  await marketer.getByRole('button', { name: 'Save fields' }).click();
  await marketer.getByRole('button', { name: 'Publish' }).click();
  await marketer.getByText('Published at /f/soil-test.').waitFor();
}

async function errorsLoseNothing({ furrow, page }) {
  await page.goto(`${furrow.url}/f/soil-test`);
  await page.getByText('Two minutes, then we send you the kit.').waitFor();
  await page.getByLabel('First name').fill('Žofie');
  await page.getByLabel('Work email').fill('no address');
  await page.getByLabel('Anything else').fill('Two lines\nof text <b>and markup</b>');
  await page.getByLabel(/send me the letter/).check();
  await page.evaluate(() => document.querySelector('form').submit()); /* as without scripts: the server has the last word */
  await page.getByRole('alert').waitFor();
  assert.equal(await page.getByLabel('First name').inputValue(), 'Žofie');
  assert.equal(await page.getByLabel('Anything else').inputValue(), 'Two lines\nof text <b>and markup</b>');
  assert.ok(await page.getByLabel(/send me the letter/).isChecked());
  await page.getByText('Please fill in: What do you grow.').waitFor();
  assert.equal(await page.getByLabel('Work email').getAttribute('aria-invalid'), 'true');
  assert.equal(await page.getByLabel('Work email').inputValue(), 'no address');
}

async function leadsToTheSite({ furrow, shop, page }) {
  await page.getByLabel('Work email').fill('zofie@sad.example');
  await page.getByLabel('What do you grow').selectOption('Hops');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL(shop.url('/demo'));
  const { data: [contact] } = await furrow.api(MARKETER, '/contacts?q=zofie');
  assert.deepEqual([contact.first_name, contact.lifecycle, contact.consent], ['Žofie', 'lead', ['newsletter']]);
  const { data: [submission] } = await furrow.api(MARKETER, '/submissions');
  assert.equal(submission.consent_text, 'Yes, send me the letter for growers.');
  const data = typeof submission.data === 'string' ? JSON.parse(submission.data) : submission.data;
  assert.equal(data['what-do-you-grow'], 'Hops');
}

async function twiceIsOneContact({ furrow, page, shop }) {
  await page.goto(`${furrow.url}/f/soil-test`);
  await page.getByLabel('First name').fill('Somebody else');
  await page.getByLabel('Work email').fill('ZOFIE@sad.example');
  await page.getByLabel('What do you grow').selectOption('Vines');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL(shop.url('/demo'));
  const { data } = await furrow.api(MARKETER, '/contacts');
  assert.deepEqual(data.map((one) => one.first_name), ['Žofie']);
}

async function programsAreNotLeads({ furrow, page, shop, marketer }) {
  await page.goto(`${furrow.url}/f/soil-test`);
  await page.getByLabel('Work email').fill('bot@spam.example');
  await page.getByLabel('What do you grow').selectOption('Apples');
  await page.locator('input[name=website_url]').evaluate((input) => { input.value = 'http://spam.example'; });
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL(shop.url('/demo')); /* a program learns nothing */
  assert.equal((await furrow.api(MARKETER, '/contacts')).data.length, 1);
  await marketer.goto(`${furrow.url}/submissions`);
  await marketer.getByText('the hidden field was filled in').waitFor();
}

async function plainHtmlOfAnySite({ furrow, page, shop }) {
  shop.form = `${furrow.url}/f/soil-test`;
  await page.goto(shop.url('/contact'));
  await page.getByLabel('Work email').fill('anna@weingut.example');
  await page.getByRole('button', { name: 'Ask for a call' }).click();
  /* A required answer that the site's own form does not ask for: the hosted page asks for it. */
  await page.getByText('Please fill in: What do you grow.').waitFor();
  assert.equal(await page.getByLabel('Work email').inputValue(), 'anna@weingut.example');
  await page.getByLabel('What do you grow').selectOption('Vines');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL(shop.url('/demo'));
  await until('the contact', async () => (await furrow.api(MARKETER, '/contacts?q=anna')).data.length === 1);
}

async function scriptsOfAnySite({ furrow, page, shop }) {
  await page.goto(shop.url('/contact'));
  const answer = await page.evaluate(async (url) => {
    const got = await fetch(url, { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams({ email: 'js@site.example', 'what-do-you-grow': 'Hops' }) });
    return [got.status, await got.json()];
  }, `${furrow.url}/f/soil-test`);
  assert.deepEqual([answer[0], answer[1].message], [200, 'Thank you. We will be in touch soon.']);
}

export default {
  name: 'form',
  story: true,
  open,
  close,
  tests: [
    ['a marketer builds and publishes it', build],
    ['errors lose nothing', errorsLoseNothing],
    ['it leads to the page of the site', leadsToTheSite],
    ['who comes twice is one contact', twiceIsOneContact],
    ['programs are kept apart and learn nothing', programsAreNotLeads],
    ['plain HTML of any site', plainHtmlOfAnySite],
    ['scripts of any site', scriptsOfAnySite],
    ['no page failed', async ({ marketer, page }) => noFaults(marketer.context(), page.context())],
  ],
};
