// looks.spec.mjs -- pictures of the main pages of the demo company, at 1440 and 390 pixels, light and dark, in the folder
// FURROW_SHOTS. For people to look at; nothing is compared, so it is left out where no folder is named.
import { join } from 'node:path';
import { folder } from './lib/harness.mjs';
import { startFurrow } from './lib/furrow.mjs';
import { ADMIN, users } from './lib/company.mjs';
import { mainPages, samples } from './lib/pages.mjs';
import { atWork, openContext, startBrowser } from './lib/people.mjs';

const to = process.env.FURROW_SHOTS;
const SIZES = [[1440, 900], [390, 844]];

async function open() {
  const furrow = await startFurrow({ users, demo: (process.env.FURROW_DEMO ?? '').split(' ').filter(Boolean) });
  const browser = await startBrowser();
  const page = await atWork(browser, furrow, ADMIN, { path: '/contacts', reducedMotion: 'reduce' });
  const stranger = await (await openContext(browser, { reducedMotion: 'reduce' })).newPage();
  return { furrow, browser, page, stranger, ids: await samples(furrow, ADMIN) };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}

async function shoot(page, name, url) {
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await page.goto(url);
      await page.evaluate(() => document.fonts.ready);
      await page.waitForTimeout(name === 'metric' ? 400 : 60);
      await page.screenshot({ path: join(folder(to), `${name}-${width}-${colorScheme}.png`), fullPage: width < 1000 });
    }
  }
}

export default {
  name: 'looks',
  skip: to ? '' : 'FURROW_SHOTS names no folder',
  open,
  close,
  tests: [
    ...mainPages.map(([name, path]) => [name, ({ furrow, page, ids }) => shoot(page, name, furrow.url + path(ids))]),
    ['sign-in', ({ furrow, stranger }) => shoot(stranger, 'sign-in', `${furrow.url}/sign-in`)],
  ],
};
