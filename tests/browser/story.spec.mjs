// story.spec.mjs -- the main job from end to end: a stranger clicks an ad, reads, comes back and leaves a form; the
// lead is scored and handed over; sales accepts, negotiates and wins; both teams read one journey and the same numbers.
// The site carries the npm package plausible-tracker as it was published. Nothing is mocked.
import assert from 'node:assert/strict';
import { until } from './lib/harness.mjs';
import { startFurrow } from './lib/furrow.mjs';
import { atWork, follow, idOf, noFaults, openContext, startBrowser } from './lib/people.mjs';
import { startShop } from './lib/shop.mjs';

const ADMIN = 'ada@northfield.example';
const MARKETER = 'mara@northfield.example';
const SELLER = 'tom@northfield.example';
const LEAD = 'hanna.brandt@brandt-obst.example';
const AD = '/?utm_source=google&utm_medium=cpc&utm_campaign=spring-fair&utm_term=soil+probe&gclid=EAIaIQobChMI42';

async function open() {
  const furrow = await startFurrow({
    users: [
      { mail: ADMIN, name: 'Ada Park', token: true },
      { mail: MARKETER, name: 'Mara Lindqvist', role: 'Marketing', team: 'Marketing', token: true },
      { mail: SELLER, name: 'Tom Okafor', role: 'Sales', team: 'Sales', token: true },
    ],
  });
  const shop = await startShop({ furrow: furrow.url });
  const browser = await startBrowser();
  return { furrow, shop, browser, marketer: await atWork(browser, furrow, MARKETER, { path: '/contacts' }) };
}

async function close({ furrow, shop, browser }) {
  await browser.close();
  await shop.stop();
  await furrow.stop();
}

/* ---- the marketer's preparations ---- */

async function setUpSite({ furrow, marketer }) {
  await marketer.goto(`${furrow.url}/sites/new`);
  await marketer.getByLabel('Name').fill('Northfield');
  await marketer.getByLabel('Domain').fill('www.Shop.example');
  await marketer.getByRole('button', { name: 'Create site' }).click();
  await marketer.getByRole('heading', { name: 'Put this on every page of shop.example' }).waitFor();
  assert.match(await marketer.locator('pre.code').innerText(), /data-domain="shop\.example" src="http:\/\/furrow\.example:\d+\/js\/furrow\.js"/);
}

async function setUpCampaign(given) {
  const { furrow, shop, marketer } = given;
  await marketer.goto(`${furrow.url}/campaigns/new`);
  await marketer.getByLabel('Name').fill('Spring fair');
  await marketer.getByLabel('Status').selectOption('Active');
  await marketer.getByLabel('Main medium').selectOption('Paid search');
  await marketer.getByLabel('Landing page').fill(shop.url('/'));
  await marketer.getByRole('button', { name: 'Create campaign' }).click();
  await marketer.getByRole('heading', { name: 'Spring fair', level: 1 }).waitFor();
  assert.match(await marketer.getByLabel('Google Ads').inputValue(), /utm_source=google&utm_medium=cpc&utm_campaign=spring-fair$/);
  given.campaign = marketer.url();
}

async function setUpForm(given) {
  const { furrow, shop, marketer } = given;
  await marketer.goto(`${furrow.url}/forms/new`);
  await marketer.getByLabel('Name').fill('Ask for a call');
  await marketer.getByLabel('Title').fill('Talk to somebody who knows soil');
  await marketer.getByLabel('Consent text').fill('Yes, write to me about soil probes.');
  await marketer.getByRole('button', { name: 'Create form' }).click();
  await marketer.getByText('This form is a draft').waitFor();
  const form = marketer.url();
  await marketer.goto(`${form}/build`);
  await marketer.getByRole('button', { name: 'One line', exact: true }).click();
  await marketer.locator('.build-row').last().getByLabel('Label', { exact: true }).fill('Acres');
  await marketer.locator('#build-shown').getByLabel('Acres').waitFor();
  await marketer.getByRole('button', { name: 'Save fields' }).click();
  await marketer.getByRole('button', { name: 'Publish' }).click();
  await marketer.getByText('Published at /f/ask-for-a-call.').waitFor();
  await marketer.goto(`${form}/share`);
  await marketer.getByRole('link', { name: /\/f\/ask-for-a-call$/ }).waitFor();
  const code = await marketer.locator('pre.code').filter({ hasText: '<form' }).innerText();
  for (const name of ['first_name', 'last_name', 'email', 'company', 'acres']) assert.ok(code.includes(`name="${name}"`), name);
  shop.form = code.match(/action="([^"]+)"/)[1];
  assert.equal(shop.form, `${furrow.url}/f/ask-for-a-call`);
}

async function setUpLine({ furrow, marketer }) {
  await marketer.goto(`${furrow.url}/settings/workspace`);
  await marketer.getByLabel('MQL line').fill('90');
  await marketer.getByRole('button', { name: 'Save' }).click();
  await marketer.getByText('Saved.').waitFor();
  assert.equal(await marketer.getByLabel('MQL line').inputValue(), '90');
}

/* ---- the stranger ---- */

/* Opens a page of the shop as a reader does: the tracker's report is answered before the next click. */
async function read(page, go) {
  const told = page.waitForResponse((answer) => answer.url().endsWith('/api/event'));
  await go();
  const answer = await told;
  assert.equal(answer.status(), 202);
  assert.equal(answer.headers()['x-furrow-dropped'], undefined, 'the event was dropped');
  return answer.request();
}
const click = (page, name) => () => page.getByRole('navigation').getByRole('link', { name }).click();

async function strangerReads(given) {
  const { furrow, shop, browser } = given;
  given.stranger = await openContext(browser);
  const page = await given.stranger.newPage();
  const first = await read(page, () => page.goto(shop.url(AD), { referer: 'https://www.google.com/' }));
  const sent = JSON.parse(first.postData());
  assert.equal(sent.n, 'pageview');
  assert.equal(sent.d, 'shop.example');
  await read(page, click(page, 'What a probe knows'));
  await read(page, click(page, 'Prices'));
  await read(page, click(page, 'An orchard in Kent'));
  await read(page, click(page, 'See it in your field'));
  assert.deepEqual((await furrow.api(MARKETER, '/contacts')).data ?? [], []);
  await page.close();
}

async function strangerReturns(given) {
  const { shop, stranger, marketer } = given;
  const page = await stranger.newPage();
  await read(page, () => page.goto(shop.url('/')));
  await read(page, click(page, 'Prices'));
  await read(page, click(page, 'Talk to us'));
  await page.getByLabel('First name').fill('Hanna');
  await page.getByLabel('Last name').fill('Brandt');
  await page.getByLabel('Work email').fill(LEAD);
  await page.getByLabel('Company').fill('Brandt Obst');
  await page.getByLabel('Acres').fill('140');
  await page.getByLabel('Yes, write to me').check();
  /* The salesperson is at work, somewhere else in Furrow, when the lead comes in. */
  given.seller = await atWork(given.browser, given.furrow, SELLER);
  await follow(given.seller, `${given.furrow.url}/deals`);
  await page.getByRole('button', { name: 'Ask for a call' }).click();
  await page.getByText('Thank you. We will be in touch soon.').waitFor();
  assert.match(page.url(), /furrow\.example:\d+\/f\/ask-for-a-call\/thanks$/);
  noFaults(stranger, marketer.context());
}

/* ---- what marketing sees ---- */

async function marketerSeesTheJourney(given) {
  const { furrow, marketer } = given;
  await marketer.goto(`${furrow.url}/contacts`);
  await marketer.getByRole('link', { name: 'Hanna Brandt' }).click();
  await marketer.getByRole('heading', { name: 'Hanna Brandt', level: 1 }).waitFor();
  given.contact = idOf(marketer);
  const facts = marketer.getByRole('region', { name: 'Facts' });
  for (const text of [LEAD, 'Brandt Obst', 'Paid search', 'spring-fair']) await facts.getByText(text).first().waitFor();
  const journey = marketer.getByRole('region', { name: 'Journey' });
  await journey.getByText('Form submitted').first().waitFor();
  const visit = journey.locator('.ev-visit').last();
  assert.match(await visit.innerText(), /Paid search/);
  await visit.locator('summary').click();
  const paths = await visit.locator('.page-path').allInnerTexts();
  for (const path of ['/', '/features', '/pricing', '/customers/orchard', '/demo', '/contact']) {
    assert.ok(paths.includes(path), `${path} is not among ${paths}`);
  }
  await journey.getByText(/First seen .* through Paid search/).waitFor();
}

async function marketerSeesTheScore(given) {
  const { furrow, marketer } = given;
  const score = marketer.locator('.score:not(.engagement)');
  await until('a score over the line', async () => {
    await marketer.reload();
    return Number(await score.locator('.score-big').innerText()) >= 90;
  });
  assert.match(await score.innerText(), /Over the line of 90/);
  const reasons = await score.locator('.reasons').innerText();
  for (const reason of ['Form submitted', 'Looked at pricing, 2 times', 'Asked for a demo', 'Read a page, 8 times', 'A day with a visit']) {
    assert.ok(reasons.includes(reason), `${reason} is not among ${reasons}`);
  }
  const points = (await score.locator('.reason-points').allInnerTexts()).map(Number);
  assert.equal(points.reduce((sum, n) => sum + n, 0), Number(await score.locator('.score-big').innerText()));
  const { score: same, lifecycle } = await furrow.api(MARKETER, `/contacts/${given.contact}`);
  assert.equal(same, Number(await score.locator('.score-big').innerText()));
  assert.equal(lifecycle, 'mql');
  await marketer.getByRole('region', { name: 'Journey' }).getByText('Handed over to sales').waitFor();
}

/* ---- sales ---- */

async function sellerIsTold({ seller }) {
  /* The page is the one that was open before the form was sent: nothing was loaded since. */
  await until('the bell to count', async () => (await seller.locator('#bell-count').innerText()) === '1');
  await seller.locator('[data-bell]').click();
  await seller.getByRole('link', { name: /New lead: Hanna Brandt/ }).click();
  await seller.waitForURL(/\/leads\?id=/);
}

async function sellerAccepts(given) {
  const { seller } = given;
  const lead = seller.getByRole('region', { name: 'Hanna Brandt' });
  assert.match(await lead.locator('.lead-reason').innerText(), /Score reached \d+: most for Form submitted/);
  await lead.locator('.due, .pill').first().waitFor();
  await lead.getByText('Looked at pricing, 2 times').waitFor();
  await lead.locator('.ev-visit').first().waitFor();
  await seller.getByRole('navigation', { name: 'Waiting leads' }).getByText('Hanna Brandt').waitFor();
  await lead.getByRole('button', { name: 'Accept lead' }).click();
  await seller.getByText('Lead accepted: Hanna Brandt.').waitFor();
  await seller.getByRole('region', { name: 'Answered today' }).getByRole('link', { name: 'Hanna Brandt' }).click();
  await seller.getByRole('heading', { name: 'Hanna Brandt', level: 1 }).waitFor();
  await seller.getByRole('region', { name: 'Journey' }).getByText('Lead accepted').first().waitFor();
}

async function sellerLogsACall({ seller }) {
  await seller.getByRole('link', { name: 'Call', exact: true }).click();
  await seller.locator('.composer-tab[aria-current]', { hasText: 'Call' }).waitFor();
  await seller.getByLabel('Text').or(seller.getByRole('textbox', { name: /What was said|Notes?|What/ })).first()
    .fill('Wants probes for 140 acres before the frost. Decides with her brother.');
  await seller.locator('.composer-form').getByRole('button').last().click();
  await seller.getByRole('region', { name: 'Journey' }).getByText('before the frost').first().waitFor();
}

/* The form of a new deal comes from the contact's page, so that it knows whom it is about. */
async function openDeal(seller, { name, amount, currency = 'EUR' }) {
  await seller.getByRole('region', { name: 'Related' }).getByRole('link', { name: 'Add to Deals' }).click();
  await seller.getByRole('heading', { name: 'New deal' }).waitFor();
  for (const [label, chosen] of [['Contact', 'Hanna Brandt'], ['Company', 'Brandt Obst']]) {
    /* It is a select of ids until the page's script has run. */
    await until(`${label} to be ${chosen}`, async () => (await seller.getByLabel(label).inputValue()) === chosen);
  }
  await seller.getByLabel('Name').fill(name);
  await seller.getByLabel('Amount').fill(amount);
  await seller.getByLabel('Currency').selectOption(currency);
  await seller.getByLabel('Expected close').fill('2027-03-31');
  await seller.getByRole('button', { name: 'Create deal' }).click();
  await seller.getByRole('heading', { name, level: 1 }).waitFor();
}

async function sellerOpensDeals(given) {
  const { furrow, seller } = given;
  const contact = `${furrow.url}/contacts/${given.contact}`;
  given.deals = {};
  for (const [name, amount] of [['Forty probes', '12,400.00'], ['Gateway', '1,850.50'], ['Second field', '9,000']]) {
    await seller.goto(contact);
    await openDeal(seller, { name, amount });
    given.deals[name] = idOf(seller);
  }
  const deal = await furrow.api(SELLER, `/deals/${given.deals['Forty probes']}`);
  assert.deepEqual([deal.amount, deal.close_date, deal.status], [{ amount: '12400.00', currency: 'EUR' }, '2027-03-31', 'open']);
  await seller.goto(contact);
  await seller.getByText('Opportunity').first().waitFor();
}

const card = (page, name) => page.locator('[data-card]', { has: page.getByRole('link', { name }) });
const column = (page, name) => page.locator(`[data-column][data-name="${name}"]`);

async function dragTo(page, name, stage) {
  /* The board is fetched anew a moment after each move; it is taken hold of when it stands still. */
  const element = () => card(page, name).elementHandle();
  await until('the board to stand still', async () => {
    const seen = await element();
    await page.waitForTimeout(400);
    return seen && (await seen.evaluate((node) => node.isConnected && !node.matches('.is-saving')));
  });
  const from = await card(page, name).boundingBox();
  const to = await column(page, stage).boundingBox();
  await page.mouse.move(from.x + from.width / 2, from.y + 14);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width / 2 + 12, from.y + 24, { steps: 4 });
  await page.mouse.move(to.x + to.width / 2, to.y + 40, { steps: 20 });
  await page.waitForTimeout(150);
  await page.mouse.up();
}

async function sellerWinsByMouse(given) {
  const { furrow, seller } = given;
  await seller.goto(`${furrow.url}/deals/board`);
  await dragTo(seller, 'Forty probes', 'Proposal');
  await column(seller, 'Proposal').getByText('Forty probes').waitFor();
  await seller.getByText('Forty probes moved to Proposal.').waitFor();
  await until('the board to settle', async () => (await card(seller, 'Forty probes').locator('.is-saving').count()) === 0);
  await dragTo(seller, 'Forty probes', 'Won');
  await seller.getByText('Forty probes moved to Won.').waitFor();
  const deal = await furrow.api(SELLER, `/deals/${given.deals['Forty probes']}`);
  assert.equal(deal.status, 'won');
  assert.ok(deal.closed_at);
  await seller.reload();
  await column(seller, 'Won').getByText('Forty probes').waitFor();
}

async function sellerWinsByKeyboard(given) {
  const { furrow, seller } = given;
  await card(seller, 'Gateway').focus();
  for (const stage of ['Qualified', 'Needs analysis', 'Proposal', 'Negotiation', 'Won']) {
    await seller.keyboard.press(']');
    await seller.getByText(`Gateway moved to ${stage}.`).waitFor();
    await until('the board to settle', async () => (await column(seller, stage).getByText('Gateway').count()) === 1
      && (await seller.evaluate(() => document.activeElement?.closest('[data-card]')?.textContent.includes('Gateway'))));
  }
  assert.equal((await furrow.api(SELLER, `/deals/${given.deals.Gateway}`)).status, 'won');
}

async function sellerLosesWithReason(given) {
  const { furrow, seller } = given;
  await dragTo(seller, 'Second field', 'Lost');
  await seller.getByRole('heading', { name: 'Close Second field as lost' }).waitFor();
  assert.equal((await furrow.api(SELLER, `/deals/${given.deals['Second field']}`)).status, 'open');
  await seller.getByLabel('Lost because').selectOption('Timing');
  await seller.getByRole('button', { name: 'Close as lost' }).click();
  await seller.getByText('Closed as lost: Second field.').waitFor();
  const deal = await furrow.api(SELLER, `/deals/${given.deals['Second field']}`);
  assert.deepEqual([deal.status, deal.lost_reason], ['lost', 'timing']);
}

/* ---- both read the same ---- */

async function bothReadOneJourney({ furrow, contact, marketer, seller }) {
  const texts = [];
  for (const page of [marketer, seller]) {
    await page.goto(`${furrow.url}/contacts/${contact}`);
    const journey = page.getByRole('region', { name: 'Journey' });
    await journey.locator('.ev-visit summary').last().click();
    for (const text of ['Deal won', 'Deal lost', 'Lead accepted', 'Handed over to sales', 'Form submitted', 'before the frost']) {
      await journey.getByText(text).first().waitFor();
    }
    const money = await journey.locator('.ev-money', { hasText: 'Forty probes' }).first().innerText();
    assert.match(money, /12,400/);
    await page.getByRole('main').getByText('Customer', { exact: true }).first().waitFor();
    texts.push((await journey.locator('.day').allInnerTexts()).join('\n'));
  }
  assert.equal(texts[0], texts[1]);
}

const REVENUE = '14,250.50';
/* Numbers on Home may be short ("€14.3k"); what is behind them is not. */
async function homeShowsRevenue({ furrow, marketer, seller }) {
  for (const page of [marketer, seller]) {
    await page.goto(`${furrow.url}/`);
    const row = page.locator('.channels tr', { hasText: 'Paid search' });
    assert.match(await row.innerText(), /14[,.]\d/);
    assert.doesNotMatch((await page.locator('.channels tr', { hasText: 'Direct' }).allInnerTexts()).join(), /14[,.]\d/);
    const funnel = await page.locator('.funnel').innerText();
    for (const step of ['Visitors', 'Won', 'Revenue']) assert.match(funnel, new RegExp(step, 'i'));
  }
}

async function campaignShowsRevenue({ campaign, marketer }) {
  await marketer.goto(campaign);
  const tile = (name) => marketer.locator('.tile', { has: marketer.getByRole('heading', { name, exact: true }) });
  assert.match(await tile('Revenue').innerText(), /14[,.]\d/);
  assert.match(await tile('Deals won').innerText(), /\b2\b/);
  assert.match(await tile('New leads').innerText(), /\b1\b/);
  assert.match(await tile('Visitors').innerText(), /\b1\b/);
  await tile('Deals won').getByRole('link', { name: /Rows/ }).click();
  await marketer.getByRole('link', { name: 'Forty probes' }).waitFor();
  await marketer.getByRole('link', { name: 'Gateway' }).waitFor();
  assert.match(await marketer.locator('.count').innerText(), /^2 deals/);
}

async function apiGivesTheSame({ furrow, contact }) {
  const deals = await furrow.api(SELLER, '/deals?filter=' + encodeURIComponent("status = 'won'"));
  const won = (deals.data ?? deals.items).reduce((sum, deal) => sum + Math.round(Number(deal.amount.amount) * 100), 0);
  assert.equal(won, 1425050);
  for (const mail of [MARKETER, SELLER, ADMIN]) {
    for (const [dimension, key] of [['channel', 'paid-search'], ['campaign', 'spring-fair']]) {
      const answer = await furrow.api(mail, `/question?metric=revenue&dimension=${dimension}&period=last_30_days`);
      assert.equal(answer.value, won);
      assert.deepEqual(answer.groups.filter((group) => group.value).map((group) => [group.key, group.value]), [[key, won]]);
    }
    assert.equal((await furrow.api(mail, '/question?metric=win_rate&period=last_30_days')).value, 2 / 3);
    assert.equal((await furrow.api(mail, '/question?metric=visitors&dimension=channel&period=today')).groups
      .find((group) => group.key === 'paid-search').value, 1);
  }
  const person = await furrow.api(MARKETER, `/contacts/${contact}`);
  assert.deepEqual([person.lifecycle, person.first_channel, person.first_campaign], ['customer', 'paid-search', 'spring-fair']);
}

async function nothingWentWrong({ marketer, seller, stranger, furrow }) {
  noFaults(marketer.context(), seller.context(), stranger);
  assert.doesNotMatch(furrow.log(), /level=error/);
}

export default {
  name: 'story',
  story: true,
  open,
  close,
  tests: [
    ['a marketer adds the site', setUpSite],
    ['a campaign gives ready-made links', setUpCampaign],
    ['a form is built and published', setUpForm],
    ['the MQL line is set', setUpLine],
    ['a stranger comes through the ad and reads', strangerReads],
    ['comes back and leaves the form of the site', strangerReturns],
    ['the contact has the visits from before', marketerSeesTheJourney],
    ['the score passes the line and says why', marketerSeesTheScore],
    ['the salesperson is told in the page', sellerIsTold],
    ['reads who it is and accepts', sellerAccepts],
    ['logs a call', sellerLogsACall],
    ['opens deals that know whom they are about', sellerOpensDeals],
    ['drags one to won', sellerWinsByMouse],
    ['moves one to won by keys', sellerWinsByKeyboard],
    ['losing asks for a reason', sellerLosesWithReason],
    ['both teams read one journey', bothReadOneJourney],
    ['Home shows the revenue under its channel', homeShowsRevenue],
    ['the campaign shows what it brought', campaignShowsRevenue],
    ['the API gives the same numbers', apiGivesTheSame],
    ['no page and no request failed', nothingWentWrong],
  ],
};
