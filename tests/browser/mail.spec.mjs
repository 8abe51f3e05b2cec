// mail.spec.mjs -- writing a mail: from the library, by mouse and by keys, seen as a contact will see it; two people at one
// mail; what is pasted is cleaned; axe-core; a phone; without JavaScript.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { MARKETER, ADMIN, startCompany } from './lib/company.mjs';
import { until } from './lib/harness.mjs';
import { atWork, noFaults, startBrowser } from './lib/people.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const saved = (page) => until('the draft is saved', async () => await page.locator('#mail-status').innerText() === 'Saved');
const shown = (page) => page.frameLocator('#mail-stage iframe:not(.is-coming)').locator('body');
const cards = (page) => page.locator('.mail-blocks > div > .mail-list > .mail-block');
const kinds = async (page) => (await cards(page).locator('> .mail-head strong').allInnerTexts());
const add = async (page, kind) => {
  await page.locator('.mail-blocks > div > .mail-add > summary').click();
  await page.locator('.mail-blocks > div > .mail-add').getByRole('button', { name: kind, exact: true }).click();
};

async function open() {
  const furrow = await startCompany();
  await furrow.api(MARKETER, '/brands', { method: 'POST', body: {
    name: 'Northfield', accent: '#2f6b3c', ground: '#f5f3ed', ink: '#24221d', address: 'Mill Lane 1, Berlin', is_default: true } });
  const browser = await startBrowser();
  const page = await atWork(browser, furrow, MARKETER, { reducedMotion: 'reduce' });
  const other = await atWork(browser, furrow, ADMIN);
  const plain = await atWork(browser, furrow, MARKETER, { javaScriptEnabled: false });
  return { furrow, browser, page, other, plain };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}

async function aMailBeginsInTheLibrary(world) {
  const { furrow, page } = world;
  await page.goto(`${furrow.url}/mail-contents/library`);
  await page.getByRole('button', { name: 'Use Welcome' }).click();
  await page.waitForURL(/\/write$/);
  world.id = new URL(page.url()).pathname.split('/')[2];
  world.url = page.url();
  assert.deepEqual(await kinds(page), ['Box', 'Text', 'Columns', 'Line', 'Text']);
  await until('the preview knows a contact', async () => /Welcome, \w+/.test(await shown(page).innerText()));
}

async function wordsAreTypedAndSeen({ page }) {
  const card = cards(page).nth(1);
  await card.locator('.mail-title').click();
  const text = card.locator('[contenteditable]');
  await text.click();
  await page.keyboard.press('Control+End');
  await page.keyboard.press('Enter');
  await page.keyboard.type('Frost comes on Tuesday');
  await page.keyboard.press('Shift+Home');
  await page.keyboard.press('Control+b');
  await saved(page);
  await until('they stand in the preview', async () => (await shown(page).locator('strong').allInnerTexts()).includes('Frost comes on Tuesday'));
  await page.keyboard.press('End');
  await card.getByText('{ } Field').click();
  await card.getByPlaceholder('Find a field').fill('city');
  await card.getByRole('button', { name: /^City.*contact\.city/ }).click();
  await saved(page);
  assert.match(await text.innerText(), /\{\{contact\.city\}\}/);
}

async function whatIsPastedIsCleaned({ page }) {
  const text = cards(page).nth(1).locator('[contenteditable]');
  await text.click();
  await page.keyboard.press('Control+End');
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData('text/html', '<p class="MsoNormal" style="color:red" onclick="x()">From <b>Word</b><script>window.bad=1</script><img src=x onerror="window.bad=1"></p>');
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await saved(page);
  assert.match(await text.innerHTML(), /From (<\/span>)?<(b|strong)>Word/);
  assert.doesNotMatch(await text.innerHTML(), /class=|style=|onclick|script|img/);
  assert.equal(await page.evaluate(() => window.bad), undefined);
  await until('the preview has it', async () => /From Word/.test(await shown(page).innerText()));
}

async function blocksMoveByKeysAndByMouse({ page }) {
  await add(page, 'Button');
  assert.deepEqual(await kinds(page), ['Box', 'Text', 'Columns', 'Line', 'Text', 'Button']);
  const handle = (at) => cards(page).nth(at).locator('> .mail-head [data-handle]');
  await handle(5).focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowUp');
  assert.deepEqual(await kinds(page), ['Box', 'Button', 'Text', 'Columns', 'Line', 'Text']);
  await page.keyboard.press('Control+d');
  assert.deepEqual(await kinds(page), ['Box', 'Button', 'Button', 'Text', 'Columns', 'Line', 'Text']);
  await page.keyboard.press('Delete');
  assert.deepEqual(await kinds(page), ['Box', 'Button', 'Text', 'Columns', 'Line', 'Text']);
  await page.keyboard.press('Control+z');
  assert.equal((await kinds(page)).length, 7);
  await page.keyboard.press('Control+Shift+z');
  assert.equal((await kinds(page)).length, 6);
  await saved(page);
  await cards(page).nth(4).scrollIntoViewIfNeeded();
  const [from, to] = [await cards(page).nth(4).locator('.mail-head').boundingBox(), await cards(page).nth(5).boundingBox()];
  await page.mouse.move(from.x + 30, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(from.x + 40, from.y + 30, { steps: 5 });
  await page.mouse.move(to.x + 60, to.y + to.height - 4, { steps: 12 });
  await page.mouse.up();
  await until('the line is last', async () => (await kinds(page)).at(-1) === 'Line');
  await saved(page);
  await page.reload();
  assert.deepEqual(await kinds(page), ['Box', 'Button', 'Text', 'Columns', 'Text', 'Line']);
}

async function previewForAnyoneDarkTextPhone({ page }) {
  await page.getByLabel('As read by').click();
  await page.getByLabel('As read by').fill('Priya');
  await page.getByRole('option', { name: /Priya Nair/ }).click();
  await until('it is hers', async () => /Welcome, Priya/.test(await shown(page).innerText()));
  const ground = () => shown(page).evaluate((body) => getComputedStyle(body).backgroundColor);
  const light = await ground();
  await page.locator('#mail-looks').getByRole('button', { name: 'Dark' }).click();
  await until('it is dark', async () => await ground() !== light);
  await page.locator('#mail-looks').getByRole('button', { name: 'Phone' }).click();
  await until('it is narrow', async () => await page.locator('#mail-stage iframe:not(.is-coming)').evaluate((frame) => frame.clientWidth) === 360);
  const wide = await shown(page).evaluate((body) => body.scrollWidth);
  assert.ok(wide <= 360, `${wide} wide on a phone`);
  await page.locator('#mail-looks').getByRole('button', { name: 'Text', exact: true }).click();
  await until('it is text', async () => /Unsubscribe: https:/.test(await shown(page).innerText()));
  await page.locator('#mail-looks').getByRole('button', { name: 'HTML' }).click();
  await page.locator('#mail-looks').getByRole('button', { name: 'Wide' }).click();
}

async function aWrongFieldIsNamedAndNothingIsLost({ page }) {
  const subject = page.getByLabel('Subject');
  await subject.fill('Hello {{contact.fist_name}}');
  await until('it says which', async () => /The nearest is \{\{contact\.first_name\}\}/.test(await page.locator('#mail-status').innerText()));
  assert.equal(await subject.inputValue(), 'Hello {{contact.fist_name}}');
  await subject.fill('Hello {{contact.first_name|you}}');
  await saved(page);
  await until('the inbox line follows', async () => /Hello Priya|Hello \w+/.test(await page.locator('#mail-inbox').innerText()));
}

async function twoPeopleAtOneMailAreTold({ page, other, url }) {
  await other.goto(url);
  await other.getByLabel('Preview text').fill('Ada was here');
  await saved(other);
  await page.getByLabel('Preview text').fill('Mara was here');
  await page.locator('#mail-conflict').getByText('Somebody else').waitFor();
  await page.getByRole('button', { name: 'Take theirs' }).click();
  assert.equal(await page.getByLabel('Preview text').inputValue(), 'Ada was here');
  await page.getByRole('button', { name: /Undo/ }).click();
  assert.equal(await page.getByLabel('Preview text').inputValue(), 'Mara was here');
  await saved(page);
}

async function itIsPublished({ furrow, page, id }) {
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.waitForURL(new RegExp(`/mail-contents/${id}$`));
  const mail = await furrow.api(MARKETER, `/mail-contents/${id}`);
  assert.equal(mail.status, 'published');
  const { html, text } = await furrow.api(MARKETER, `/mail-contents/${id}/render`, { method: 'POST', body: { contact_id: furrow.contacts[0].id } });
  assert.match(html, /Welcome, Hanna/);
  assert.match(text, /Frost comes on Tuesday/);
}

async function nothingIsInAnyonesWay({ page, url }) {
  await page.goto(url);
  for (const at of [0, 1, 2]) await cards(page).nth(at).locator('.mail-title').first().click();
  await page.evaluate(axe);
  const look = () => page.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'], iframes: false })).violations
    .filter((one) => ['serious', 'critical'].includes(one.impact)).map((one) => `${one.id}: ${one.nodes.slice(0, 2).map((node) => node.target)}`));
  assert.deepEqual(await look(), []);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.reload(); /* so that no colour is on its way */
  await page.evaluate(axe);
  assert.deepEqual(await look(), []);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 390, height: 800 });
  await page.reload();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'wider than a phone');
  await cards(page).nth(2).locator('.mail-title').click();
  await cards(page).nth(2).locator('[contenteditable]').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(' by phone');
  await saved(page);
  await page.setViewportSize({ width: 1440, height: 900 });
}

async function withoutScriptsAFormSaves({ furrow, plain, id, url }) {
  await plain.goto(url);
  await plain.locator('#m-subject').fill('By hand');
  await plain.locator('textarea[name="b.0.b0.html"]').fill('<p>Plain <b>hand</b> work<script>x</script></p>');
  await plain.locator('#m-add').selectOption('spacer');
  await plain.getByRole('button', { name: 'Save the draft' }).click();
  await plain.getByText('Draft saved').waitFor();
  const { draft } = await furrow.api(MARKETER, `/mail-contents/${id}/draft`);
  assert.equal(draft.subject, 'By hand');
  assert.equal(draft.blocks.blocks[0].blocks[0].html, '<p>Plain <strong>hand</strong> work</p>');
  assert.equal(draft.blocks.blocks.at(-1).type, 'spacer');
}

async function nothingFailed({ page, other }) {
  /* What the policy refuses of pasted markup, and of the styles that Chromium's editing commands try, is as it should be. */
  page.context().faults = page.context().faults.filter((fault) => !/inline (style|event handler)/.test(fault));
  noFaults(page.context(), other.context());
}

export default {
  name: 'mail',
  story: true,
  open,
  close,
  tests: [
    ['a mail begins in the library', aMailBeginsInTheLibrary],
    ['words are typed in place and seen in the preview', wordsAreTypedAndSeen],
    ['what is pasted is cleaned', whatIsPastedIsCleaned],
    ['blocks are added, moved, doubled, deleted by keys and by mouse; undo', blocksMoveByKeysAndByMouse],
    ['the preview: any contact, dark, on a phone, as text', previewForAnyoneDarkTextPhone],
    ['a field that nobody has is named, and nothing is lost', aWrongFieldIsNamedAndNothingIsLost],
    ['two people at one mail are told, and neither loses a word', twoPeopleAtOneMailAreTold],
    ['it is published and read over the API', itIsPublished],
    ['axe-core finds nothing; small edits on a phone', nothingIsInAnyonesWay],
    ['without scripts a form saves', withoutScriptsAFormSaves],
    ['no page had a fault', nothingFailed],
  ],
};
