// booking.spec.mjs -- a lead books on a phone, moves and cancels without scripts; the host's calendar by keys.
import assert from 'node:assert/strict';
import { SELLER, startCompany } from './lib/company.mjs';
import { atWork, noFaults, openContext, startBrowser } from './lib/people.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, timezoneId: 'America/New_York' };

async function open() {
  const furrow = await startCompany();
  await furrow.api(SELLER, '/booking-pages', {
    method: 'POST',
    body: { name: 'First talk', minutes: '30', notice_hours: 0, questions: 'What do you grow? *', location: 'By phone: we call you' },
  });
  const browser = await startBrowser();
  const phone = await (await openContext(browser, PHONE)).newPage();
  const plain = await (await openContext(browser, { ...PHONE, javaScriptEnabled: false })).newPage();
  return { furrow, browser, phone, plain, seller: await atWork(browser, furrow, SELLER, { path: '/calendar' }) };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}

const fits = async (page) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'wider than the phone');

let meeting;
async function booksOnAPhone({ furrow, phone }) {
  await phone.goto(`${furrow.url}/book/first-talk`);
  await phone.waitForURL(/tz=America%2FNew_York/); /* the browser's own zone */
  await fits(phone);
  await phone.locator('a.book-day').last().click();
  await phone.locator('a.book-time').first().click();
  await fits(phone);
  await phone.getByLabel('Your name').fill('Grace Hopper');
  await phone.getByLabel('Email').fill('grace@navy.example');
  await phone.getByLabel('What do you grow?').fill('Hops');
  await phone.waitForTimeout(1100); /* faster is a program */
  await phone.getByRole('button', { name: 'Book this time' }).click();
  await phone.getByText('It is booked.').waitFor();
  await phone.getByText('(America/New_York)').waitFor();
  await fits(phone);
  meeting = new URL(phone.url()).pathname;
  const ics = await (await fetch(`http://127.0.0.1:${furrow.port}${meeting}/invite.ics`)).text();
  assert.match(ics, /BEGIN:VCALENDAR\r\n[^]*BEGIN:VEVENT\r\n[^]*grace@navy\.example/);
}

async function movesAndCancelsWithoutScripts({ furrow, plain }) {
  await plain.goto(`${furrow.url}${meeting}`);
  const before = await plain.locator('.meet dd').first().innerText();
  await plain.getByRole('link', { name: 'Choose another time' }).click();
  await plain.locator('a.book-day').last().click();
  await plain.locator('a.book-time').last().click();
  await plain.getByRole('button', { name: 'Move the meeting' }).click();
  await plain.getByText('It is moved.').waitFor();
  assert.notEqual(await plain.locator('.meet dd').first().innerText(), before);
  await plain.getByText('Cancel this meeting').click();
  await plain.getByRole('button', { name: 'Cancel the meeting' }).click();
  await plain.getByText('This meeting is cancelled.').waitFor();
}

async function calendarByKeys({ seller }) {
  const shows = async (key, view) => {
    await seller.keyboard.press(key);
    await seller.waitForURL((url) => url.searchParams.get('view') === view);
    await seller.locator('.page-calendar h1').waitFor();
  };
  const day = () => new URL(seller.url()).searchParams.get('day');
  await shows('d', 'day');
  const today = day();
  for (const [there, back] of [['j', 'k'], ['ArrowRight', 'ArrowLeft']]) {
    await seller.keyboard.press(there);
    await seller.waitForURL((url) => url.searchParams.get('day') > today);
    await seller.keyboard.press(back);
    await seller.waitForURL((url) => url.searchParams.get('day') === today);
  }
  await shows('m', 'month');
  await shows('p', 'team');
  await shows('w', 'week');
  await seller.keyboard.press('j');
  await seller.waitForURL((url) => url.searchParams.get('day') > today);
  await seller.keyboard.press('t');
  await seller.waitForURL((url) => url.searchParams.get('day') === today);
  await seller.locator('.cal-slot').nth(5).click({ force: true });
  await seller.waitForURL(/\/activities\/new\?kind=meeting/);
}

export default {
  name: 'booking',
  story: true,
  open,
  close,
  tests: [
    ['a lead books on a phone, in their own time', booksOnAPhone],
    ['and moves and cancels without scripts', movesAndCancelsWithoutScripts],
    ['the calendar by keys', calendarByKeys],
    ['no page failed', async ({ phone, seller }) => noFaults(phone.context(), seller.context())],
  ],
};
