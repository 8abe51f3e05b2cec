// dashboard.spec.mjs -- dashboards: opened, narrowed, arranged by mouse and by keyboard, a tile added with its preview; a
// wall that follows what colleagues do; on paper with letters one can select; without JavaScript.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { COLLEAGUE, SELLER, startCompany } from './lib/company.mjs';
import { until } from './lib/harness.mjs';
import { atWork, follow, noFaults, startBrowser } from './lib/people.mjs';

const tile = (page, name) => page.locator('[data-tile]').filter({ has: page.getByRole('heading', { name, exact: true }) });
const order = (page) => page.locator('[data-tile] h2').allInnerTexts();
const value = (page, name) => tile(page, name).locator('.tile-value').innerText();

async function open() {
  const furrow = await startCompany();
  const post = (path, body) => furrow.api(SELLER, path, { method: 'POST', body });
  const board = await post('/dashboards', { name: 'How we sell', compare: 'none' });
  furrow.board = `/dashboards/${board.id}`;
  furrow.tile = (chart, question, more) => post('/dashboard-tiles', { dashboard_id: board.id, chart, question, ...more });
  await furrow.tile('number', { metrics: ['deals_created'] }, { position: 10, width: 3, height: 1 });
  await furrow.tile('number', { metrics: ['open_deals'] }, { position: 20, width: 3, height: 1 });
  await furrow.tile('bar', { metrics: ['deals_created'], dimension: 'owner' }, { position: 30, width: 6, title: 'By owner' });
  await furrow.tile('line', { metrics: ['deals_created'] }, { position: 40, width: 6, title: 'Over time' });
  const browser = await startBrowser();
  const page = await atWork(browser, furrow, SELLER);
  const plain = await atWork(browser, furrow, COLLEAGUE, { javaScriptEnabled: false });
  return { furrow, browser, page, plain };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}

async function opensAndEveryNumberLeadsToItsRows({ furrow, page }) {
  await page.goto(`${furrow.url}/dashboards`);
  await page.getByRole('link', { name: 'How we sell' }).click();
  assert.equal(await value(page, 'Deals created'), '5');
  await page.locator('figure.is-drawn').first().waitFor();
  await tile(page, 'Deals created').locator('.tile-value a').click();
  await page.waitForURL(/\/deals\?filter=/);
  assert.equal(await page.locator('#list tr[data-row-url]').count(), 5);
  await page.goBack();
  await tile(page, 'By owner').getByText('Table').click();
  await tile(page, 'By owner').getByRole('link', { name: '5' }).click();
  await page.waitForURL(/\/deals\?filter=/);
}

async function filtersReachTheTilesTheyFit({ furrow, page }) {
  await page.goto(`${furrow.url}${furrow.board}`);
  await page.getByText('Add filter').first().click();
  await page.getByLabel('Owner', { exact: true }).selectOption({ label: 'Inês Duarte' });
  await page.getByRole('button', { name: 'Show theirs' }).click();
  await page.locator('.chip', { hasText: 'Inês Duarte' }).waitFor();
  assert.equal(await value(page, 'Deals created'), '0');
  await page.getByRole('link', { name: /Remove Owner/ }).click();
  await until('all deals', async () => await value(page, 'Deals created') === '5');
  await page.getByText('Add filter').first().click();
  await page.getByLabel('What', { exact: true }).selectOption('country');
  await page.getByLabel('Value', { exact: true }).fill('de');
  await page.getByRole('button', { name: 'Add filter' }).click();
  await page.locator('.chip', { hasText: 'Germany' }).waitFor();
  assert.match(await tile(page, 'Deals created').innerText(), /Not narrowed by country/);
  await page.getByRole('link', { name: /Remove Country/ }).click();
  await page.locator('.page-dashboard').getByText('Last 30 days').first().click();
  await page.getByRole('link', { name: 'Last 7 days' }).click();
  await page.waitForURL(/period=last_7_days/);
}

async function arrangedByMouseAndByKeys({ furrow, page }) {
  await page.goto(`${furrow.url}${furrow.board}`);
  await page.locator('figure.is-drawn').first().waitFor();
  const [from, to] = [await tile(page, 'Over time').locator('.tile-head').boundingBox(), await tile(page, 'Deals created').boundingBox()];
  await page.mouse.move(from.x + from.width / 2, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width / 2, from.y - 20, { steps: 5 });
  const kept = page.waitForResponse((answer) => answer.url().endsWith('/arrange'));
  await page.mouse.move(to.x + 20, to.y + 20, { steps: 15 });
  await page.mouse.up();
  assert.equal((await kept).status(), 200);
  await page.reload();
  assert.deepEqual(await order(page), ['Over time', 'Deals created', 'Open deals', 'By owner']);
  const handle = tile(page, 'Over time').getByRole('button', { name: 'Move Over time' });
  for (const key of ['ArrowRight', 'ArrowRight', '-']) {
    const done = page.waitForResponse((answer) => /arrange|place/.test(answer.url()));
    await handle.focus();
    await page.keyboard.press(key);
    assert.equal((await done).status(), 200);
  }
  await page.reload();
  assert.deepEqual(await order(page), ['Deals created', 'Open deals', 'Over time', 'By owner']);
  assert.match(await tile(page, 'Over time').getAttribute('class'), /\bw-4\b/);
}

async function aTileIsAddedWithItsPreview({ furrow, page }) {
  await page.goto(`${furrow.url}${furrow.board}`);
  await page.getByRole('link', { name: 'Add a tile' }).click();
  await page.getByLabel('Shown as').selectOption('bar');
  await page.getByLabel('What is counted').selectOption('pipeline_value');
  await page.locator('#preview').getByText('by what it is split').waitFor();
  await page.locator('#f-dimension').selectOption('stage_id');
  await page.locator('#preview figure.is-drawn').waitFor();
  await page.locator('#f-title').fill('Pipeline by stage');
  await page.locator('#preview').getByText('Pipeline by stage').first().waitFor();
  await page.getByRole('button', { name: 'Add the tile' }).click();
  await page.waitForURL(/#tile-/);
  assert.equal((await order(page)).at(-1), 'Pipeline by stage');
  await tile(page, 'Pipeline by stage').getByLabel('Pipeline by stage: more').click();
  await tile(page, 'Pipeline by stage').getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('button', { name: /Remove|Yes|Continue|OK/ }).last().click();
  await until('it is gone', async () => !(await order(page)).includes('Pipeline by stage'));
  await page.getByRole('button', { name: 'Undo' }).click();
  await until('it is back', async () => (await order(page)).includes('Pipeline by stage'));
}

async function aWallFollowsColleagues({ furrow, page }) {
  await follow(page, `${furrow.url}${furrow.board}/wall`);
  assert.equal(await page.locator('nav.side').count(), 0);
  await page.getByRole('button', { name: 'Fill the screen' }).click();
  await page.waitForFunction(() => !!document.fullscreenElement);
  assert.equal(await value(page, 'Deals created'), '5');
  await page.evaluate(() => { window.here = true; });
  await furrow.api(COLLEAGUE, '/deals', { method: 'POST', body: { name: 'One more' } });
  await until('the new deal is counted', async () => await value(page, 'Deals created') === '6');
  await furrow.api(COLLEAGUE, '/deals', { method: 'POST', body: { name: 'And one' } });
  await until('a second, after a while', async () => await value(page, 'Deals created') === '7');
  const bars = tile(page, 'By owner').locator('figure.is-drawn canvas');
  await until('its bars are drawn anew', async () => await bars.count() === 1);
  await furrow.api(COLLEAGUE, '/dashboard-tiles', { method: 'POST', body: {
    dashboard_id: furrow.board.split('/').pop(), chart: 'number', question: { metrics: ['win_rate'] }, width: 3, height: 1,
  } });
  await until('a tile that a colleague adds appears', async () => (await order(page)).at(-1) === 'Win rate');
  await until('with all charts', async () => await page.locator('figure.is-drawn canvas').count() === 3);
  assert.ok(await page.evaluate(() => window.here), 'only the tiles were fetched');
}

async function onPaperLettersAreText({ furrow, page }) {
  await page.goto(`${furrow.url}${furrow.board}`);
  const read = (name) => page.evaluate(async (path) => {
    const answer = await fetch(path);
    return { type: answer.headers.get('Content-Type'), bytes: [...new Uint8Array(await answer.arrayBuffer())] };
  }, `${furrow.board}/dashboard.${name}`);
  const pdf = await read('pdf');
  assert.equal(pdf.type, 'application/pdf');
  const text = execFileSync('pdftotext', ['-layout', '-', '-'], { input: Buffer.from(pdf.bytes) }).toString();
  for (const words of ['How we sell', 'Deals created', 'Pipeline by stage', 'Tom Okafor', '7']) assert.ok(text.includes(words), words);
  const png = await read('png');
  assert.equal(png.type, 'image/png');
  assert.deepEqual(png.bytes.slice(1, 4), [...Buffer.from('PNG')]);
}

async function withoutJavaScript({ furrow, plain }) {
  await plain.goto(`${furrow.url}${furrow.board}`);
  assert.equal(await value(plain, 'Deals created'), '7');
  assert.equal(await tile(plain, 'By owner').getByRole('cell').last().isVisible(), true);
  assert.equal(await plain.locator('[data-handle]').first().isVisible(), false);
  await tile(plain, 'Open deals').getByLabel('Open deals: more').click();
  await tile(plain, 'Open deals').getByRole('button', { name: 'Move forward' }).click();
  assert.equal((await order(plain))[0], 'Open deals');
  await tile(plain, 'Open deals').getByLabel('Open deals: more').click();
  await tile(plain, 'Open deals').getByRole('button', { name: 'Half wide' }).click();
  assert.match(await tile(plain, 'Open deals').getAttribute('class'), /\bw-6\b/);
  await plain.getByRole('link', { name: 'Add a tile' }).click();
  await plain.getByLabel('What is counted').selectOption('win_rate');
  await plain.getByRole('button', { name: 'Add the tile' }).click();
  assert.equal((await order(plain)).at(-1), 'Win rate');
  await plain.getByText('Add filter').first().click();
  await plain.getByLabel('Owner', { exact: true }).selectOption({ label: 'Tom Okafor' });
  await plain.getByRole('button', { name: 'Show theirs' }).click();
  assert.equal(await value(plain, 'Deals created'), '5');
  await plain.locator('.page-head').getByLabel('More', { exact: true }).click();
  await plain.getByRole('button', { name: 'First for me' }).click();
  await plain.goto(`${furrow.url}/dashboards`);
  assert.match(await plain.locator('.cards-group').first().innerText(), /First for you\s+How we sell/);
}

async function nothingFailed({ page, plain }) {
  noFaults(page.context(), plain.context());
}

export default {
  name: 'dashboard',
  story: true,
  open,
  close,
  tests: [
    ['a dashboard opens, and every number leads to its rows', opensAndEveryNumberLeadsToItsRows],
    ['filters reach the tiles they fit; the others say so', filtersReachTheTilesTheyFit],
    ['tiles are arranged by mouse and by keyboard, and sized', arrangedByMouseAndByKeys],
    ['a tile is added with its preview, taken off, and put back', aTileIsAddedWithItsPreview],
    ['a wall fills the screen and follows colleagues', aWallFollowsColleagues],
    ['on paper letters are text', onPaperLettersAreText],
    ['all of it works without JavaScript', withoutJavaScript],
    ['no page had a fault', nothingFailed],
  ],
};
