// umami.spec.mjs -- Umami's own library for servers, @umami/node as it is published, reports to Furrow: only its hostUrl
// and websiteId are ours. No browser is needed.
import assert from 'node:assert/strict';
import { Umami } from '@umami/node';
import { until } from './lib/harness.mjs';
import { MARKETER, users } from './lib/company.mjs';
import { startFurrow } from './lib/furrow.mjs';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

async function open() {
  const furrow = await startFurrow({ users });
  const made = await furrow.api(MARKETER, '/sites', { method: 'POST', body: { name: 'Northfield', domain: 'shop.example' } });
  const umami = new Umami({ hostUrl: `http://127.0.0.1:${furrow.port}`, websiteId: made.tracker_id });
  return { furrow, site: made, umami };
}
const close = ({ furrow }) => furrow.stop();

/* What the question engine says of today, by page. */
async function byPage({ furrow }, metric) {
  const { groups } = await furrow.api(MARKETER, `/question?metric=${metric}&dimension=page&period=today`);
  return Object.fromEntries(groups.map(({ key, value }) => [key, value]));
}

async function siteHasAnId({ site }) {
  assert.match(site.tracker_id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
}

async function pageViews(given) {
  for (const url of ['/', '/pricing', '/pricing']) {
    const answer = await given.umami.track({ hostname: 'shop.example', url, title: 'Northfield', language: 'de-AT', screen: '1920x1080' });
    assert.equal(answer.status, 200);
    const { cache, sessionId, visitId } = await answer.json();
    assert.ok(cache && sessionId && visitId);
  }
  await until('the page views', async () => (await byPage(given, 'pageviews'))['/pricing'] === 2);
  assert.equal((await byPage(given, 'pageviews'))['/'], 1);
}

async function eventsOfTheServer(given) {
  const answer = await given.umami.track('invoice_paid', { plan: 'team', seats: 5 });
  assert.equal(answer.status, 200);
  assert.deepEqual(Object.keys(await answer.json()), ['cache', 'sessionId', 'visitId']);
  assert.equal((await byPage(given, 'pageviews'))['/'], 1, 'an event is no page view');
}

async function identities({ umami }) {
  const answer = await umami.identify({ plan: 'team' });
  assert.equal(answer.status, 200);
}

async function visitorsOfTheServer(given) {
  const sessions = [];
  for (const ip of ['192.0.2.1', '192.0.2.2', '192.0.2.1']) {
    const answer = await given.umami.track({ hostname: 'shop.example', url: '/told', ip, userAgent: FIREFOX });
    sessions.push((await answer.json()).sessionId);
  }
  assert.equal(sessions[0], sessions[2]);
  assert.notEqual(sessions[0], sessions[1]);
  await until('two visitors', async () => (await byPage(given, 'visitors'))['/told'] === 2);
}

async function refusals({ furrow, umami }) {
  const stranger = new Umami({ hostUrl: `http://127.0.0.1:${furrow.port}`, websiteId: '0191f3c0-5b7e-4d3a-9f10-2f6f3d9a1c55' });
  assert.equal((await stranger.track('x')).status, 400);
  assert.equal((await umami.track({ url: 5 })).status, 400);
  umami.init({ userAgent: 'some crawler/1.0' });
  assert.deepEqual(await (await umami.track('x')).json(), { beep: 'boop' });
}

export default {
  name: 'umami',
  open,
  close,
  tests: [
    ['a site has a website id', siteHasAnId],
    ['page views stand in the report', pageViews],
    ['events of a server are answered and are no page views', eventsOfTheServer],
    ['identities are taken', identities],
    ['a server tells its visitors apart', visitorsOfTheServer],
    ['what is wrong is refused as Umami does', refusals],
  ],
};
