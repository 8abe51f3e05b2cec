// customer.spec.mjs -- from the qualified lead to the customer who stays, with real mail servers: Postfix takes and brings the
// mails, Dovecot keeps them for the customer and for support, and python3-icalendar reads the invitation. A lead is accepted
// by keyboard, books a meeting, negotiates a quote that needs approval, signs its second version on a phone; the deal is won;
// support answers in the customer's thread and is rated; the renewal stands in next year's pipeline.
import assert from 'node:assert/strict';
import { ADMIN, MARKETER, SELLER, users } from './lib/company.mjs';
import { startFurrow } from './lib/furrow.mjs';
import { until } from './lib/harness.mjs';
import { MAIL_PASSWORD, noMailServers, startMail } from './lib/mail.mjs';
import { atWork, idOf, noFaults, openContext, startBrowser } from './lib/people.mjs';
import { startShop } from './lib/shop.mjs';

const LEAD = 'hanna@brandt-obst.test';
const SALES = 'sales@alderfield.test';
const SUPPORT = 'support@alderfield.test';
const AD = '/?utm_source=google&utm_medium=cpc&utm_campaign=spring-fair';
const MEETING = 'A first talk';
const PHONE = { viewport: { width: 390, height: 844 } };

/* What a company has before its first customer. */
async function prepare({ furrow, mail, shop }) {
  const post = (path, body) => furrow.api(ADMIN, path, { method: 'POST', body });
  const server = { host: '127.0.0.1', trust: mail.authority, password: MAIL_PASSWORD };
  await post('/brands', { name: 'Alderfield', address: 'Mill Lane 1, Berlin', is_default: true });
  await post('/senders', { ...server, name: 'Sales', from_name: 'Alderfield', from_address: SALES, port: mail.ports.submission,
    security: 'starttls', username: SALES, is_default: true });
  const box = await post('/mailboxes', { ...server, name: 'Support', address: SUPPORT, purpose: 'support', port: mail.ports.imaps,
    security: 'tls', smtp_host: '127.0.0.1', smtp_port: mail.ports.submission, smtp_security: 'starttls', signature: 'Alderfield support' });
  await post('/tax-rates', { name: 'VAT 20%', percent: 20, is_default: true });
  const book = await post('/price-books', { name: 'Europe', currency: 'EUR', is_default: true });
  for (const [name, amount, more] of [['Probe P1', '100', { kind: 'one_time' }], ['Field plan', '120', { kind: 'recurring', months: 1 }]]) {
    const { id } = await post('/products', { name, ...more });
    await post('/prices', { book_id: book.id, product_id: id, from_quantity: 0, unit_price: { amount, currency: 'EUR' } });
  }
  const [boss] = (await furrow.api(ADMIN, `/users?filter=${encodeURIComponent(`email = '${ADMIN}'`)}`)).data;
  await post('/approval-rules', { name: 'Discounts', filter: 'discount_given > 5', approver_id: boss.id });
  await furrow.api(MARKETER, '/sites', { method: 'POST', body: { name: 'Shop', domain: 'shop.example' } });
  await furrow.api(MARKETER, '/forms', { method: 'POST', body: { name: 'Ask for a call', slug: 'ask', status: 'published' } });
  shop.form = `${furrow.url}/f/ask`;
  await furrow.api(SELLER, '/booking-pages', { method: 'POST', body: { name: MEETING, slug: 'first', minutes: '30', notice_hours: 0,
    timezone: 'Europe/Berlin', location: 'By phone: we call you' } });
  return box.id;
}

async function open() {
  const mail = startMail();
  const furrow = await startFurrow({ users });
  const shop = await startShop({ furrow: furrow.url });
  const support = await prepare({ furrow, mail, shop });
  const browser = await startBrowser();
  const [marketer, seller, boss] = [await atWork(browser, furrow, MARKETER), await atWork(browser, furrow, SELLER), await atWork(browser, furrow, ADMIN)];
  const phone = await (await openContext(browser, PHONE)).newPage();
  await boss.goto(`${furrow.url}/settings/workspace`);
  await boss.getByLabel('Hours from solving to asking').fill('0');
  await boss.getByRole('button', { name: 'Save', exact: true }).first().click();
  await boss.getByText('Saved.').waitFor();
  return { mail, furrow, shop, support, browser, marketer, seller, boss, phone };
}
async function close({ mail, furrow, shop, browser }) {
  await browser.close();
  await shop.stop();
  await furrow.stop();
  mail.stop();
}

const fits = async (page) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${page.url()} is wider than the phone`);
const theirs = (mail) => mail.arrived(LEAD, { texts: [LEAD] });
/* The newest mail in the customer's mailbox that is such a one. */
const arrives = (mail, what, is) => until(what, async () => (await theirs(mail)).filter(is).at(-1), 60000);

/* ---- marketing hands over ---- */

async function aLeadComesThroughAnAd(world) {
  const { furrow, shop, phone, marketer } = world;
  const told = phone.waitForResponse((answer) => answer.url().endsWith('/api/event'));
  await phone.goto(shop.url(AD), { referer: 'https://www.google.com/' });
  await told;
  await phone.getByRole('navigation').getByRole('link', { name: 'Talk to us' }).click();
  for (const [label, text] of [['First name', 'Hanna'], ['Last name', 'Brandt'], ['Work email', LEAD], ['Company', 'Brandt Obst']]) {
    await phone.getByLabel(label).fill(text);
  }
  await phone.getByRole('button', { name: 'Ask for a call' }).click();
  await phone.waitForURL(/\/thanks/);
  await marketer.goto(`${furrow.url}/contacts`);
  await marketer.getByRole('link', { name: 'Hanna Brandt' }).click();
  await marketer.getByRole('heading', { name: 'Hanna Brandt', level: 1 }).waitFor();
  world.contact = idOf(marketer);
  await marketer.getByRole('link', { name: 'Hand over to sales' }).click();
  await marketer.getByLabel('Why now').fill('Asked for a call');
  await marketer.getByLabel('Salesperson').click();
  await marketer.getByLabel('Salesperson').fill('Tom');
  await marketer.getByRole('option', { name: /Tom Okafor/ }).click();
  await marketer.getByRole('button', { name: 'Create hand-off' }).click();
  await marketer.getByText(/Waiting|waits/i).first().waitFor();
}

async function itIsAcceptedByKeyboard({ furrow, seller, contact }) {
  await seller.goto(`${furrow.url}/leads`);
  await seller.getByRole('region', { name: 'Hanna Brandt' }).waitFor();
  await seller.getByRole('button', { name: 'Accept lead' }).focus();
  await seller.keyboard.press('Enter');
  await until('it is accepted', async () => {
    const [one] = (await furrow.api(SELLER, `/handoffs?filter=${encodeURIComponent(`contact_id = '${contact}'`)}`)).data;
    return one.status === 'accepted';
  });
}

/* ---- a meeting ---- */

async function theLeadBooksAMeeting(world) {
  const { furrow, phone, contact } = world;
  await phone.goto(`${furrow.url}/book/first?tz=Europe%2FBerlin`);
  await fits(phone);
  await phone.locator('a.book-day').last().click();
  await phone.locator('a.book-time').first().click();
  await phone.getByLabel('Your name').fill('Hanna Brandt');
  await phone.getByLabel('Email').fill(LEAD);
  await phone.waitForTimeout(1100); /* faster is a program */
  await phone.getByRole('button', { name: 'Book this time' }).click();
  await phone.getByText('It is booked.').waitFor();
  await fits(phone);
  const [meeting] = (await furrow.api(SELLER, `/activities?filter=${encodeURIComponent(`contact_id = '${contact}' and kind = 'meeting'`)}`)).data;
  world.meeting = meeting;
}

async function theInvitationIsAnICalendar({ mail, meeting }) {
  const invited = await arrives(mail, 'the invitation', (one) => one.calendar);
  const { calendar } = invited;
  assert.deepEqual([calendar.part_method, calendar.method], ['REQUEST', 'REQUEST']);
  assert.equal(calendar.uid, `${meeting.id}@meeting.furrow`);
  assert.equal(calendar.organizer, SELLER);
  assert.deepEqual(calendar.attendees, [{ mail: LEAD, answer: 'ACCEPTED' }]);
  assert.equal(Date.parse(calendar.start), Date.parse(meeting.due_at));
  assert.equal(Date.parse(calendar.end) - Date.parse(calendar.start), 30 * 60000);
  assert.match(invited.subject, new RegExp(MEETING));
}

/* ---- negotiation ---- */

async function aQuoteIsBuilt(world) {
  const { furrow, seller, contact } = world;
  await seller.goto(`${furrow.url}/contacts/${contact}`);
  await seller.getByRole('region', { name: 'Related' }).getByRole('link', { name: 'Add to Deals' }).click();
  await seller.getByRole('heading', { name: 'New deal' }).waitFor();
  await seller.getByLabel('Name').fill('Orchard probes');
  await seller.getByRole('button', { name: 'Create deal' }).click();
  await seller.getByRole('heading', { name: 'Orchard probes', level: 1 }).waitFor();
  world.deal = idOf(seller);
  await seller.locator('[data-menu=more] summary').click();
  await seller.getByRole('button', { name: 'New quote' }).click();
  await seller.waitForURL(/\/build$/);
  for (const [name, quantity] of [['Probe P1', '40'], ['Field plan', '2']]) {
    await seller.locator('select[name=add_product]').evaluate((select, wanted) => {
      select.value = [...select.options].find((option) => option.text === wanted).value;
    }, name);
    await seller.getByLabel('Quantity', { exact: true }).last().fill(quantity);
    await seller.getByRole('button', { name: 'Add product' }).click();
    await until(`${name} is a line`, async () => seller.locator('.quote-line input[name^="name."]').evaluateAll((all, wanted) => all.some((one) => one.value === wanted), name));
  }
  await seller.locator('#discount-0').fill('10%');
  await seller.getByRole('button', { name: 'Save quote' }).first().click();
  await seller.getByText(/^Saved: /).waitFor();
}

/* Asks, is allowed to, sends; the mail with the link comes to the customer. Gives the link. */
async function approvedAndSent({ furrow, seller, boss, mail, phone }, version) {
  const quote = seller.url().split('?')[0];
  await seller.getByRole('link', { name: 'Send', exact: true }).click();
  await seller.getByText('It has to be approved first').waitFor();
  await seller.getByRole('button', { name: 'Ask for approval' }).click();
  await seller.getByText('1 person was asked').waitFor();
  await boss.goto(`${furrow.url}/notifications`);
  await boss.getByText(/waits for your approval/).first().click();
  await boss.getByRole('button', { name: 'Approve' }).click();
  await boss.getByText(/^Approved:/).waitFor();
  await seller.goto(`${quote}/send`);
  await seller.getByText(LEAD).waitFor();
  const before = (await theirs(mail)).length;
  await seller.getByRole('button', { name: 'Send quote' }).click();
  await seller.waitForURL((url) => url.href.split('?')[0] === quote);
  await until(`version ${version} comes by mail`, async () => (await theirs(mail)).length > before, 60000);
  const letter = (await theirs(mail)).at(-1);
  const [link] = /https?:\S*\/q\/[\w-]+/.exec(letter.text);
  await phone.goto(link);
  await fits(phone);
  await phone.getByText('Probe P1').waitFor();
  return link;
}

async function itIsApprovedAndMailed(world) {
  world.first = await approvedAndSent(world, 1);
  world.quote = world.seller.url().split('?')[0];
}

async function theCustomerAsksForLess({ phone, seller }) {
  await phone.locator('#talk-name').fill('Hanna Brandt');
  await phone.getByLabel('What would you like to know or change?').fill('Could you meet us at 15 percent?');
  await phone.getByRole('button', { name: 'Send', exact: true }).click();
  await phone.getByText('Could you meet us at 15 percent?').waitFor();
  await seller.reload();
  await seller.getByText('Could you meet us at 15 percent?').first().waitFor();
}

/* What our side answers on the quote's page was promised. */
async function andIsPromisedADate({ seller, phone, first }) {
  await seller.getByLabel(/Write to the customer/).fill('We install in the second week of March.');
  await seller.getByRole('button', { name: 'Post answer' }).click();
  await phone.goto(first);
  await phone.getByText('We install in the second week of March.').waitFor();
}

async function bothFollowOnePlan({ furrow, seller, phone, deal, first }) {
  await seller.goto(`${furrow.url}/deals/${deal}`);
  const plan = seller.getByRole('region', { name: 'Action plan' });
  for (const [text, side] of [['Name who signs', 'Theirs'], ['Measure the rows', 'Ours']]) {
    await plan.getByLabel('A step').fill(text);
    await plan.getByLabel('Whose').selectOption(side);
    await plan.getByRole('button', { name: 'Add' }).click();
    await plan.getByRole('checkbox', { name: new RegExp(text) }).waitFor();
  }
  await plan.getByRole('button', { name: 'Share with the customer' }).click();
  await plan.getByText('The customer has not opened it yet.').waitFor();
  await phone.goto(first);
  await phone.getByRole('link', { name: /Our plan/ }).click();
  await phone.getByText('0 of 2 done').waitFor();
  await fits(phone);
  assert.equal(await phone.getByRole('button').count(), 1, 'only theirs can be ticked off');
  await phone.getByRole('button', { name: /^Done\s+with Name who signs$/ }).click();
  await phone.getByText('1 of 2 done').waitFor();
  await seller.reload();
  await plan.getByText('Opened 1 time').waitFor();
  assert.equal(await plan.getByRole('checkbox', { name: /Name who signs/ }).getAttribute('aria-checked'), 'true');
  await seller.getByText('Action plan opened').first().waitFor();
}

async function theSecondVersionIsSent(world) {
  const { seller, phone, quote } = world;
  await seller.goto(quote);
  await seller.getByRole('button', { name: 'New version' }).click();
  await seller.waitForURL(/\/build$/);
  await seller.locator('#discount-0').fill('15%');
  await seller.getByRole('button', { name: 'Save quote' }).first().click();
  await seller.getByText(/^Saved: /).waitFor();
  world.second = await approvedAndSent(world, 2);
  assert.notEqual(world.second, world.first);
  await phone.goto(world.first);
  await phone.getByRole('link', { name: 'Open the newer version' }).click();
  await phone.waitForURL(world.second);
}

async function itIsSignedOnAPhone({ phone, furrow, deal }) {
  await phone.locator('#sign-name').fill('Hanna Brandt');
  await phone.getByLabel(/I accept this quote/).check();
  await phone.getByRole('button', { name: 'Accept and sign' }).click();
  await phone.getByText(/Accepted by Hanna Brandt/).waitFor();
  await fits(phone);
  /* 40 probes less 15 percent, and a year of two plans: 3,400 + 2,880 */
  assert.deepEqual((await furrow.api(SELLER, `/deals/${deal}`)).amount, { amount: '6280.00', currency: 'EUR' });
}

/* ---- won, and what follows in the same moment ---- */

async function theDealIsWon({ furrow, seller, deal }) {
  await seller.goto(`${furrow.url}/deals/${deal}`);
  await seller.getByText(/Quote accepted/).first().waitFor();
  await seller.getByRole('button', { name: 'Won', exact: true }).click();
  await seller.getByText('Won: Orchard probes.').waitFor();
  assert.equal((await furrow.api(SELLER, `/deals/${deal}`)).status, 'won');
}

async function orderAndSubscriptionExist(world) {
  const { furrow, seller, deal } = world;
  const of = (path) => furrow.api(SELLER, `${path}?filter=${encodeURIComponent(`deal_id = '${deal}'`)}`);
  const [order] = (await of('/orders')).data;
  const [subscription] = (await of('/subscriptions')).data;
  assert.deepEqual([order.net, order.status], [{ amount: '3640.00', currency: 'EUR' }, 'open']);
  assert.deepEqual([subscription.amount, subscription.status, subscription.name], [{ amount: '240.00', currency: 'EUR' }, 'active', 'Field plan']);
  await seller.goto(`${furrow.url}/orders/${order.id}`);
  await seller.getByRole('heading', { name: order.number, level: 1 }).waitFor();
  for (const text of ['Probe P1', 'Field plan', 'Brandt Obst', '€3,640.00']) await seller.getByText(text).first().waitFor();
  await seller.goto(`${furrow.url}/subscriptions/${subscription.id}`);
  await seller.getByRole('heading', { name: 'Field plan', level: 1 }).waitFor();
  await seller.getByText('€240.00').first().waitFor();
  world.subscription = subscription;
}

async function theRenewalStandsInNextYear({ furrow, seller, subscription }) {
  const renewal = await furrow.api(SELLER, `/deals/${subscription.renewal_id}`);
  const year = Number(subscription.started_on.slice(0, 4)) + 1;
  assert.equal(renewal.close_date, subscription.renews_on);
  assert.equal(Number(renewal.close_date.slice(0, 4)), year);
  assert.deepEqual(renewal.amount, { amount: '2880.00', currency: 'EUR' });
  await seller.goto(`${furrow.url}/deals/board?pipeline_id=${renewal.pipeline_id}`);
  const card = seller.locator('[data-card]', { hasText: `Renewal ${year}: Field plan` });
  await card.waitFor();
  assert.match(await card.innerText(), /2,880/);
}

/* ---- service ---- */

async function serviceHasTheHandOver({ furrow, boss, deal, contact }) {
  const [ticket] = (await furrow.api(ADMIN, `/tickets?filter=${encodeURIComponent(`deal_id = '${deal}'`)}`)).data;
  assert.deepEqual([ticket.status, ticket.channel, ticket.contact_id], ['new', 'handover', contact]);
  await boss.goto(`${furrow.url}/tickets/${ticket.id}`);
  const list = boss.getByRole('region', { name: 'Checklist' });
  for (const text of ['40 × Probe P1', '2 × Field plan', 'We install in the second week of March.', 'Measure the rows']) {
    await list.getByRole('checkbox', { name: new RegExp(text) }).waitFor();
  }
  await list.getByRole('checkbox', { name: /40 × Probe P1/ }).click();
  await list.getByText(/^1 of \d+ done$/).waitFor();
}

async function readSupport({ furrow, boss, support }) {
  await boss.goto(`${furrow.url}/mailboxes/${support}`);
  await boss.locator('details').filter({ hasText: 'Read now' }).locator('summary').click();
  await boss.getByRole('button', { name: 'Read now' }).click();
  await boss.getByText('It is being read.').waitFor();
}
const writes = (mail, subject, id, text, head = '') => mail.bring(LEAD, SUPPORT,
  `From: Hanna Brandt <${LEAD}>\r\nTo: ${SUPPORT}\r\nSubject: ${subject}\r\nMessage-ID: <${id}@brandt-obst.test>\r\nDate: ${new Date().toUTCString()}\r\n${head}\r\n${text}\r\n`);

async function theCustomerWritesToSupport(world) {
  const { furrow, mail, seller, contact } = world;
  writes(mail, 'A probe is silent', 'silent.1', 'Probe 7 has said nothing since Monday.',
    `Cc: Ole <ole@brandt-obst.test>, ${SUPPORT}\r\n`);
  const find = async () => (await furrow.api(ADMIN, `/tickets?filter=${encodeURIComponent("subject = 'A probe is silent'")}`)).data[0];
  world.ticket = await until('the ticket', async () => {
    await readSupport(world);
    return find();
  }, 60000);
  assert.deepEqual([world.ticket.contact_id, world.ticket.status], [contact, 'new']);
  await seller.goto(`${furrow.url}/contacts/${contact}`);
  await seller.getByText('Ticket opened').first().waitFor();
}

async function andGetsAnAnswerInThread(world) {
  const { furrow, boss, mail, ticket } = world;
  await boss.goto(`${furrow.url}/tickets/${ticket.id}`);
  await boss.getByText('Probe 7 has said nothing since Monday.').first().waitFor();
  await boss.getByLabel('Answer', { exact: true }).fill('Please turn it off and on: its clock had stopped.');
  await boss.getByRole('button', { name: 'Send', exact: true }).click();
  const answer = world.answer = await arrives(mail, 'the answer', (one) => /its clock had stopped/.test(one.text));
  assert.match(answer.subject, new RegExp(`^Re: A probe is silent \\[${ticket.code}\\]$`));
  assert.equal(answer.in_reply_to, '<silent.1@brandt-obst.test>');
  assert.match(answer.references, /<silent\.1@brandt-obst\.test>/);
  assert.match(answer.from, new RegExp(SUPPORT.replace('.', '\\.')));
  assert.equal(answer.cc, 'ole@brandt-obst.test'); /* whom they had asked along, and not ourselves */
  assert.match(answer.reply_to, /support\+T\d+-\w+@alderfield\.test/);
}

async function theirReplyIsOfTheSameTicket(world) {
  const { furrow, boss, mail, ticket, answer } = world;
  writes(mail, `Re: ${answer.subject}`, 'silent.2', 'It speaks again, thank you.', `In-Reply-To: ${answer.message_id}\r\nReferences: <silent.1@brandt-obst.test> ${answer.message_id}\r\n`);
  await until('it is open again', async () => {
    await readSupport(world);
    return (await furrow.api(ADMIN, `/tickets/${ticket.id}`)).status === 'open';
  }, 60000);
  await boss.goto(`${furrow.url}/tickets/${ticket.id}`);
  await boss.getByText('It speaks again, thank you.').first().waitFor();
  await boss.getByRole('button', { name: 'Solve', exact: true }).click();
  await until('it is solved', async () => (await furrow.api(ADMIN, `/tickets/${ticket.id}`)).status === 'solved');
}

async function itIsRated({ furrow, mail, phone, boss, ticket }) {
  const asked = await arrives(mail, 'the question how it was', (one) => /^How did we do/.test(one.subject));
  await phone.goto(/https?:\S*\/csat\/\S*score=5/.exec(asked.text)[0]);
  await fits(phone);
  assert.equal((await furrow.api(ADMIN, `/tickets/${ticket.id}`)).csat, null, 'looking rates nothing');
  await phone.getByLabel(/Anything|What should we know/).fill('Quick.');
  await phone.getByRole('button', { name: 'Send' }).click();
  await phone.getByText('Thank you').waitFor();
  const rated = await furrow.api(ADMIN, `/tickets/${ticket.id}`);
  assert.deepEqual([rated.csat, rated.csat_comment], [5, 'Quick.']);
  await boss.goto(`${furrow.url}/contacts/${ticket.contact_id}`);
  await boss.getByText('Rated us').first().waitFor();
}

/* ---- both teams read one story ---- */

async function revenueStandsUnderTheFirstChannel({ furrow, marketer, seller, contact }) {
  const person = await furrow.api(MARKETER, `/contacts/${contact}`);
  assert.deepEqual([person.lifecycle, person.first_channel, person.first_campaign], ['customer', 'paid-search', 'spring-fair']);
  for (const who of [MARKETER, SELLER]) {
    const answer = await furrow.api(who, '/question?metric=revenue&dimension=channel&period=last_30_days');
    assert.deepEqual(answer.groups.filter((group) => group.value).map((group) => [group.key, group.value]), [['paid-search', 628000]]);
  }
  for (const page of [marketer, seller]) {
    await page.goto(`${furrow.url}/`);
    assert.match(await page.locator('.channels tr', { hasText: 'Paid search' }).innerText(), /6[,.]\d/);
    await page.goto(`${furrow.url}/contacts/${contact}`);
    for (const text of ['Deal won', 'Quote accepted', 'Lead accepted', 'Meeting booked', 'Form submitted']) await page.getByText(text).first().waitFor();
  }
}

async function nothingWentWrong({ marketer, seller, boss, phone, furrow }) {
  noFaults(marketer.context(), seller.context(), boss.context(), phone.context());
  assert.doesNotMatch(furrow.log(), /level=error/);
}

export default {
  name: 'customer',
  story: true,
  ms: 120000, /* on a busy machine */
  skip: noMailServers() ?? '',
  open,
  close,
  tests: [
    ['a lead comes through an ad and is handed over', aLeadComesThroughAnAd],
    ['it is accepted by keyboard', itIsAcceptedByKeyboard],
    ['the lead books a meeting on a phone', theLeadBooksAMeeting],
    ['the invitation is an iCalendar that another program reads', theInvitationIsAnICalendar],
    ['a quote is built on the deal', aQuoteIsBuilt],
    ['it needs approval, gets it, and comes by mail', itIsApprovedAndMailed],
    ['the customer asks for less', theCustomerAsksForLess],
    ['and is promised a date', andIsPromisedADate],
    ['both sides follow one plan', bothFollowOnePlan],
    ['version 2 is approved and sent', theSecondVersionIsSent],
    ['it is accepted and signed on a phone', itIsSignedOnAPhone],
    ['the deal is won', theDealIsWon],
    ['order and subscription exist', orderAndSubscriptionExist],
    ['the renewal stands in next year\'s pipeline', theRenewalStandsInNextYear],
    ['service has what was bought and promised', serviceHasTheHandOver],
    ['the customer writes to support', theCustomerWritesToSupport],
    ['and gets an answer in their thread', andGetsAnAnswerInThread],
    ['their reply is of the same ticket, which is solved', theirReplyIsOfTheSameTicket],
    ['it is rated by the link of the mail', itIsRated],
    ['the revenue stands under the lead\'s first channel', revenueStandsUnderTheFirstChannel],
    ['no page and no request failed', nothingWentWrong],
  ],
};
