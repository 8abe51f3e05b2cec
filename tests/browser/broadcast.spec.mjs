// broadcast.spec.mjs -- a broadcast in a browser: from a template of the library to scheduled, with the confirmation that
// names the number; one that is being sent, watched by a colleague, paused and cancelled; the archive without a name.
import assert from 'node:assert/strict';
import { MARKETER, SELLER, startCompany } from './lib/company.mjs';
import { until } from './lib/harness.mjs';
import { atWork, noFaults, openContext, startBrowser } from './lib/people.mjs';

async function open() {
  const furrow = await startCompany();
  const post = (path, body) => furrow.api(MARKETER, path, { method: 'POST', body });
  await post('/brands', { name: 'Northfield', address: 'Mill Lane 1, Berlin', is_default: true });
  await furrow.api('ada@northfield.example', '/senders', { method: 'POST', body: {
    name: 'News', from_address: 'news@northfield.example', host: '127.0.0.1', port: 9, security: 'none' } });
  const topic = await post('/topics', { name: 'Customers', slug: 'customers', basis: 'interest' });
  await post('/segments', { name: 'Everybody', slug: 'everybody', kind: 'live', filter: "email is not empty" });
  const browser = await startBrowser();
  const page = await atWork(browser, furrow, MARKETER);
  const seller = await atWork(browser, furrow, SELLER);
  const stranger = await (await openContext(browser)).newPage();
  return { furrow, browser, page, seller, stranger, topic };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}

async function fromATemplate(world) {
  const { furrow, page } = world;
  await page.goto(`${furrow.url}/mail-contents/library`);
  await page.getByRole('button', { name: 'Use Newsletter' }).click();
  await page.waitForURL(/\/write$/);
  world.content = new URL(page.url()).pathname.split('/')[2];
  await furrow.api(MARKETER, `/mail-contents/${world.content}/publish`, { method: 'POST', body: {} });
}

async function aDraftSaysWhatItLacks(world) {
  const { furrow, page, topic } = world;
  await page.goto(`${furrow.url}/broadcasts/new`);
  await page.getByLabel('Name', { exact: true }).fill('Harvest letter');
  await page.getByRole('button', { name: 'Create broadcast' }).click();
  await page.getByText('Choose to whom it goes.').waitFor();
  world.url = page.url().split('?')[0];
  world.id = new URL(page.url()).pathname.split('/')[2];
  await page.getByLabel('Content', { exact: true }).selectOption({ index: 1 });
  await page.getByRole('button', { name: 'Save what it says' }).click();
  await page.getByText('What it says is saved.').waitFor();
  await page.getByLabel(/Everybody/).selectOption('Send to them');
  await page.getByRole('button', { name: 'Save to whom it goes' }).click();
  await page.getByText('To whom it goes is saved.').waitFor();
  await furrow.api(MARKETER, `/broadcasts/${world.id}`, { method: 'PATCH', body: { topic_id: topic.id } });
  await page.goto(world.url);
  await page.getByText('It is ready to be checked and sent.').waitFor();
}

async function itIsConfirmedWithTheNumber(world) {
  const { furrow, page, id, url } = world;
  const later = new Date(Date.now() + 86400000).toISOString().slice(0, 19) + 'Z';
  await furrow.api(MARKETER, `/broadcasts/${id}`, { method: 'PATCH', body: { schedule: 'at', send_at: later } });
  await page.goto(url);
  await page.getByRole('link', { name: 'Check and send' }).click();
  await page.getByRole('button', { name: /Count the recipients/ }).click();
  await page.getByText('of 5 people get it').waitFor();
  await page.getByLabel('Yes, this mail is for 5 people.').check();
  await page.getByRole('button', { name: /Schedule for 5/ }).click();
  await page.getByText('It goes out:').waitFor();
  assert.equal((await furrow.api(MARKETER, `/broadcasts/${id}`)).status, 'scheduled');
}

async function itIsWatchedPausedAndCancelled(world) {
  const { furrow, page, seller, url, id } = world;
  const say = (verb, body = {}) => furrow.api(MARKETER, `/broadcasts/${id}/${verb}`, { method: 'POST', body });
  await seller.goto(url);
  await say('unschedule');
  await furrow.api(MARKETER, `/broadcasts/${id}`, { method: 'PATCH', body: { schedule: 'now', in_archive: true } });
  const { counted } = await say('check');
  await say('schedule', { recipients: String(counted.recipients) });
  await until('the colleague sees it move', async () => /0 of 5 have left/.test(await seller.locator('#record').innerText()));
  await page.goto(url);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused: Harvest letter.').waitFor();
  await until('the colleague sees that too', async () => /Paused/.test(await seller.locator('.highlights').innerText()));
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('Goes on: Harvest letter.').waitFor();
}

async function theArchiveNamesNobody({ furrow, stranger }) {
  await stranger.goto(`${furrow.url}/m/customers`);
  await stranger.getByRole('link', { name: /Harvest letter/ }).click();
  await stranger.waitForURL(/\/m\/customers\/harvest-letter$/);
  assert.ok(!/Hanna|Brandt/.test(await stranger.locator('body').innerText()));
}

async function nothingFailed({ page, seller }) {
  noFaults(page.context(), seller.context());
}

export default {
  name: 'broadcast',
  story: true,
  open,
  close,
  tests: [
    ['a mail from a template of the library', fromATemplate],
    ['a draft says what it lacks until it lacks nothing', aDraftSaysWhatItLacks],
    ['it is scheduled with the number of its readers', itIsConfirmedWithTheNumber],
    ['it is watched while it goes, paused, and goes on', itIsWatchedPausedAndCancelled],
    ['the archive shows it without a name', theArchiveNamesNobody],
    ['no page had a fault', nothingFailed],
  ],
};
