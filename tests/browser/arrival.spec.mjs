// arrival.spec.mjs -- who comes by a link of a mail: the landing page's tracker tells which click it was and takes the mark out of
// the address before anything else sees it.
import assert from 'node:assert/strict';
import { until } from './lib/harness.mjs';
import { MARKETER, users } from './lib/company.mjs';
import { startFurrow } from './lib/furrow.mjs';
import { openContext, startBrowser } from './lib/people.mjs';
import { startShop } from './lib/shop.mjs';

const TOKEN = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

async function open() {
  const furrow = await startFurrow({ users });
  const shop = await startShop({ furrow: furrow.url, tracker: 'own' });
  const browser = await startBrowser();
  await furrow.api(MARKETER, '/sites', { method: 'POST', body: { name: 'Northfield', domain: 'shop.example' } });
  const visitor = await openContext(browser);
  const page = await visitor.newPage();
  const views = [], arrivals = [], answers = [];
  visitor.on('request', (request) => {
    if (request.url().endsWith('/api/event')) views.push(JSON.parse(request.postData()));
    if (request.url().endsWith('/m/v')) arrivals.push(new URLSearchParams(request.postData()));
  });
  visitor.on('response', (answer) => answer.url().endsWith('/m/v') && answers.push(answer.status()));
  return { furrow, shop, browser, page, views, arrivals, answers };
}
async function close({ furrow, shop, browser }) {
  await browser.close();
  await shop.stop();
  await furrow.stop();
}

async function tellsTheClick({ shop, page, views, arrivals, answers }) {
  await page.goto(shop.url(`/pricing?utm_source=newsletter&utm_medium=email&utm_campaign=spring&fw_m=${TOKEN}`));
  const [told] = await until('the arrival', () => arrivals.length > 0 && arrivals);
  assert.deepEqual([told.get('m'), told.get('fid')], [TOKEN, '']);
  const view = await until('the page view', () => views.find((one) => one.n === 'pageview'));
  assert.doesNotMatch(view.u, /fw_m/);
  assert.match(view.u, /utm_campaign=spring/);
  assert.doesNotMatch(page.url(), /fw_m/);
  assert.equal(await until('the answer', () => answers[0]), 204);
}

async function onlyThen({ shop, page, arrivals }) {
  await page.goto(shop.url('/demo'));
  await page.waitForTimeout(300);
  assert.equal(arrivals.length, 1);
}

export default {
  name: 'arrival',
  open,
  close,
  tests: [
    ['a click of a mail is told and leaves the address', tellsTheClick],
    ['without one nothing is told', onlyThen],
  ],
};
