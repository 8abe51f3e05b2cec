// trackers.spec.mjs -- other products' trackers on a site, unmodified, reporting to Furrow from a real browser: Plausible's
// npm packages, Umami's and GoatCounter's snippets with nothing changed but the address, and GoatCounter's pixel without script.
import assert from 'node:assert/strict';
import { until } from './lib/harness.mjs';
import { MARKETER, users } from './lib/company.mjs';
import { startFurrow } from './lib/furrow.mjs';
import { openContext, startBrowser } from './lib/people.mjs';
import { startShop } from './lib/shop.mjs';

async function open() {
  const furrow = await startFurrow({ users });
  const site = await furrow.api(MARKETER, '/sites', { method: 'POST', body: { name: 'Northfield', domain: 'shop.example' } });
  return { furrow, site, browser: await startBrowser() };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}

/* A visitor on a shop with that tracker: what was sent, and what became of it. */
async function visit({ furrow, browser }, tracker, options = {}) {
  const shop = await startShop({ furrow: furrow.url, tracker });
  const context = await openContext(browser, options);
  /* Trackers leave out browsers that say they are driven. */
  await context.addInitScript(() => Object.defineProperty(navigator, 'webdriver', { get: () => false }));
  const page = await context.newPage();
  const sent = [];
  const bodies = [];
  context.on('request', (request) => {
    if (request.method() === 'POST' && request.postData()?.startsWith('{')) bodies.push(JSON.parse(request.postData()));
  });
  context.on('response', (answer) => {
    const path = new URL(answer.url()).pathname;
    if (/^\/(api\/event|api\/send|count)$/.test(path)) {
      sent.push({
        path, status: answer.status(), dropped: answer.headers()['x-furrow-dropped'], url: new URL(answer.url()),
      });
    }
  });
  return {
    shop, page, sent, bodies,
    end: async () => {
      assert.deepEqual(sent.filter((one) => one.dropped || one.status >= 400).map((one) => one.dropped ?? one.status), []);
      await context.close();
      await shop.stop();
    },
  };
}
const link = (page, name) => page.getByRole('navigation').getByRole('link', { name }).click();

async function number({ furrow }, metric, where = '') {
  const { value } = await furrow.api(MARKETER, `/question?metric=${metric}&period=today${where}`);
  return value;
}
async function groups({ furrow }, metric, dimension) {
  const answer = await furrow.api(MARKETER, `/question?metric=${metric}&dimension=${dimension}&period=today`);
  return Object.fromEntries(answer.groups.map(({ key, value }) => [key, value]));
}
const becomes = (what, want, ask) => until(what, async () => (await ask()) === want);

async function plausibleTracker(given) {
  const at = await visit(given, 'plausible');
  await at.page.goto(at.shop.url('/?utm_source=reddit'));
  await link(at.page, 'Prices');
  await at.page.waitForFunction(() => window.trackEvent);
  await at.page.evaluate(() => window.trackEvent('Signup', { props: { plan: 'team' } }));
  await until('three reports', () => at.sent.length === 3);
  await becomes('the page views', 2, () => number(given, 'pageviews'));
  await becomes('the event', 1, async () => (await groups(given, 'site_events', 'action')).Signup);
  await at.end();
}

async function plausibleAnalyticsTracker(given) {
  const before = await number(given, 'pageviews');
  const at = await visit(given, 'plausible-analytics');
  await at.page.goto(at.shop.url('/features'));
  await until('the page view', () => at.sent.length === 1);
  await at.page.mouse.wheel(0, 2500);
  await at.page.waitForTimeout(3500);
  await link(at.page, 'Prices');
  await at.page.waitForFunction(() => window.trackEvent);
  await at.page.evaluate(() => window.trackEvent('Purchase', { props: { plan: 'team' }, revenue: { amount: '49.90', currency: 'EUR' } }));
  await becomes('the page views', before + 2, () => number(given, 'pageviews'));
  await becomes('the purchase', 1, async () => (await groups(given, 'site_events', 'action')).Purchase);
  await becomes('what it was worth', 4990, () => number(given, 'site_event_revenue'));
  await until('how far it was read', async () => (await groups(given, 'scroll_depth', 'page'))['/features'] > 0.6);
  assert.ok((await groups(given, 'time_on_page', 'page'))['/features'] >= 3);
  await at.page.locator('#out').click();
  await becomes('the outbound click', 1, async () => (await groups(given, 'site_events', 'action'))['Outbound Link: Click']);
  await at.end();
}

async function umamiSnippet(given) {
  const { furrow, site } = given;
  const before = await number(given, 'pageviews');
  const at = await visit(given, `<script defer src="${furrow.url}/script.js" data-website-id="${site.tracker_id}" data-tag="spring"
 data-performance="true"></script>`);
  await at.page.goto(at.shop.url('/?utm_source=umami-news'));
  await until('the first report', () => at.sent.length === 1);
  await link(at.page, 'What a probe knows');
  await at.page.evaluate(() => history.pushState({}, '', '/features/depth'));
  await becomes('the page views', before + 3, () => number(given, 'pageviews'));
  assert.equal((await groups(given, 'pageviews', 'page'))['/features/depth'], 1);
  const answer = await at.page.evaluate(() => window.umami.track('Trial started', { plan: 'team' }));
  assert.deepEqual(Object.keys(answer), ['cache', 'sessionId', 'visitId']);
  await becomes('the event', 1, async () => (await groups(given, 'site_events', 'action'))['Trial started']);
  await at.page.evaluate(() => window.umami.identify('customer-4711', { plan: 'team' }));
  await at.page.evaluate(() => {
    document.querySelector('#out').setAttribute('data-umami-event', 'Paper asked for');
    document.querySelector('#out').setAttribute('data-umami-event-from', 'menu');
    document.querySelector('#out').addEventListener('click', (event) => event.preventDefault());
  });
  await at.page.locator('#out').click();
  await becomes('the click', 1, async () => (await groups(given, 'site_events', 'action'))['Paper asked for']);
  const click = at.bodies.find((one) => one.payload.name === 'Paper asked for');
  assert.deepEqual([click.payload.data, click.payload.tag, click.payload.id], [{ from: 'menu' }, 'spring', 'customer-4711']);
  await at.page.goto(at.shop.url('/demo'));
  await until('how fast a page was', async () => (await number(given, 'measured_views')) > 0);
  assert.ok(await number(given, 'lcp') > 0);
  await at.end();
}

async function umamiOptOut(given) {
  const { furrow, site } = given;
  const at = await visit(given, `<script defer src="${furrow.url}/script.js" data-website-id="${site.tracker_id}"></script>`);
  await at.page.addInitScript(() => { localStorage.setItem('umami.disabled', '1'); });
  await at.page.goto(at.shop.url('/'));
  await at.page.waitForFunction(() => window.umami);
  await at.page.waitForTimeout(300);
  assert.deepEqual(at.sent, []);
  await at.end();
}

async function goatcounterSnippet(given) {
  const { furrow } = given;
  const before = await number(given, 'pageviews');
  const at = await visit(given, `<script data-goatcounter="${furrow.url}/count" async src="${furrow.url}/count.js"></script>`);
  await at.page.goto(at.shop.url('/pricing?ref=goats'));
  await until('the first report', () => at.sent.length === 1);
  assert.equal(at.sent[0].url.searchParams.get('p'), '/pricing?ref=goats');
  await becomes('the page view', before + 1, () => number(given, 'pageviews'));
  assert.ok((await groups(given, 'pageviews', 'page'))['/pricing'] >= 1);
  await at.page.evaluate(() => window.goatcounter.count({ path: 'Lamp lit', title: 'Lamp', event: true }));
  await becomes('the event', 1, async () => (await groups(given, 'site_events', 'action'))['Lamp lit']);
  await at.page.evaluate(() => {
    document.querySelector('#out').dataset.goatcounterClick = 'Paper';
    document.querySelector('#out').addEventListener('click', (event) => event.preventDefault());
    window.goatcounter.bind_events();
  });
  await at.page.locator('#out').click();
  await becomes('the click', 1, async () => (await groups(given, 'site_events', 'action')).Paper);
  await at.end();
}

async function goatcounterPixel(given) {
  const { furrow } = given;
  const before = await number(given, 'pageviews');
  const at = await visit(given, `<noscript><img src="${furrow.url}/count?p=/pixel-page" alt=""></noscript>`, { javaScriptEnabled: false });
  await at.page.goto(at.shop.url('/'));
  await until('the pixel', () => at.sent.length === 1);
  await becomes('the page view', before + 1, () => number(given, 'pageviews'));
  assert.equal((await groups(given, 'pageviews', 'page'))['/pixel-page'], 1);
  await at.end();
}

async function vitalsOfOurOwn(given) {
  const before = await number(given, 'measured_views');
  const at = await visit(given, `<script defer data-domain="shop.example" data-vitals src="${given.furrow.url}/js/furrow.js"></script>`);
  await at.page.goto(at.shop.url('/customers/orchard'));
  await at.page.waitForFunction(() => [...document.scripts].some((one) => one.src.endsWith('/js/vitals.js')));
  await at.page.waitForTimeout(300);
  await at.page.keyboard.press('a');
  await link(at.page, 'Prices');
  await becomes('the measurement', before + 1, () => number(given, 'measured_views'));
  const told = at.bodies.find((one) => one.n === 'performance');
  assert.ok(told.vitals.fcp > 0 && told.vitals.lcp >= told.vitals.fcp && told.vitals.cls >= 0 && told.vitals.ttfb >= 0, JSON.stringify(told));
  assert.ok((await groups(given, 'lcp', 'page'))['/customers/orchard'] > 0);
  await at.end();
}

export default {
  name: 'trackers',
  open,
  close,
  tests: [
    ['npm plausible-tracker', plausibleTracker],
    ['npm @plausible-analytics/tracker, with revenue and reading', plausibleAnalyticsTracker],
    ['a page with Umami\'s snippet', umamiSnippet],
    ['who opted out of Umami is not counted', umamiOptOut],
    ['a page with GoatCounter\'s snippet', goatcounterSnippet],
    ['GoatCounter\'s pixel where scripts are off', goatcounterPixel],
    ['web vitals of our own tracker', vitalsOfOurOwn],
  ],
};
