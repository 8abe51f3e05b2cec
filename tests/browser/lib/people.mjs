// people.mjs -- browsers and the people who sit before them.
import { chromium } from 'playwright-core';
import { watch } from './harness.mjs';
import { PASSWORD } from './furrow.mjs';

const WAIT_MS = 15000;
/* What people have: trackers and bot rules tell a headless browser by its name. */
export const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36';
export const HOSTS = ['furrow.example', 'shop.example', 'blog.example', 'elsewhere.example'];

/* A fresh profile each time. */
export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
      `--host-resolver-rules=${HOSTS.map((host) => `MAP ${host} 127.0.0.1`).join(', ')}`],
  });
}

/* A page's scripts run once it is painted (web/src/first.js). A person does not press before that; a test would. */
const ASLEEP = 'html:not(.is-ready):has(link[rel=preload][as=script])';
async function patient(page) {
  const ready = () => page.locator(ASLEEP).waitFor({ state: 'hidden' });
  for (const name of ['goto', 'reload', 'goBack']) {
    const go = page[name].bind(page);
    page[name] = async (...args) => {
      const answer = await go(...args);
      await ready();
      return answer;
    };
  }
  for (const name of ['press', 'type']) {
    const hit = page.keyboard[name].bind(page.keyboard);
    page.keyboard[name] = async (...args) => {
      await ready();
      await hit(...args);
    };
  }
  await page.addLocatorHandler(page.locator(ASLEEP), () => {}); /* before each action; it waits until none is there */
}

/* One person's browser: own cookies, own window. Faults of the page are kept in `faults` of the context. */
export async function openContext(browser, options = {}) {
  const context = await browser.newContext({
    userAgent: AGENT, viewport: { width: 1440, height: 900 }, locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options,
  });
  context.setDefaultTimeout(WAIT_MS);
  if (options.javaScriptEnabled !== false) {
    const open = context.newPage.bind(context);
    context.newPage = async () => {
      const page = await open();
      await patient(page);
      return page;
    };
  }
  context.faults = [];
  context.on('page', (page) => {
    watch(page);
    page.on('pageerror', (error) => context.faults.push(`${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      /* A script or style that the policy of the page refuses says so only here. */
      if (message.type() === 'error' && /Content Security Policy|Refused to/.test(message.text())) {
        context.faults.push(`${page.url()}: ${message.text()}`);
      }
    });
    page.on('response', (answer) => {
      if (answer.status() >= 500) context.faults.push(`${answer.status()} ${answer.request().method()} ${answer.url()}`);
    });
  });
  return context;
}

export async function signIn(page, furrow, mail, path = '/') {
  await page.goto(`${furrow.url}/sign-in?next=${encodeURIComponent(path)}`);
  await page.getByLabel('Mail address').fill(mail);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
}

/* Opens a page and waits until it listens for what others change. */
export async function follow(page, url) {
  const listens = page.waitForResponse((answer) => answer.url().includes('/live?'));
  await page.goto(url);
  await listens;
}

/* Somebody at work: a context of their own, signed in. */
export async function atWork(browser, furrow, mail, { path = '/', ...options } = {}) {
  const context = await openContext(browser, options);
  const page = await context.newPage();
  await signIn(page, furrow, mail, path);
  return page;
}

/* Fails when the pages of a context had faults. */
export function noFaults(...contexts) {
  const faults = contexts.flatMap((context) => context.faults);
  if (faults.length) throw new Error(`faults in the pages:\n  ${faults.join('\n  ')}`);
}

/* The id in the address of a record's page. */
export const idOf = (page) => new URL(page.url()).pathname.split('/').pop();
