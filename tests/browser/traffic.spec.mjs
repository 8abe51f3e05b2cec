// traffic.spec.mjs -- web analytics by clicking: rows, tabs and numbers change the page in place, by mouse, by keyboard and
// without JavaScript; who is on the site is counted live.
import assert from 'node:assert/strict';
import { MARKETER, users } from './lib/company.mjs';
import { startFurrow } from './lib/furrow.mjs';
import { until } from './lib/harness.mjs';
import { AGENT, atWork, follow, noFaults, startBrowser } from './lib/people.mjs';

const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

async function view(furrow, path, agent = AGENT) {
  const answer = await fetch(`http://127.0.0.1:${furrow.port}/api/event`, {
    method: 'POST', headers: { 'User-Agent': agent, 'Content-Type': 'application/json' },
    body: JSON.stringify({ n: 'pageview', u: `https://shop.example${path}`, d: 'shop.example' }),
  });
  assert.equal(answer.status, 202);
}

async function open() {
  const furrow = await startFurrow({ users });
  await furrow.api(MARKETER, '/sites', { method: 'POST', body: { name: 'Shop', domain: 'shop.example' } });
  await view(furrow, '/?utm_source=letter&utm_medium=email&utm_campaign=spring');
  await view(furrow, '/pricing');
  await view(furrow, '/blog', IPHONE);
  const browser = await startBrowser();
  const page = await atWork(browser, furrow, MARKETER);
  const plain = await atWork(browser, furrow, MARKETER, { javaScriptEnabled: false, path: '/traffic' });
  return { furrow, browser, page, plain };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}

const number = (page, name) => page.locator(`#stat-${name} .stat-value`).innerText();
const chips = (page) => page.locator('.chip').count();
const row = (page, group, name) => page.locator(`#${group}`).getByRole('link', { name, exact: true });

async function rowsNarrowInPlace({ furrow, page }) {
  await follow(page, `${furrow.url}/traffic`);
  await page.evaluate(() => { window.here = true; });
  assert.equal(await number(page, 'visitors'), '2');
  await row(page, 'sources', 'Email').click();
  await page.locator('.chip', { hasText: 'Email' }).waitFor();
  assert.equal(await number(page, 'visitors'), '1');
  assert.equal(await number(page, 'pageviews'), '2');
  await row(page, 'pages', '/pricing').click();
  await page.locator('.chip', { hasText: '/pricing' }).waitFor();
  assert.equal(await number(page, 'pageviews'), '1');
  assert.match(page.url(), /channel=email&page=%2Fpricing/);
  await page.getByRole('link', { name: 'Remove Channel Email' }).click();
  await until('one filter', async () => await chips(page) === 1);
  await page.goBack();
  await until('two filters', async () => await chips(page) === 2);
}

async function tabsAndNumbersByKeyboard({ furrow, page }) {
  await follow(page, `${furrow.url}/traffic`);
  await page.evaluate(() => { window.here = true; });
  await page.locator('#tab-browser').focus();
  await page.keyboard.press('Enter');
  await row(page, 'clients', 'Safari').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'tab-browser', 'the focus stays');
  await page.locator('#stat-visit_bounce_rate').focus();
  await page.keyboard.press('Enter');
  await page.locator('figcaption', { hasText: 'Bounce rate by day' }).waitFor();
  await page.locator('figure.is-drawn canvas').first().waitFor();
  await row(page, 'clients', 'Safari').waitFor();
  assert.ok(await page.evaluate(() => window.here), 'the page was never left');
}

async function filtersByWords({ page }) {
  await page.getByText('Add filter').first().click();
  await page.getByLabel('What', { exact: true }).selectOption({ label: 'Page' });
  await page.getByLabel('How', { exact: true }).selectOption({ label: 'is not' });
  await page.getByLabel('Value', { exact: true }).fill('/b*');
  await page.getByRole('button', { name: 'Add filter' }).click();
  await page.locator('.chip', { hasText: 'is not like' }).waitFor();
  assert.equal(await number(page, 'visitors'), '1');
  await page.getByText('Add filter').first().click();
  await page.getByLabel('What', { exact: true }).selectOption({ label: 'Channel' });
  await page.getByLabel('Value', { exact: true }).fill('carrier pigeon');
  await page.getByRole('button', { name: 'Add filter' }).click();
  await page.getByRole('alert').filter({ hasText: 'is no channel' }).waitFor();
  assert.equal(await chips(page), 1, 'what there was stays');
}

async function countsLive({ furrow, page }) {
  await follow(page, `${furrow.url}/traffic`);
  await page.getByText('2 people on your sites right now').waitFor();
  await view(furrow, '/new-page', AGENT.replace('Chrome/138', 'Chrome/137'));
  await page.getByText('3 people on your sites right now').waitFor();
  await page.locator('#traffic-latest').getByText('/new-page').waitFor();
}

async function worksWithoutScript({ furrow, plain }) {
  await plain.goto(`${furrow.url}/traffic`);
  await plain.locator('#tab-campaign').click();
  await row(plain, 'sources', 'spring').click();
  assert.equal(await chips(plain), 1);
  assert.equal(await number(plain, 'visits'), '1');
  await plain.locator('summary', { hasText: 'Last 30 days' }).click();
  await plain.getByRole('link', { name: 'Today', exact: true }).click();
  assert.match(plain.url(), /period=today/);
  assert.match(plain.url(), /campaign=spring/);
  await plain.locator('summary', { hasText: 'Today' }).click();
  await plain.getByLabel('From').fill('2020-01-01');
  await plain.getByLabel('To', { exact: true }).fill('2020-01-31');
  await plain.getByRole('button', { name: 'Show these days' }).click();
  assert.match(plain.url(), /period=2020-01-01\.\.2020-01-31/);
  await plain.getByText('Nothing in this period fits the filters').waitFor();
  await plain.goto(`${furrow.url}/traffic`);
  await plain.locator('#pages .traffic-more').click();
  await plain.getByRole('columnheader', { name: 'Visit duration' }).waitFor();
  const [file] = await Promise.all([plain.waitForEvent('download'), plain.getByRole('link', { name: 'Export' }).click()]);
  assert.match(file.suggestedFilename(), /^traffic-page-.*\.csv$/);
}

async function nothingWentWrong({ furrow, page, plain }) {
  noFaults(page.context(), plain.context());
  assert.doesNotMatch(furrow.log(), /level=error/);
}

export default {
  name: 'traffic',
  open,
  close,
  tests: [
    ['rows narrow the page in place, chips widen it', rowsNarrowInPlace],
    ['tabs and numbers by keyboard', tabsAndNumbersByKeyboard],
    ['filters by words, mistakes said', filtersByWords],
    ['who is here is counted live', countsLive],
    ['all of it without JavaScript', worksWithoutScript],
    ['no page and no request failed', nothingWentWrong],
  ],
};
