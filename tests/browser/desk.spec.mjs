// desk.spec.mjs -- a queue of tickets worked through by keyboard alone: given to somebody, answered with a canned answer and a
// macro, noted with a mention, merged, split, solved; two who answer at once; promises that run; files and news of a
// ticket; and the help centre as its readers meet it, also without JavaScript.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { until } from './lib/harness.mjs';
import { startFurrow } from './lib/furrow.mjs';
import { atWork, follow, noFaults, openContext, startBrowser } from './lib/people.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const [ADMIN, SUE, PAUL] = ['ada@northfield.example', 'sue@northfield.example', 'paul@northfield.example'];
const HANNA = 'hanna@obst.example';

async function open() {
  const furrow = await startFurrow({ users: [
    { mail: ADMIN, name: 'Ada Park', token: true },
    { mail: SUE, name: 'Sue Service', role: 'Service', team: 'Service', token: true },
    { mail: PAUL, name: 'Paul Probe', role: 'Service', team: 'Service', token: true },
  ] });
  const post = (path, body) => furrow.api(ADMIN, path, { method: 'POST', body });
  await post('/senders', { name: 'Support', from_address: 'support@northfield.example', is_default: true }); /* no server: mails wait */
  await post('/sla-policies', { name: 'Everybody', hours: 'always', first_normal: 1, solve_normal: 600 });
  await post('/snippets', { name: 'Off and on', text: '{{contact.first_name|There}}, please turn it off and on again.', shared: 'everyone' });
  await post('/snippets', { name: 'Thanks', text: 'Thank you for telling us.', shared: 'everyone' });
  await post('/macros', { name: 'Needs a visit', text: 'We will come by, {{name}}.', status: 'on_hold', priority: 'high', tags: ['visit'] });
  const section = await post('/article-sections', { name: 'Probes' });
  for (const [title, text] of [['A probe is silent', 'Turn the probe off and on; its clock has stopped.'],
    ['The gateway blinks', 'It looks for its probes.']]) {
    await post('/articles', { title, text, status: 'published', section_id: section.id });
  }
  const browser = await startBrowser();
  const sue = await atWork(browser, furrow, SUE);
  return { furrow, browser, sue, tickets: {} };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}
async function ask({ furrow, tickets }, subject, text, email = HANNA) {
  const ticket = await furrow.api(ADMIN, '/tickets', { method: 'POST', body: { subject, text, email, name: 'Hanna Brandt' } });
  tickets[subject] = ticket;
  return ticket;
}
const now = ({ furrow, tickets }, subject) => furrow.api(ADMIN, `/tickets/${tickets[subject].id}`);
const one = (page, ticket) => page.getByRole('region', { name: ticket.code, exact: true });
const focused = (page, id) => until(`${id} to have the focus`, () => page.evaluate((wanted) => document.activeElement?.id === wanted, id));
const said = (page, text) => page.getByRole('status').filter({ hasText: text }).first().waitFor();

async function worksByKeyboard(given) {
  const { furrow, sue } = given;
  const silent = await ask(given, 'Silent', 'Probe 7 says nothing.');
  const twice = await ask(given, 'Twice', 'Did my last mail arrive?');
  const wet = await ask(given, 'Wet', 'Probe 9 stands in water.', 'ole@gartneri.example');
  await follow(sue, `${furrow.url}/desk?view=unassigned`);
  await sue.addInitScript(() => { /* from here on nothing but keys: a mouse would be noticed */
    for (const type of ['mousedown', 'pointerdown', 'touchstart']) {
      addEventListener(type, () => sessionStorage.setItem('mouse', 'used'), true);
    }
  });
  await one(sue, silent).waitFor();
  await sue.keyboard.press('j'); /* looks ahead, and back */
  await one(sue, twice).waitFor();
  await sue.keyboard.press('k');
  await one(sue, silent).waitFor();
  await sue.keyboard.press('a');
  await said(sue, 'It is yours.');

  await sue.keyboard.press('r');
  await focused(sue, 'answer');
  await sue.keyboard.type('Good morning. ');
  await sue.keyboard.press('Escape');
  await sue.keyboard.press('s');
  await focused(sue, 'snippet');
  await sue.keyboard.type('Of');
  assert.equal(await sue.locator('#answer').inputValue(), 'Good morning. ', 'a key that moves over the list chooses nothing');
  await sue.keyboard.press('Enter');
  await focused(sue, 'answer');
  assert.equal(await sue.locator('#answer').inputValue(), 'Good morning. Hanna, please turn it off and on again.');
  await sue.keyboard.press('Control+Enter');
  await sue.getByRole('listitem').filter({ hasText: 'Hanna, please turn it off and on again.' }).waitFor();
  assert.deepEqual([(await now(given, 'Silent')).status, (await now(given, 'Silent')).first_response_breached], ['pending', false]);

  await sue.keyboard.press('t'); /* somebody else shall go on with it */
  await focused(sue, 'd-assignee');
  await sue.keyboard.type('Pa');
  await sue.keyboard.press('Enter');
  await said(sue, 'Saved.');
  const paul = (await furrow.api(ADMIN, `/users?filter=${encodeURIComponent(`email = '${PAUL}'`)}`)).data[0];
  assert.equal((await now(given, 'Silent')).assignee_id, paul.id);

  await sue.keyboard.press('n');
  await focused(sue, 'answer');
  await sue.keyboard.type('Have a look, @pau');
  await sue.getByRole('option', { name: 'Paul Probe Service' }).waitFor();
  await sue.keyboard.press('Enter');
  await sue.keyboard.type('it is the clock.');
  await sue.keyboard.press('Control+Enter');
  await sue.getByRole('listitem').filter({ hasText: 'Note by Sue Service' }).getByText('Have a look, @Paul Probe it is the clock.').waitFor();

  await follow(sue, `${furrow.url}/tickets/${twice.id}?view=unassigned`);
  await sue.keyboard.press('g');
  await focused(sue, 'into');
  await sue.keyboard.type(silent.code);
  await sue.keyboard.press('Enter');
  await said(sue, `${twice.code} was merged into this ticket.`);
  await one(sue, silent).getByText('Did my last mail arrive?').first().waitFor();
  assert.equal((await now(given, 'Twice')).status, 'closed');

  await sue.locator('#desk-thread').focus(); /* what was merged by mistake becomes a ticket of its own */
  await sue.keyboard.press('Tab');
  while (await sue.evaluate(() => document.activeElement.textContent) !== 'split off') await sue.keyboard.press('Tab');
  await sue.keyboard.press('Enter');
  await sue.getByRole('dialog', { name: 'Make this message a ticket of its own?' }).waitFor();
  await sue.keyboard.press('Enter');
  await said(sue, 'is a ticket of its own.');
  await sue.keyboard.press('e');
  await said(sue, 'Solved.');

  await follow(sue, `${furrow.url}/tickets/${wet.id}?view=unassigned`);
  await sue.keyboard.press('x');
  await focused(sue, 'macro');
  await sue.keyboard.type('Needs');
  await sue.keyboard.press('Enter');
  await sue.getByText('Macro: Needs a visit').waitFor();
  await focused(sue, 'answer');
  assert.equal(await sue.locator('#answer').inputValue(), 'We will come by, Hanna Brandt.');
  await sue.keyboard.press('Control+Enter');
  await sue.getByRole('listitem').filter({ hasText: 'We will come by' }).waitFor();
  const after = await now(given, 'Wet');
  assert.deepEqual([after.status, after.priority, after.tags], ['on_hold', 'high', ['visit']]);
  await sue.keyboard.press('e');
  await said(sue, 'Solved.');
  assert.equal((await now(given, 'Wet')).status, 'solved');
  assert.equal(await sue.evaluate(() => sessionStorage.getItem('mouse')), null);
}

async function helpNamesTheKeys({ sue }) {
  await sue.keyboard.press('?');
  const help = sue.getByRole('dialog', { name: 'Keyboard shortcuts' });
  for (const text of ['Write an answer', 'Put in a canned answer', 'Use a macro', 'Give it to somebody', 'Merge it into another ticket']) {
    await help.getByText(text, { exact: true }).waitFor();
  }
  await sue.keyboard.press('Escape');
}

/* Two have the same ticket open: each sees the other, and who sends second reads first what was sent. */
async function twoAtOnce(given) {
  const { furrow, browser, sue } = given;
  const ticket = await ask(given, 'Both', 'Who of you is it?');
  await follow(sue, `${furrow.url}/tickets/${ticket.id}`);
  const paul = given.paul = await atWork(browser, furrow, PAUL);
  await follow(paul, `${furrow.url}/tickets/${ticket.id}`);
  await sue.locator('#desk-here').getByText('Paul Probe is looking').waitFor();
  await paul.keyboard.press('r');
  await paul.keyboard.type('It is me.');
  await sue.locator('#desk-here').getByText('Paul Probe is writing').waitFor();
  await sue.keyboard.press('r');
  await sue.keyboard.type('It is me, too.');
  await paul.keyboard.press('Control+Enter');
  await paul.getByRole('listitem').filter({ hasText: 'It is me.' }).waitFor();
  await sue.keyboard.press('Control+Enter');
  await sue.getByRole('alert').filter({ hasText: 'Paul Probe has answered in the meantime' }).waitFor();
  assert.equal(await sue.locator('#answer').inputValue(), 'It is me, too.');
  assert.equal(new URL(sue.url()).pathname, `/tickets/${ticket.id}`);
  await sue.keyboard.press('r');
  await sue.keyboard.press('Control+End');
  await sue.keyboard.type(' ;thanks '); /* a canned answer by its word */
  await until('it to be filled in', async () => (await sue.locator('#answer').inputValue()) === 'It is me, too. Thank you for telling us. ');
  await sue.keyboard.press('Control+Enter');
  await sue.getByRole('listitem').filter({ hasText: 'It is me, too. Thank you' }).waitFor();
}

/* A minute was promised: it runs down by the second, and is kept before one's eyes by whoever answers. */
async function clocksRun(given) {
  const { furrow, sue, paul } = given;
  const ticket = await ask(given, 'Clock', 'How late is it?');
  await follow(sue, `${furrow.url}/tickets/${ticket.id}`);
  const clock = sue.locator('.desk-clock').filter({ hasText: 'First answer' }).locator('.pill');
  const first = await clock.innerText();
  assert.match(first, /^\d+ s left$/);
  await until('a second to pass', async () => (await clock.innerText()) !== first);
  assert.match(await clock.getAttribute('class'), /pill-soon/);
  await paul.goto(`${furrow.url}/tickets/${ticket.id}`);
  await paul.keyboard.press('r');
  await paul.keyboard.type('Just in time.');
  await paul.keyboard.press('Control+Enter');
  await sue.locator('.desk-clock').filter({ hasText: 'given in time' }).waitFor();
}

async function newsAndFiles(given) {
  const { furrow, sue, paul, tickets } = given;
  await paul.goto(`${furrow.url}/notifications`);
  await paul.getByText(/Sue Service mentions you on T-\d+ Silent: Have a look/).waitFor();
  await follow(paul, `${furrow.url}/tickets/${tickets.Clock.id}`); /* who answered follows */
  await paul.getByRole('button', { name: 'Following' }).waitFor();
  await sue.getByRole('button', { name: 'Follow', exact: true }).click();
  await said(sue, 'You follow');
  await paul.keyboard.press('r');
  await paul.keyboard.type('Half past nine.');
  await paul.keyboard.press('Control+Enter');
  await paul.getByRole('listitem').filter({ hasText: 'Half past nine.' }).waitFor();
  await until('the bell to count it', async () => Number(await sue.locator('#bell-count').innerText()) > 0);
  await sue.keyboard.press('b');
  await sue.getByText(/Paul Probe answered T-\d+ Clock/).first().waitFor();
  await sue.goto(`${furrow.url}/tickets/${tickets.Clock.id}`);
  const files = sue.locator('.files');
  await files.getByLabel('Add files').setInputFiles({ name: 'clock.txt', mimeType: 'text/plain', buffer: Buffer.from('half past nine') });
  await files.getByRole('button', { name: 'Add', exact: true }).click();
  await said(sue, 'The file is kept.');
  const [file] = await Promise.all([sue.waitForEvent('download'), files.getByRole('link', { name: 'clock.txt' }).click()]);
  assert.equal(readFileSync(await file.path(), 'utf8'), 'half past nine');
  await files.getByLabel('Add files').setInputFiles({ name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.from('') });
  await files.getByRole('button', { name: 'Add', exact: true }).click();
  await said(sue, 'empty.txt is empty.');
}

async function reachable({ sue }) {
  await sue.evaluate(axe);
  const found = await sue.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'] })).violations
    .map((violation) => `${violation.id}: ${violation.nodes[0].html}`));
  assert.deepEqual(found, []);
}

async function readersFindHelp({ furrow, browser }) {
  const context = await openContext(browser);
  const page = await context.newPage();
  await page.goto(`${furrow.url}/help`);
  await page.getByRole('searchbox').pressSequentially('silet'); /* with a letter less */
  await page.getByRole('group').getByRole('link', { name: /A probe is silent/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'A probe is silent', level: 1 }).waitFor();
  await page.getByRole('region', { name: 'Did this help?' }).getByRole('button', { name: 'No' }).click();
  await page.getByLabel(/missing/i).fill('Where the switch is.');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByRole('status').waitFor();
  await page.getByRole('link', { name: 'Write to us' }).first().click();
  await page.locator('#subject').pressSequentially('gateway blinks');
  await page.getByRole('link', { name: /The gateway blinks/ }).waitFor();
  await page.locator('#text').fill('It blinks all night.');
  await page.locator('#email').fill('nora@night.example');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByRole('status').filter({ hasText: /T-\d+/ }).waitFor();
  await page.evaluate(axe);
  const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'] })).violations.map(({ id }) => id));
  assert.deepEqual(found, []);
  const votes = await furrow.api(ADMIN, '/article-votes');
  assert.deepEqual(votes.data.map(({ helpful, comment }) => [helpful, comment]), [[false, 'Where the switch is.']]);
  noFaults(context);
  await context.close();
}

async function alsoWithoutScripts({ furrow, browser }) {
  const context = await openContext(browser, { javaScriptEnabled: false, viewport: { width: 390, height: 800 } });
  const page = await context.newPage();
  await page.goto(`${furrow.url}/help`);
  await page.getByRole('searchbox').fill('silent');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('link', { name: 'A probe is silent' }).first().click();
  await page.getByRole('region', { name: 'Did this help?' }).getByRole('button', { name: 'Yes' }).click();
  await page.getByRole('status').waitFor();
  await page.goto(`${furrow.url}/help/contact`);
  await page.locator('#subject').fill('My probe is silent');
  await page.locator('#text').fill('Since Monday.');
  await page.locator('#email').fill('nora@night.example');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('.help-perhaps').getByRole('link', { name: 'A probe is silent' }).waitFor();
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByRole('status').filter({ hasText: /T-\d+/ }).waitFor();
  noFaults(context);
  await context.close();
  const mine = await furrow.api(ADMIN, `/tickets?filter=${encodeURIComponent("email = 'nora@night.example'")}`);
  assert.deepEqual(mine.data.map(({ subject }) => subject).sort(), ['My probe is silent', 'gateway blinks']);
}

export default {
  name: 'desk',
  story: true,
  open,
  close,
  tests: [
    ['a queue is worked through by keyboard alone', worksByKeyboard],
    ['the help names the keys', helpNamesTheKeys],
    ['two who answer at once', twoAtOnce],
    ['promises run before one\'s eyes', clocksRun],
    ['news of a ticket reach who follows it; files stay with it', newsAndFiles],
    ['nothing is in the way of assistive technology', reachable],
    ['readers find help, vote and ask', readersFindHelp],
    ['and without JavaScript', alsoWithoutScripts],
    ['no page and no request failed', async ({ furrow, sue, paul }) => {
      noFaults(sue.context(), paul.context());
      assert.doesNotMatch(furrow.log(), /level=error/);
    }],
  ],
};
