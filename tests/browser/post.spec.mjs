// post.spec.mjs -- a broadcast to a thousand people of the demo company, by real mail servers: Postfix takes the mails over TLS
// from who signs in, Dovecot keeps what arrives, a verifier of others checks every signature against what the sender's
// page says belongs into the DNS. Who leaves by one click is left out the next time; what Postfix returns marks the
// right contact; an answer ends a sequence.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { startFurrow } from './lib/furrow.mjs';
import { ADMIN, MARKETER, users } from './lib/company.mjs';
import { until } from './lib/harness.mjs';
import { MAIL_PASSWORD, noMailServers, startMail, startNames } from './lib/mail.mjs';
import { atWork, idOf, noFaults, openContext, startBrowser } from './lib/people.mjs';

const PEOPLE = 1000;
const FROM = 'sales@alderfield.test';
const EVERYBODY = 'everybody@alderfield.test';
const LIST = 'The first thousand';

async function open() {
  const mail = startMail();
  const records = [];
  const names = await startNames(records);
  const furrow = await startFurrow({ users, demo: ['--contacts', '4000', '--event-count', '30000', '--deals', '40'] });
  const browser = await startBrowser();
  const admin = await atWork(browser, furrow, ADMIN);
  const page = await atWork(browser, furrow, MARKETER);
  const stranger = await (await openContext(browser)).newPage();
  return { mail, records, names, furrow, browser, admin, page, stranger, keys: {} };
}
async function close({ mail, names, furrow, browser }) {
  await browser.close();
  await furrow.stop();
  names.stop();
  mail.stop();
}

const choose = async (page, label, text) => {
  await page.getByLabel(label).click();
  await page.getByLabel(label).fill(text);
  await page.getByRole('option', { name: text }).first().click();
};

async function aSenderIsMade(world) {
  const { furrow, admin, mail, names } = world;
  await admin.goto(`${furrow.url}/settings/workspace`);
  await admin.getByLabel('Name server for DNS checks').fill(names.at);
  await admin.getByRole('button', { name: 'Save', exact: true }).first().click();
  await admin.goto(`${furrow.url}/senders/new`);
  await admin.getByLabel('Name', { exact: true }).fill('Orchard post');
  await admin.getByLabel('From name').fill('Alderfield');
  await admin.getByLabel('From address').fill(FROM);
  await admin.getByLabel('Mail server').fill('127.0.0.1');
  await admin.getByLabel('Port').fill(`${mail.ports.submission}`);
  await admin.getByLabel('User name').fill(FROM);
  await admin.getByLabel('Password').fill(MAIL_PASSWORD);
  await admin.getByLabel('Certificate to trust').fill(mail.authority);
  await admin.getByRole('button', { name: 'Create sender' }).click();
  await admin.waitForURL(/\/senders\/\w+/);
  world.sender = idOf(admin);
}

async function itsDnsIsChecked(world) {
  const { furrow, admin, records, sender, keys } = world;
  await admin.goto(`${furrow.url}/senders/${sender}/dns`);
  await admin.getByRole('button', { name: 'Make keys' }).click();
  await admin.getByText('The keys are made').waitFor();
  const rows = () => admin.locator('tbody tr').evaluateAll((all) => all.map((row) => ({
    what: row.cells[0].innerText.trim(), name: row.querySelector('code').innerText.trim(),
    record: row.querySelector('pre').innerText.trim(), state: row.cells[2].innerText.trim() })));
  await admin.goto(`${furrow.url}/senders/${sender}/dns?check=1`);
  assert.ok((await rows()).every((one) => /^missing/.test(one.state)), 'an empty DNS has none of it');
  for (const one of await rows()) { /* as somebody would who copies them from the page */
    if (one.what === 'MX') records.push({ name: one.name, type: 'MX', value: 'mail.alderfield.test' });
    else records.push({ name: one.name, type: 'TXT', value: one.record });
    if (/_domainkey/.test(one.name)) keys[one.name] = one.record;
  }
  assert.equal(Object.keys(keys).length, 2);
  await admin.getByRole('link', { name: 'Look it up now' }).click();
  await until('all are found', async () => (await rows()).every((one) => /^(there|right)/.test(one.state)));
}

async function itsMailboxIsRead(world) {
  const { furrow, admin, mail } = world;
  await admin.goto(`${furrow.url}/mailboxes/new`);
  await admin.getByLabel('Name', { exact: true }).fill('Bounces and replies');
  await admin.getByLabel('Mail address').fill(FROM);
  await admin.getByLabel('What for').selectOption('Bounces and replies');
  await admin.getByLabel('Server').first().fill('127.0.0.1');
  await admin.getByLabel('Port').first().fill(`${mail.ports.imaps}`);
  await admin.getByLabel('Password').fill(MAIL_PASSWORD);
  await admin.getByLabel('Certificate to trust').fill(mail.authority);
  await admin.getByRole('button', { name: 'Create mailbox' }).click();
  await admin.waitForURL(/\/mailboxes\/\w+/);
  world.mailbox = `${furrow.url}/mailboxes/${idOf(admin)}`;
}

/* A thousand who agreed to the newsletter and can be written to, and one more whose address nobody has any more. */
async function aThousandAreChosen(world) {
  const { furrow, page } = world;
  await page.goto(`${furrow.url}/segments/new`);
  await page.getByLabel('Name', { exact: true }).fill(LIST);
  await page.getByLabel('Kind').selectOption('Static list');
  await page.getByRole('button', { name: 'Create segment' }).click();
  await page.waitForURL(/\/segments\/\w+/);
  world.segment = idOf(page);
  const filter = encodeURIComponent("consent has 'newsletter' and email is not empty");
  const dead = new Set((await furrow.api(MARKETER, '/suppressions?limit=200')).data.map((one) => one.address));
  world.people = [];
  for (let next = `/contacts?limit=200&filter=${filter}`; next && world.people.length <= PEOPLE;) {
    const some = await furrow.api(MARKETER, next.replace('/api/v1', ''));
    world.people.push(...some.data.filter((one) => !dead.has(one.email)));
    next = some.next;
  }
  assert.ok(world.people.length > PEOPLE, `the demo company has ${world.people.length} readers`);
  world.gone = world.people[PEOPLE];
  world.people = world.people.slice(0, PEOPLE);
  [world.leaver, world.answers] = world.people;
  await furrow.api(MARKETER, `/contacts/${world.gone.id}`, { method: 'PATCH', body: { email: 'gone@bounces.test' } });
  const put = (list) => furrow.api(MARKETER, `/segments/${world.segment}/members`, { method: 'POST', body: { contact_ids: list.map((one) => one.id) } });
  await put(world.people);
  await put([world.gone]);
  await page.goto(`${furrow.url}/segments/${world.segment}`);
  await page.getByText('1,001').first().waitFor();
}

async function aMailIsWritten(world) {
  const { furrow, page } = world;
  await page.goto(`${furrow.url}/mail-contents/library`);
  await page.getByRole('button', { name: 'Use Newsletter' }).click();
  await page.waitForURL(/\/write$/);
  await page.getByLabel('Subject').fill('Frost and fruit, {{contact.first_name|dear reader}}');
  await until('the draft is saved', async () => await page.locator('#mail-status').innerText() === 'Saved');
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.waitForURL(/\/mail-contents\/\w+$/);
  world.content = (await furrow.api(MARKETER, `/mail-contents/${idOf(page)}`)).name;
}

/* From nothing to confirmed with the number; gives what the check said. */
async function send({ furrow, page, content }, name, people) {
  await page.goto(`${furrow.url}/broadcasts/new`);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await choose(page, 'Topic', 'Newsletter');
  await choose(page, /^Sender( optional)?$/, 'Orchard post');
  await page.getByRole('button', { name: 'Create broadcast' }).click();
  await page.getByText('Choose to whom it goes.').waitFor();
  const url = page.url().split('?')[0];
  await page.getByLabel('Content', { exact: true }).selectOption(content);
  await page.getByRole('button', { name: 'Save what it says' }).click();
  await page.getByText('What it says is saved.').waitFor();
  await page.getByLabel(new RegExp(LIST)).selectOption('Send to them');
  await page.getByRole('button', { name: 'Save to whom it goes' }).click();
  await page.getByText('It is ready to be checked and sent.').waitFor();
  await page.getByRole('link', { name: 'Check and send' }).click();
  await page.getByRole('button', { name: /Count the recipients/ }).click();
  await page.getByText(`${people} of 1,001 people get it`).waitFor();
  const said = await page.locator('#check').innerText();
  await page.getByLabel(`Yes, this mail is for ${people} people.`).check();
  await page.getByRole('button', { name: `Send to ${people} people` }).click();
  await until('it is finished', async () => {
    await page.goto(url);
    return /Finished/i.test(await page.locator('.highlights').innerText());
  }, 120000);
  return { url, said };
}

const isLetter = (one) => /^Frost and fruit/.test(one.subject);
const tile = (page, label) => page.locator('.tile').filter({ has: page.getByRole('heading', { name: label, exact: true }) }).locator('.tile-value').innerText();

async function itGoesOut(world) {
  Object.assign(world, await send(world, 'Frost letter', '1,001'));
  assert.match(await world.page.locator('.highlights').innerText(), /1,001/);
}

async function allOfItArrives(world) {
  const { mail, people, keys, answers } = world;
  await until('Postfix has delivered a thousand', async () => mail.delivered() >= PEOPLE, 120000);
  const got = world.got = (await mail.arrived(EVERYBODY, { keys, texts: [answers.email] })).filter(isLetter);
  assert.deepEqual(got.map((one) => one.to).sort(), people.map((one) => one.email).sort(), 'each person has one');
}
function everySignaturePasses({ got, people }) {
  for (const one of got) {
    assert.deepEqual(one.signatures.map((s) => [s.algorithm, s.domain, s.passes]).sort(),
      [['ed25519-sha256', 'alderfield.test', true], ['rsa-sha256', 'alderfield.test', true]], one.to);
    for (const s of one.signatures) {
      for (const name of ['from', 'to', 'subject', 'list-unsubscribe', 'list-unsubscribe-post']) assert.ok(s.signs.includes(name), name);
    }
    assert.equal(one.one_click, 'List-Unsubscribe=One-Click');
  }
  assert.equal(got.filter((one) => !/dear reader/.test(one.subject)).length, people.filter((one) => one.first_name).length);
}

/* What the mailbox has; a bounce and a reply come within seconds. */
async function readMailbox({ admin, mailbox }) {
  await admin.goto(mailbox);
  await admin.locator('details').filter({ hasText: 'Read now' }).locator('summary').click();
  await admin.getByRole('button', { name: 'Read now' }).click();
  await admin.getByText('It is being read.').waitFor();
}

async function whatPostfixReturnsMarksTheRightOne(world) {
  const { furrow, page, admin, mail, url, gone } = world;
  await until('Postfix has returned it', async () => (await mail.arrived(FROM)).length === 1);
  const [back] = await mail.arrived(FROM);
  assert.match(back.from, /MAILER-DAEMON/i);
  await until('it is read', async () => {
    await readMailbox(world);
    await page.goto(`${url}/people?which=bounced`);
    return await page.locator('tbody tr').count();
  }, 40000);
  assert.deepEqual(await page.locator('tbody tr td:nth-child(2)').allInnerTexts(), ['gone@bounces.test']);
  await page.goto(`${furrow.url}/contacts/${gone.id}`);
  await page.getByText('Mail bounced').first().waitFor();
  await admin.goto(`${furrow.url}/mail-reports`);
  assert.match(await admin.locator('tbody tr').innerText(), /Hard bounce[^]*gone@bounces.test[^]*5\.1\.1/);
}

/* As a mailbox provider does it: a POST from nowhere, without cookies. */
const post = (target, body) => new Promise((done, failed) => {
  const url = new URL(target);
  const ask = request({ host: '127.0.0.1', port: url.port, path: url.pathname + url.search, method: 'POST',
    headers: { Host: url.host, 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': body.length } }, (answer) => {
    answer.resume();
    answer.on('end', () => done(answer));
  });
  ask.on('error', failed);
  ask.end(body);
});

async function oneClickLeaves(world) {
  const { furrow, page, got, leaver, url } = world;
  const theirs = got.find((one) => one.to === leaver.email);
  const answer = await post(/<(https?:[^>]*)>/.exec(theirs.list_unsubscribe)[1], 'List-Unsubscribe=One-Click');
  assert.ok(answer.statusCode >= 200 && answer.statusCode < 300, `${answer.statusCode}`);
  assert.equal(answer.headers['set-cookie'], undefined);
  await until('it stands in the results', async () => {
    await page.goto(`${url}/people?which=left`);
    return await page.locator('tbody tr').count() === 1;
  }, 30000);
  assert.deepEqual(await page.locator('tbody tr td:nth-child(2)').allInnerTexts(), [leaver.email]);
  await page.goto(`${furrow.url}/contacts/${leaver.id}`);
  await page.getByText('Took back: Newsletter').first().waitFor();
  await page.getByText('Unsubscribe button of the mail program').first().waitFor();
}

async function itOpensInABrowser(world) {
  const { stranger, got, answers } = world;
  const theirs = got.find((one) => one.to === answers.email);
  const link = /https?:\S*\/m\/v\/\w+/.exec(theirs.text)[0];
  const answer = await stranger.goto(link);
  assert.equal(answer.status(), 200);
  await stranger.getByText(answers.first_name).first().waitFor();
}

async function theResultsHaveTheNumbers({ page, url }) {
  await until('they are counted', async () => {
    await page.goto(url);
    return await tile(page, 'Unsubscribed') === '1 0.1%';
  }, 90000);
  assert.equal(await tile(page, 'Delivered'), '1,000 99.9%');
  assert.equal(await tile(page, 'Bounced'), '1 0.1%');
  assert.match(await page.locator('main').innerText(), /Not delivered, by reason\s+No such address\s+1/);
}

/* Two people in a sequence of three letters with days between; one answers the first. */
async function anAnswerEndsASequence(world) {
  const { furrow, page, mail, answers, people } = world;
  const silent = people[2];
  const made = await furrow.api(MARKETER, '/flows', { method: 'POST', body: { name: 'Three letters', definition: {
    entry: { again: 'never' }, triggers: [{ id: 't1', on: 'hand' }],
    goals: [{ id: 'g1', on: 'mail', what: 'replied', from: 'flow' }],
    steps: [{ id: 's1', kind: 'mail', sender: world.sender, subject: 'A question, {{contact.first_name|there}}', text: 'Shall we talk?' },
      { id: 's2', kind: 'wait', amount: 2, unit: 'days' }, { id: 's3', kind: 'mail', sender: world.sender, subject: 'Once more', text: 'Shall we?' }],
  } } });
  await page.goto(`${furrow.url}/flows/${made.id}/publish`);
  await page.getByRole('button', { name: 'Publish version 1' }).click();
  await page.getByText('Version 1 is live.').waitFor();
  for (const one of [answers, silent]) {
    const entered = await furrow.api(MARKETER, `/flows/${made.id}/people`, { method: 'POST', body: { contact: one.id } });
    assert.equal(entered.entered, true);
  }
  const theirs = await until('both have the first letter', async () => {
    const some = (await mail.arrived(EVERYBODY)).filter((one) => /^A question/.test(one.subject));
    return some.length === 2 && some.find((one) => one.to === answers.email);
  }, 60000);
  mail.bring(answers.email, FROM, `From: ${answers.email}\r\nTo: ${FROM}\r\nSubject: Re: ${theirs.subject}\r\nMessage-ID: <yes@their.example>\r\nIn-Reply-To: ${theirs.message_id}\r\nReferences: ${theirs.message_id}\r\n\r\nYes, call me.\r\n`);
  await until('it lies in the mailbox', async () => (await mail.arrived(FROM)).length >= 2, 30000);
  const runs = (state) => furrow.api(MARKETER, `/flows/${made.id}/runs?state=${state}`);
  await until('the answer is heard', async () => {
    await readMailbox(world);
    return (await runs('goal')).runs.length === 1;
  }, 60000);
  await page.goto(`${furrow.url}/flows/${made.id}/people?state=goal`);
  assert.match(await page.locator('main').innerText(), new RegExp(answers.last_name));
  assert.doesNotMatch(await page.locator('main').innerText(), new RegExp(silent.email));
  await page.goto(`${furrow.url}/contacts/${answers.id}`);
  await page.getByText('Replied to a mail').first().waitFor();
  assert.equal((await mail.arrived(EVERYBODY)).filter((one) => one.subject === 'Once more').length, 0);
}

async function theNextOneHonoursIt(world) {
  const { page, mail, leaver, people } = world;
  const { said, url } = await send(world, 'Second letter', '999');
  assert.match(said, /Did not agree to the topic\s+1/);
  assert.match(said, /The address does not exist any more\s+1/);
  await page.goto(`${url}/people?which=skipped`);
  const skipped = await page.locator('tbody tr').allInnerTexts();
  assert.equal(skipped.length, 2);
  assert.ok(skipped.some((row) => row.includes(leaver.email) && /Did not agree/.test(row)), skipped.join('\n'));
  await until('Postfix has delivered them', async () => mail.delivered() >= 2 * PEOPLE, 120000); /* a bounce among them */
  const got = (await mail.arrived(EVERYBODY)).filter(isLetter);
  assert.equal(got.length, 2 * PEOPLE - 1);
  assert.equal(got.filter((one) => one.to === leaver.email).length, 1);
  assert.ok(people.slice(1).every((who) => got.filter((one) => one.to === who.email).length === 2));
}

export default {
  name: 'post',
  story: true,
  ms: 180000, /* on a busy machine */
  skip: noMailServers() ?? '',
  open,
  close,
  tests: [
    ['a sender is made, with TLS and a password', aSenderIsMade],
    ['its DNS page says what is missing, then that all is there', itsDnsIsChecked],
    ['its mailbox for bounces and replies', itsMailboxIsRead],
    ['a list of a thousand people', aThousandAreChosen],
    ['a mail is written from the library', aMailIsWritten],
    ['a broadcast is checked, confirmed with its number, sent', itGoesOut],
    ['all of it arrives, once each', allOfItArrives],
    ['a verifier of others passes both signatures of every mail', everySignaturePasses],
    ['what Postfix returns marks the right contact', whatPostfixReturnsMarksTheRightOne],
    ['a post to its header, without cookies, leaves the topic', oneClickLeaves],
    ['it opens in a browser as its reader had it', itOpensInABrowser],
    ['the results have the numbers', theResultsHaveTheNumbers],
    ['the next one honours both', theNextOneHonoursIt],
    ['an answer ends a sequence', anAnswerEndsASequence],
    ['no page had a fault', async ({ page, admin }) => noFaults(page.context(), admin.context())],
  ],
};
