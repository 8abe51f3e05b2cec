// harness.mjs -- runs tests one after the other and says what failed, with a picture of every page that was open.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TEST_MS = 60000;
let shots = null;
const pages = new Set();

/* Pages are known here from the moment they open, so that a failure can be looked at. */
export const watch = (page) => {
  pages.add(page);
  page.on('close', () => pages.delete(page));
  return page;
};

const words = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 60);

async function picture(spec, test) {
  shots ??= mkdtempSync(join(tmpdir(), 'furrow-browser-'));
  const paths = [];
  for (const page of pages) {
    const path = join(shots, `${spec}-${words(test)}-${paths.length + 1}.png`);
    try {
      await page.screenshot({ path, timeout: 5000 });
      paths.push(`${path}  ${page.url()}`);
    } catch { /* the page is gone: there is nothing to look at */ }
  }
  return paths;
}

const limited = (promise, ms) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

/* Runs one spec: { name, story?, open?(), close?(), tests: [[name, fn], ...], ms? }. open() gives what each test is
 * given; a step of it may take ms. */
export async function runSpec(spec) {
  const result = { passed: 0, failed: 0 };
  const began = Date.now();
  const ms = spec.ms ?? TEST_MS;
  let given;
  let broken = null;
  console.log(`\n${spec.name}`);
  try {
    given = await limited(Promise.resolve(spec.open?.()), ms);
  } catch (error) {
    broken = error;
    console.log(`  FAILED  opening: ${error.stack ?? error}`);
    result.failed = 1;
  }
  for (const [name, test] of broken ? [] : spec.tests) {
    const start = Date.now();
    try {
      if (broken && spec.story) throw new Error('not run: an earlier step failed');
      await limited(test(given), ms);
      result.passed += 1;
      console.log(`  ok      ${name}  (${Date.now() - start} ms)`);
    } catch (error) {
      result.failed += 1;
      const first = !broken || !spec.story;
      console.log(`  FAILED  ${name}: ${first ? error.stack ?? error : error.message}`);
      if (first) for (const path of await picture(spec.name, name)) console.log(`          ${path}`);
      broken = error;
    }
  }
  try {
    await limited(Promise.resolve(spec.close?.(given)), ms);
  } catch (error) {
    result.failed += 1;
    console.log(`  FAILED  closing: ${error.stack ?? error}`);
  }
  pages.clear();
  console.log(`  ${((Date.now() - began) / 1000).toFixed(1)} s`);
  return result;
}

/* Waits until `look` gives something true, and returns it. */
export async function until(what, look, ms = 10000) {
  const end = Date.now() + ms;
  let last;
  for (;;) {
    try {
      last = await look();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${ms / 1000} s for ${what}; last seen: ${JSON.stringify(last) ?? last}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

export function folder(name) {
  mkdirSync(name, { recursive: true });
  return name;
}
