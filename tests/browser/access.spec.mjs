// access.spec.mjs -- axe-core on the main pages, light and dark: nothing serious or critical; and no page is wider than
// a phone of 360 pixels.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ADMIN, MARKETER, startCompany } from './lib/company.mjs';
import { mainPages, samples } from './lib/pages.mjs';
import { atWork, noFaults, openContext, startBrowser } from './lib/people.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function open() {
  const furrow = await startCompany();
  const post = (path, body) => furrow.api(MARKETER, path, { method: 'POST', body });
  await post('/campaigns', { name: 'Spring fair', status: 'active', landing_url: 'https://northfield.example/' });
  await post('/forms', { name: 'Ask for a call', status: 'published', consent_text: 'Yes, write to me.', intro: 'We answer within a day.' });
  await post('/handoffs', { contact_id: furrow.contacts[0].id, reason: 'Asked for prices', note: 'Wants to start in March.' });
  await post('/activities', { kind: 'call', subject: 'First call', body: 'Went well.', contact_id: furrow.contacts[0].id });
  const browser = await startBrowser();
  const page = await atWork(browser, furrow, ADMIN, { path: '/contacts', bypassCSP: false, reducedMotion: 'reduce' });
  const stranger = await (await openContext(browser, { reducedMotion: 'reduce' })).newPage();
  return { furrow, browser, page, stranger, ids: await samples(furrow, ADMIN) };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}

/* Colours and sizes are judged when they have arrived. Looked at again and again, for the promise of a transition that
   was replaced meanwhile is never kept. */
async function settled(page) {
  await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
  await page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== 'running'
    || one.effect?.getComputedTiming().endTime === Infinity)); /* the bar of a wait has no end */
}

/* only: the rules to run, else all. Between light and dark nothing but colours differs. */
async function violations(page, only = null) {
  await settled(page);
  await page.evaluate(`window.axe || (() => { ${axe} })()`);
  return page.evaluate(async (rules) => (await window.axe.run(document, {
    resultTypes: ['violations'], ...(rules && { runOnly: rules }),
  })).violations
    .filter((one) => ['serious', 'critical'].includes(one.impact))
    .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target} ${node.any[0]?.message ?? ''}`).join(' | ')}`), only);
}

async function check(page, url) {
  const found = [];
  const answer = await page.goto(url);
  if (answer.status() !== 200) return [`answered ${answer.status()}`];
  await page.evaluate(() => document.fonts.ready);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const line of await violations(page, colorScheme === 'dark' ? ['color-contrast'] : null)) found.push(`${colorScheme}: ${line}`);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  await settled(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (wide > 0) found.push(`${wide} px wider than a window of 360`);
  await page.setViewportSize({ width: 1440, height: 900 });
  return found;
}

const one = ([name, path]) => [name, async ({ furrow, page, ids }) => assert.deepEqual(await check(page, furrow.url + path(ids)), [])];

async function signInPage({ furrow, stranger }) {
  assert.deepEqual(await check(stranger, `${furrow.url}/sign-in`), []);
}

/* What only scripts show: the palette, the menus, the help. */
async function whatOpens({ furrow, page }) {
  await page.goto(`${furrow.url}/contacts`);
  for (const [what, show] of [
    ['palette', async () => {
      await page.keyboard.press('Control+k');
      await page.keyboard.type('an');
      await page.locator('.result').first().waitFor();
    }],
    ['help', () => page.keyboard.press('?')],
    ['create menu', () => page.keyboard.press('c')],
    ['filter', () => page.keyboard.press('f')],
  ]) {
    await show();
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual((await violations(page, colorScheme === 'dark' ? ['color-contrast'] : null)).map((line) => `${what} ${colorScheme}: ${line}`), []);
    }
    await page.goto(`${furrow.url}/contacts`);
  }
}

export default {
  name: 'access',
  open,
  close,
  tests: [
    ...mainPages.map(one),
    ['sign-in', signInPage],
    ['palette, help and menus', whatOpens],
    ['no page failed', async ({ page, stranger }) => noFaults(page.context(), stranger.context())],
  ],
};
