// tracker.spec.mjs -- our own tracker on a site: page views with and without loading, consent and the first-party id,
// engagement, outbound links, downloads, forms; and that without consent nothing is stored.
import assert from 'node:assert/strict';
import { until } from './lib/harness.mjs';
import { MARKETER, users } from './lib/company.mjs';
import { startFurrow } from './lib/furrow.mjs';
import { atWork, openContext, startBrowser } from './lib/people.mjs';
import { startShop } from './lib/shop.mjs';

async function open() {
  const furrow = await startFurrow({ users });
  const shop = await startShop({ furrow: furrow.url, tracker: 'own', data: 'data-domains="shop.example,blog.example"' });
  const browser = await startBrowser();
  const api = (path, body) => furrow.api(MARKETER, path, { method: 'POST', body });
  await api('/sites', { name: 'Northfield', domain: 'shop.example', aliases: ['blog.example'] });
  const form = await api('/forms', { name: 'Ask for a call', consent_text: 'Yes, write to me.' });
  const marketer = await atWork(browser, furrow, MARKETER, { path: `/forms/${form.id}` });
  await marketer.getByRole('button', { name: 'Publish' }).click();
  await marketer.getByRole('link', { name: /\/f\/ask-for-a-call$/ }).waitFor();
  shop.form = `${furrow.url}/f/ask-for-a-call`;
  const visitor = await openContext(browser);
  const page = await visitor.newPage();
  const sent = [];
  visitor.on('request', (request) => {
    if (request.url().endsWith('/api/event')) sent.push(JSON.parse(request.postData()));
  });
  const dropped = [];
  visitor.on('response', (answer) => {
    if (!answer.url().endsWith('/api/event')) return;
    if (answer.status() !== 202 || answer.headers()['x-furrow-dropped']) dropped.push(`${answer.status()} ${answer.headers()['x-furrow-dropped']}`);
  });
  return { furrow, shop, browser, marketer, visitor, page, sent, dropped };
}
async function close({ furrow, shop, browser }) {
  await browser.close();
  await shop.stop();
  await furrow.stop();
}
const event = (sent, name, path) => until(`${name} of ${path}`, () => sent.find((one) => one.n === name && new URL(one.u).pathname === path));

async function scriptIsSmall({ furrow }) {
  const answer = await fetch(furrow.url.replace('furrow.example', '127.0.0.1') + '/js/furrow.js');
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /javascript/);
  assert.notEqual(answer.headers.get('cross-origin-resource-policy'), 'same-origin');
  assert.ok((await answer.text()).length < 3072);
}

async function pageViews({ shop, page, sent }) {
  await page.goto(shop.url('/?utm_source=linkedin&utm_medium=paid_social&utm_campaign=orchards'));
  const first = await event(sent, 'pageview', '/');
  assert.deepEqual([first.d, first.r, first.fid], ['shop.example', null, undefined]);
  await page.getByRole('navigation').getByRole('link', { name: 'Prices' }).click();
  assert.equal((await event(sent, 'pageview', '/pricing')).r, shop.url('/?utm_source=linkedin&utm_medium=paid_social&utm_campaign=orchards'));
}

async function pageViewsWithoutLoading({ page, sent }) {
  await page.evaluate(() => history.pushState({}, '', '/pricing/teams'));
  await event(sent, 'pageview', '/pricing/teams');
  await page.goBack();
  await until('the way back', () => sent.filter((one) => one.n === 'pageview' && new URL(one.u).pathname === '/pricing').length === 2);
}

async function nothingIsStored({ visitor, page }) {
  assert.deepEqual(await visitor.cookies(), []);
  assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
}

async function engagement({ page, sent }) {
  await page.getByRole('navigation').getByRole('link', { name: 'What a probe knows' }).click();
  await event(sent, 'pageview', '/features');
  await page.mouse.wheel(0, 2500);
  await page.waitForTimeout(300);
  await page.getByRole('navigation').getByRole('link', { name: 'Prices' }).click();
  const told = await event(sent, 'engagement', '/features');
  assert.ok(told.sd > 60, `scrolled ${told.sd} percent`);
  assert.ok(told.e >= 0);
}

async function outboundAndDownloads({ shop, page, sent }) {
  await page.route('**/paper', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Soil</h1>' }));
  await page.locator('#out').click();
  const out = await until('the outbound click', () => sent.find((one) => one.n === 'Outbound Link: Click'));
  assert.equal(out.p.url, 'http://elsewhere.example/paper');
  await page.goto(shop.url('/pricing'));
  await page.evaluate(() => document.querySelector('#file').setAttribute('download', ''));
  await page.locator('#file').click();
  const file = await until('the download', () => sent.find((one) => one.n === 'File Download'));
  assert.equal(file.p.url, shop.url('/prices.pdf'));
}

async function optOut({ shop, browser }) {
  const context = await openContext(browser);
  const page = await context.newPage();
  let asked = 0;
  context.on('request', (request) => { asked += request.url().endsWith('/api/event'); });
  await page.addInitScript(() => { localStorage.furrow_ignore = 'true'; });
  await page.goto(shop.url('/'));
  await page.getByRole('navigation').getByRole('link', { name: 'Prices' }).click();
  await page.waitForLoadState();
  assert.equal(asked, 0);
  await context.close();
}

async function consentGivesAnId(given) {
  const { page, sent, visitor } = given;
  await page.evaluate(() => window.furrow.consent(true));
  const consent = await until('the consent', () => sent.find((one) => one.n === 'consent'));
  const [cookie] = await visitor.cookies();
  assert.equal(cookie.name, 'fw_id');
  assert.equal(cookie.value, consent.fid);
  assert.match(cookie.value, /^[0-9a-f]{32}$/);
  assert.equal(cookie.domain, 'shop.example');
  const months = (cookie.expires - Date.now() / 1000) / 86400 / 30.4;
  assert.ok(months > 12.9 && months < 13.2, `${months} months`);
  given.id = cookie.value;
}

async function idGoesToOwnDomains({ shop, page, sent, id }) {
  const name = new URL(shop.url('/', 'blog.example')).host;
  await page.evaluate((host) => {
    document.querySelector('#out').href = `http://${host}/demo`;
  }, name);
  await page.locator('#out').click();
  await page.waitForURL((url) => url.host === name);
  const view = await until('the page view there', () => sent.find((one) => one.n === 'pageview' && new URL(one.u).host === name));
  assert.equal(view.fid, id);
  assert.doesNotMatch(page.url(), /fw=/, 'the id stays in the address');
}

async function formJoinsEarlierVisits({ furrow, shop, page, marketer, id }) {
  await page.goto(shop.url('/contact'));
  assert.equal(await page.locator('input[name=fw_id]').inputValue(), id);
  await page.getByLabel('First name').fill('Wilma');
  await page.getByLabel('Work email').fill('wilma@frost.example');
  await page.getByRole('button', { name: 'Ask for a call' }).click();
  await page.getByText('Thank you.').waitFor();
  const { data: [wilma] } = await furrow.api(MARKETER, '/contacts?q=wilma');
  await marketer.goto(`${furrow.url}/contacts/${wilma.id}`);
  const visit = marketer.locator('.ev-visit').last();
  await visit.locator('summary').click();
  const paths = await visit.locator('.page-path').allInnerTexts();
  for (const path of ['/contact', '/demo']) assert.ok(paths.includes(path), `${path} is not among ${paths}`);
}

async function consentIsTakenBack({ shop, page, visitor, sent }) {
  await page.goto(shop.url('/'));
  await page.evaluate(() => window.furrow.consent(false));
  assert.deepEqual((await visitor.cookies()).filter((one) => one.domain === 'shop.example'), []);
  sent.length = 0;
  await page.goto(shop.url('/demo'));
  assert.equal((await event(sent, 'pageview', '/demo')).fid, undefined);
}

async function eventsOfOnesOwn({ page, sent }) {
  const answer = await page.evaluate(() => new Promise((done) => {
    window.furrow('Booked a visit', { props: { fields: 3 }, callback: done });
  }));
  assert.equal(answer.status, 202);
  const own = await until('the own event', () => sent.find((one) => one.n === 'Booked a visit'));
  assert.deepEqual(own.p, { fields: 3 });
}

export default {
  name: 'tracker',
  open,
  close,
  tests: [
    ['the script is small and may be loaded by any site', scriptIsSmall],
    ['page views carry where they came from', pageViews],
    ['pages drawn without loading count too', pageViewsWithoutLoading],
    ['without consent nothing is stored', nothingIsStored],
    ['engagement is told when the page is left', engagement],
    ['outbound links and downloads', outboundAndDownloads],
    ['who opted out is not counted', optOut],
    ['consent makes a first-party id of 13 months', consentGivesAnId],
    ['it goes along to one\'s other domains', idGoesToOwnDomains],
    ['a form joins the visits to the contact', formJoinsEarlierVisits],
    ['consent taken back forgets the id', consentIsTakenBack],
    ['events of one\'s own', eventsOfOnesOwn],
    ['every event was kept', async ({ dropped }) => assert.deepEqual(dropped, [])],
  ],
};
