// embed.spec.mjs -- forms and the chat on a page of another site whose style sheet is against them and whose policy is
// strict: a form in steps, a pop-up, the chat with an answer from the inbox; and a flood of posts that people get through.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { until } from './lib/harness.mjs';
import { MARKETER, users } from './lib/company.mjs';
import { startFurrow } from './lib/furrow.mjs';
import { atWork, noFaults, openContext, startBrowser } from './lib/people.mjs';

const FLOOD = 200;
/* What no style sheet should do: nothing of it may reach the form. */
const HOSTILE = `div,form,input,button,label,p,fieldset,select,textarea,dialog,section,h2,span,legend,ol,li{all:unset!important;
display:none!important;visibility:hidden!important;position:absolute!important;transform:rotate(20deg)!important;font-size:4px!important}
body{font:italic 30px/3 cursive;color:hotpink;letter-spacing:.4em;text-transform:uppercase}*{box-sizing:content-box!important}`;

function startSite(furrow) {
  const policy = `default-src 'self'; script-src ${furrow}; connect-src ${furrow}; style-src 'unsafe-inline'; `
    + "require-trusted-types-for 'script'; trusted-types furrow";
  const server = createServer((request, answer) => {
    const { pathname } = new URL(request.url, 'http://shop.example');
    answer.writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': policy });
    answer.end(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title><style>${HOSTILE}</style></head><body>
<main><h1>Shop</h1><article>${pathname === '/form' ? '<div data-furrow-form="orchard"></div>' : 'Prices'}</article></main>
${pathname === '/chat' ? `<script async src="${furrow}/js/chat.js"></script>` : `<script async src="${furrow}/js/form.js"${pathname === '/pricing' ? ' data-popups' : ''}></script>`}
</body></html>`);
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done({
    url: (path) => `http://shop.example:${server.address().port}${path}`,
    stop: () => new Promise((end) => { server.closeAllConnections(); server.close(end); }),
  })));
}

const ORCHARD = {
  version: 2,
  fields: [
    { name: 'crop', kind: 'choice', label: 'What do you grow?', radio: true, required: true, options: [{ value: 'pears' }, { value: 'hops' }] },
    { name: 'acres', kind: 'number', label: 'Acres', required: true, if: [{ field: 'crop', op: 'is', value: 'pears' }] },
    { name: 'you', kind: 'step', label: 'About you' },
    { name: 'email', kind: 'email', label: 'Work email', required: true },
    { name: 'news', kind: 'consent', label: 'Send me the letter', topic: 'newsletter' },
  ],
};
const LETTER = { version: 2, popup: { look: 'modal', pages: '/pricing', days: 7 }, fields: [{ name: 'email', kind: 'email', label: 'Mail', required: true }] };

async function open() {
  const furrow = await startFurrow({ users });
  const site = await startSite(furrow.url);
  const browser = await startBrowser();
  const api = (path, body) => furrow.api(MARKETER, path, { method: 'POST', body });
  await api('/sites', { name: 'Shop', domain: 'shop.example', mode: 'consent' });
  const marketer = await atWork(browser, furrow, MARKETER);
  for (const [slug, definition] of [['orchard', ORCHARD], ['letter', LETTER]]) {
    const { id } = await api('/forms', { name: slug, slug, status: 'published', thanks: 'Thank you, friend.' });
    const answer = await marketer.evaluate(async ([path, body]) => (await fetch(path, {
      method: 'POST', headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRF-Token': document.querySelector('meta[name=csrf]').content }, body,
    })).status, [`/forms/${id}/definition`, JSON.stringify(definition)]);
    assert.equal(answer, 200);
  }
  return { furrow, site, browser, marketer, page: await (await openContext(browser)).newPage() };
}
async function close({ furrow, site, browser }) {
  await browser.close();
  await site.stop();
  await furrow.stop();
}

async function stepsOnAHostilePage({ furrow, site, page }) {
  await page.goto(site.url('/form'));
  await page.getByText('What do you grow?').waitFor();
  const look = await page.getByText('What do you grow?').evaluate((el) => {
    const style = getComputedStyle(el);
    return [style.display, style.fontSize, style.textTransform, style.letterSpacing, style.fontStyle, style.transform];
  });
  assert.deepEqual(look, ['block', '16px', 'none', 'normal', 'normal', 'none']);
  assert.equal(await page.getByLabel('Work email').isVisible(), false); /* of the second step */
  assert.equal(await page.getByLabel('Acres').isVisible(), false); /* not of everybody */
  await page.getByLabel('pears').check();
  await page.getByRole('button', { name: 'Next' }).click(); /* the acres are missing */
  assert.equal(await page.getByLabel('Work email').isVisible(), false);
  await page.getByLabel('Acres').fill('12');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Work email').fill('ina@hof');
  await page.getByLabel('Send me the letter').check();
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('.field-error').getByText('is not a mail address').waitFor(); /* the server's word, beside the field */
  await page.getByLabel('Work email').fill('ina@hof.example');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Thank you, friend.').waitFor();
  const { data: [submission] } = await furrow.api(MARKETER, '/submissions?limit=1');
  const data = typeof submission.data === 'string' ? JSON.parse(submission.data) : submission.data;
  assert.deepEqual([submission.status, submission.consent_text, data], ['accepted', 'Send me the letter', { crop: 'pears', acres: '12', email: 'ina@hof.example' }]);
}

async function popsUpOnce({ site, page }) {
  await page.goto(site.url('/pricing'));
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  assert.equal(await dialog.evaluate((el) => el.matches(':modal')), true); /* the browser keeps the focus inside */
  for (let i = 0; i < 6; i += 1) await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement === document.body || !!document.activeElement.shadowRoot), true);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.reload();
  await page.waitForTimeout(700);
  assert.equal(await page.getByRole('dialog').count(), 0); /* closing is remembered */
}

async function neverCoversASmallScreen({ site, browser }) {
  const context = await openContext(browser, { viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(site.url('/pricing'));
  const box = await page.getByRole('dialog').boundingBox();
  assert.ok(box.height <= 844 / 2 && box.y >= 844 / 2 - 1, JSON.stringify(box));
  await page.getByRole('button', { name: 'Close' }).click();
  await context.close();
}

/* A program posts as fast as it can, from the same address as a person with a browser, until the person is through. */
async function aFloodIsHeld({ furrow, browser }) {
  const statuses = {};
  let count = 0;
  let on = true;
  const lane = async () => {
    while (on || count < FLOOD) {
      const { status } = await fetch(`http://127.0.0.1:${furrow.port}/f/letter`, {
        method: 'POST', redirect: 'manual', headers: { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/138.0' },
        body: new URLSearchParams({ email: `f${count += 1}@spam.example` }),
      });
      statuses[status] = (statuses[status] || 0) + 1;
    }
  };
  const lanes = Array.from({ length: 8 }, lane);
  const context = await openContext(browser, { extraHTTPHeaders: {} });
  const person = await context.newPage();
  await until('the flood', async () => count > FLOOD / 2);
  await person.goto(`${furrow.url}/f/letter`);
  await person.getByLabel('Mail').fill('ivo@hof.example');
  await person.getByRole('button', { name: 'Send' }).click();
  await person.waitForURL(/thanks/);
  on = false;
  await Promise.all(lanes);
  assert.deepEqual(Object.keys(statuses), ['303', '429'], JSON.stringify(statuses));
  const { data: [ivo] } = await furrow.api(MARKETER, `/submissions?filter=${encodeURIComponent("email = 'ivo@hof.example'")}`);
  assert.equal(ivo.status, 'accepted');
  assert.equal((await furrow.api(MARKETER, '/contacts?q=ivo')).data.length, 1);
  const spam = await furrow.api(MARKETER, `/contacts?filter=${encodeURIComponent("email contains 'spam.example'")}&limit=200`);
  assert.ok(spam.data.length <= 10, `${spam.data.length} contacts of a flood`);
  await context.close();
}

async function theChatIsAnswered({ site, marketer, page }) {
  await page.goto(site.url('/chat'));
  await page.getByRole('button', { name: 'Ask us' }).click();
  const mail = page.getByLabel('Your mail address');
  if (await mail.isVisible()) await mail.fill('una@hof.example');
  await page.getByLabel('Message').fill('Do you come to Kent?');
  await page.keyboard.press('Enter');
  await page.getByText('Do you come to Kent?').waitFor();
  await marketer.goto(new URL('/inbox', marketer.url()).href);
  await marketer.getByText('Do you come to Kent?').first().waitFor();
  await marketer.getByLabel('Answer').fill('On Thursday.');
  await marketer.keyboard.press('Control+Enter');
  await page.getByText('On Thursday.').waitFor(); /* heard, without asking */
  await page.reload();
  await page.getByRole('button', { name: 'Ask us' }).click();
  await page.getByText('On Thursday.').waitFor(); /* goes on after a reload */
  await page.getByLabel('Message').fill('Good.');
  await page.keyboard.press('Enter');
  await marketer.locator('#thread').getByText('Good.').waitFor(); /* and the team's page follows */
}

export default {
  name: 'embed',
  story: true,
  open,
  close,
  tests: [
    ['a form in steps on a hostile page with a strict policy', stepsOnAHostilePage],
    ['a pop-up keeps the focus, closes by Escape, and comes once', popsUpOnce],
    ['it never covers more than half of a small screen', neverCoversASmallScreen],
    ['the chat is answered from the inbox', theChatIsAnswered],
    ['a flood is held and a person gets through', aFloodIsHeld],
    ['no page failed', async ({ marketer }) => noFaults(marketer.context())],
  ],
};
