// live.spec.mjs -- what colleagues change is seen without a reload: boards, lists, records, the bell.
import assert from 'node:assert/strict';
import { until } from './lib/harness.mjs';
import { COLLEAGUE, MARKETER, SELLER, startCompany } from './lib/company.mjs';
import { atWork, follow, noFaults, startBrowser } from './lib/people.mjs';

async function open() {
  const furrow = await startCompany();
  const browser = await startBrowser();
  const [seller, colleague] = [await atWork(browser, furrow, SELLER), await atWork(browser, furrow, COLLEAGUE)];
  for (const page of [seller, colleague]) await follow(page, `${furrow.url}/deals/board`);
  /* A page that is loaded anew forgets this: so it is seen that none was. */
  await colleague.evaluate(() => { window.sameDocument = true; });
  return { furrow, browser, seller, colleague };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}

const card = (page, name) => page.locator('[data-card]', { has: page.getByRole('link', { name }) });
const column = (page, name) => page.locator('.column', { has: page.getByRole('heading', { name, exact: true }) });

async function boardFollows({ seller, colleague }) {
  assert.equal(await column(colleague, 'New').locator('[data-card]').count(), 5);
  const before = await column(colleague, 'New').locator('.column-sum').innerText();
  await card(seller, 'Forty probes').focus();
  await seller.keyboard.press(']');
  await column(colleague, 'Qualified').getByText('Forty probes').waitFor();
  assert.equal(await column(colleague, 'New').locator('.column-count').innerText(), '4');
  assert.notEqual(await column(colleague, 'New').locator('.column-sum').innerText(), before);
  assert.ok(await colleague.evaluate(() => window.sameDocument), 'the page was loaded anew');
}

/* The card that was moved carries the version of its last change: moving it on is not refused. */
async function bothMoveOneCard({ seller, colleague }) {
  await until('the board to settle', async () => (await card(colleague, 'Forty probes').count()) === 1);
  await card(colleague, 'Forty probes').focus();
  await colleague.keyboard.press(']');
  await colleague.getByText('Forty probes moved to Needs analysis.').waitFor();
  await column(seller, 'Needs analysis').getByText('Forty probes').waitFor();
}

async function newCardsAppear({ furrow, colleague, seller }) {
  await furrow.api(SELLER, '/deals', { method: 'POST', body: { name: 'Weather mast', amount: { amount: '950.00', currency: 'EUR' } } });
  await column(colleague, 'New').getByText('Weather mast').waitFor();
  await column(seller, 'New').getByText('Weather mast').waitFor();
}

async function staleMoveIsRefused({ furrow, seller, colleague }) {
  /* Both look at version N; the colleague's page is cut off and does not hear of the change. */
  const { id } = furrow.deals[4];
  await colleague.route('**/deals/board', (route) => (route.request().isNavigationRequest() ? route.continue() : route.abort()));
  const now = await furrow.api(SELLER, `/deals/${id}`);
  await furrow.api(SELLER, `/deals/${id}`, { method: 'PATCH', body: { name: 'Leak survey, phase 2' }, headers: { 'If-Match': `"${now.version}"` } });
  await seller.getByText('Leak survey, phase 2').waitFor();
  await card(colleague, 'Leak survey').focus();
  await colleague.keyboard.press(']');
  await colleague.locator('#toasts').getByText(/changed|meanwhile/i).first().waitFor();
  assert.equal(await column(colleague, 'New').getByText('Leak survey').count(), 1);
  await colleague.unroute('**/deals/board');
}

async function listFollows({ furrow, colleague }) {
  await follow(colleague, `${furrow.url}/contacts`);
  const count = colleague.locator('.count');
  assert.equal(await count.innerText(), '5 contacts');
  await colleague.evaluate(() => { window.sameDocument = true; });
  await furrow.api(MARKETER, '/contacts', { method: 'POST', body: { first_name: 'Wilma', last_name: 'Frost', email: 'wilma@frost.example' } });
  await colleague.getByRole('link', { name: 'Wilma Frost' }).waitFor();
  await until('the count', async () => (await count.innerText()) === '6 contacts');
  assert.ok(await colleague.evaluate(() => window.sameDocument), 'the page was loaded anew');
}

async function recordFollows({ furrow, colleague }) {
  const [hanna] = furrow.contacts;
  await follow(colleague, `${furrow.url}/contacts/${hanna.id}`);
  const now = await furrow.api(MARKETER, `/contacts/${hanna.id}`);
  await furrow.api(MARKETER, `/contacts/${hanna.id}`, {
    method: 'PATCH', body: { job_title: 'Managing director' }, headers: { 'If-Match': `"${now.version}"` },
  });
  await colleague.getByText('Managing director').first().waitFor();
}

async function bellCounts({ furrow, seller }) {
  await follow(seller, `${furrow.url}/deals`);
  const bell = seller.locator('#bell-count');
  const before = Number(await bell.innerText()); /* of what colleagues did to this one's deals until now */
  const { id: owner_id } = (await furrow.api(SELLER, `/users?filter=${encodeURIComponent(`email = '${SELLER}'`)}`)).data[0];
  for (const [i, contact] of furrow.contacts.slice(0, 2).entries()) {
    await furrow.api(MARKETER, '/handoffs', { method: 'POST', body: { contact_id: contact.id, owner_id, reason: 'Asked for prices' } });
    await until(`the bell to count ${i + 1}`, async () => (await bell.innerText()) === String(before + i + 1));
  }
  await seller.locator('[data-bell]').click();
  await seller.getByRole('link', { name: /New lead: Hanna Brandt/ }).waitFor();
  await follow(seller, `${furrow.url}/notifications`);
  await seller.getByRole('button', { name: 'Mark all as read' }).click();
  await until('the bell to be quiet', async () => (await bell.innerText()) === '');
}

async function nothingWentWrong({ seller, colleague, furrow }) {
  noFaults(seller.context(), colleague.context());
  assert.doesNotMatch(furrow.log(), /level=error/);
}

export default {
  name: 'live',
  open,
  close,
  tests: [
    ['a board follows a colleague', boardFollows],
    ['two people move one card in turn', bothMoveOneCard],
    ['new cards appear', newCardsAppear],
    ['a list follows', listFollows],
    ['a record follows', recordFollows],
    ['the bell counts', bellCounts],
    ['a move of a card that was changed meanwhile is refused and put back', async (given) => {
      for (const page of [given.seller, given.colleague]) await follow(page, `${given.furrow.url}/deals/board`);
      await staleMoveIsRefused(given);
    }],
    ['no page and no request failed', nothingWentWrong],
  ],
};
