// quote.spec.mjs -- a quote in a browser: built on a deal with live totals, approved by a colleague, sent; opened, discussed and
// signed by the customer on a phone without scripts; the deal tells of it. The pages pass axe-core.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ADMIN, SELLER, startCompany } from './lib/company.mjs';
import { until } from './lib/harness.mjs';
import { atWork, noFaults, openContext, startBrowser } from './lib/people.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function open() {
  const furrow = await startCompany();
  const post = (path, body) => furrow.api(ADMIN, path, { method: 'POST', body });
  await post('/tax-rates', { name: 'VAT 20%', percent: 20, is_default: true });
  const book = await post('/price-books', { name: 'Europe', currency: 'EUR', is_default: true });
  const probe = await post('/products', { name: 'Probe P1', kind: 'one_time', cost: { amount: '60', currency: 'EUR' } });
  for (const [from, amount] of [[0, '100'], [20, '90']]) {
    await post('/prices', { book_id: book.id, product_id: probe.id, from_quantity: from, unit_price: { amount, currency: 'EUR' } });
  }
  const browser = await startBrowser();
  const boss = await atWork(browser, furrow, ADMIN);
  const seller = await atWork(browser, furrow, SELLER);
  const phone = await (await openContext(browser, { viewport: { width: 390, height: 844 }, javaScriptEnabled: false })).newPage();
  return { furrow, browser, boss, seller, phone, post };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}

const text = (page, selector) => page.locator(selector).innerText();

/* Without an amount of its own it shows what the quote writes. */
async function builtOnADeal(world) {
  const { furrow, seller } = world;
  world.deal = await furrow.api(SELLER, '/deals', { method: 'POST', body: { name: 'Sixty probes', contact_id: furrow.contacts[0].id } });
  await seller.goto(`${furrow.url}/deals/${world.deal.id}`);
  await seller.locator('[data-menu=more] summary').click();
  await seller.getByRole('button', { name: 'New quote' }).click();
  await seller.waitForURL(/\/build$/);
  assert.equal(await seller.getByLabel('Title').inputValue(), 'Sixty probes');
  await seller.locator('select[name=add_product]').evaluate((select) => {
    select.value = [...select.options].find((option) => option.text === 'Probe P1').value;
  });
  await seller.getByLabel('Quantity', { exact: true }).last().fill('10');
  await seller.getByRole('button', { name: 'Add product' }).click();
  await seller.getByText('€1,000.00').first().waitFor();
  assert.equal(await seller.getByLabel('Price').inputValue(), '100.00');
}

/* The tier's price follows the quantity, the totals follow all of it, and nothing is pressed. */
async function totalsFollow({ seller }) {
  await seller.locator('#quantity-0').fill('60');
  await seller.keyboard.press('Tab');
  await until('the totals', async () => (await text(seller, '#quote-sums')).includes('€6,480.00'));
  assert.equal(await seller.locator('#price-in-0').inputValue(), '90.00');
  assert.equal(await text(seller, '#amount-0'), '€5,400.00');
  await seller.locator('#quantity-0').fill('10');
  await seller.keyboard.press('Tab');
  await until('the lower tier', async () => (await seller.locator('#price-in-0').inputValue()) === '100.00');
  await seller.locator('#quantity-0').fill('60');
  await seller.keyboard.press('Tab');
  await until('the higher tier', async () => (await text(seller, '#quote-sums')).includes('€6,480.00'));
}

async function nothingTypedIsLost({ seller }) {
  await seller.getByRole('button', { name: 'Add free line' }).click();
  await seller.locator('#name-1').fill('Installation');
  await seller.locator('#quantity-1').fill('two');
  await seller.locator('#price-in-1').fill('500');
  await seller.getByRole('button', { name: 'Save quote' }).first().click();
  await seller.getByText('Not saved yet').waitFor();
  assert.match(await text(seller, '#line-1 .field-error'), /"two" cannot be read/);
  assert.equal(await seller.locator('#quantity-1').inputValue(), 'two');
  await seller.locator('#quantity-1').fill('2');
  await seller.locator('#line-1 summary').click();
  await seller.locator('#optional-1').selectOption('Optional');
  await seller.locator('#discount-0').fill('15%');
  await seller.getByRole('button', { name: 'Save quote' }).first().click();
  await seller.getByText('Saved: €5,508.00.').waitFor();
}

async function itNeedsApproval(world) {
  const { furrow, seller, boss, post } = world;
  const me = await furrow.api(ADMIN, '/users?filter=' + encodeURIComponent(`email = '${ADMIN}'`));
  const list = Object.values(me).find(Array.isArray);
  await post('/approval-rules', { name: 'Discounts', filter: 'discount_given > 10', approver_id: list[0].id });
  world.quote = seller.url().split('?')[0];
  await seller.getByRole('link', { name: 'Send', exact: true }).click();
  await seller.getByText('It has to be approved first').waitFor();
  await seller.getByRole('button', { name: 'Ask for approval' }).click();
  await seller.getByText('1 person was asked').waitFor();
  await boss.goto(`${furrow.url}/notifications`);
  await boss.getByText(/waits for your approval/).first().click();
  await boss.getByLabel('Comment', { exact: true }).first().fill('For a first order.');
  await boss.getByRole('button', { name: 'Approve' }).click();
  await boss.getByText(/^Approved:/).waitFor();
}

async function sent(world) {
  const { seller, quote } = world;
  await seller.goto(`${quote}/send`);
  await seller.getByRole('button', { name: 'Send quote' }).click();
  await seller.getByText('Copy the link below').waitFor();
  world.link = await seller.getByLabel('Link for the customer').inputValue();
  assert.match(world.link, /^http.*\/q\/[\w-]+$/);
}

async function openedAndDiscussedOnAPhone({ phone, seller, quote, link }) {
  await phone.goto(link);
  assert.equal(await phone.locator('html').evaluate((html) => html.scrollWidth <= window.innerWidth), true);
  await phone.getByText('Probe P1').waitFor();
  await phone.locator('#talk-name').fill('Hanna Brandt');
  await phone.getByLabel('What would you like to know or change?').fill('Can you install in March?');
  await phone.getByRole('button', { name: 'Send' }).click();
  await phone.getByText('Can you install in March?').waitFor();
  await seller.goto(quote);
  await seller.getByText('Opened 1 time').waitFor();
  await seller.getByText('Can you install in March?').first().waitFor();
  await seller.getByLabel(/Write to the customer/).fill('Yes, in the second week.');
  await seller.getByRole('button', { name: 'Post answer' }).click();
  await phone.goto(link);
  await phone.getByText('Yes, in the second week.').waitFor();
}

async function anOptionIsTickedAndItIsSigned({ phone, link }) {
  await phone.getByLabel('Installation').check();
  await phone.locator('#sign-name').fill('Hanna Brandt');
  await phone.getByLabel(/I accept this quote/).check();
  await phone.getByRole('button', { name: 'Accept and sign' }).click();
  await phone.getByText('With what you have ticked the total is €6,708.00').waitFor(); /* it was not shown yet */
  await phone.locator('#sign-name').fill('Hanna Brandt');
  await phone.getByLabel(/I accept this quote/).check();
  await phone.getByRole('button', { name: 'Accept and sign' }).click();
  await phone.getByText(/Accepted by Hanna Brandt/).waitFor();
  const file = new URL(`${link}/pdf`);
  file.hostname = '127.0.0.1';
  const answer = await fetch(file);
  assert.equal(answer.headers.get('content-type'), 'application/pdf');
  assert.match(await answer.text(), /^%PDF-/);
}

async function theDealTellsOfIt({ furrow, seller, deal }) {
  await seller.goto(`${furrow.url}/deals/${deal.id}`);
  const page = await text(seller, '#record');
  assert.match(page, /€5,590\.00/); /* before tax: 4,590 and 1,000 */
  assert.match(page, /Accepted/);
  assert.match(page, /Can you install in March\?/);
  await seller.getByText(/Quote accepted/).first().waitFor();
}

async function nothingIsInAnyonesWay({ furrow, seller, quote, browser, link }) {
  const stranger = await (await openContext(browser)).newPage();
  const look = async (page, url) => {
    await page.goto(url);
    await page.evaluate(axe);
    const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'] })).violations
      .map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`));
    assert.deepEqual(found, [], url);
  };
  await look(seller, quote);
  await look(stranger, link);
  await seller.goto(`${furrow.url}/quotes/new`);
  await seller.getByLabel('Title').fill('Another');
  await seller.getByRole('button', { name: 'Create quote', exact: true }).click();
  await seller.waitForURL((url) => /\/quotes\/[0-9a-z]{13}$/.test(url.pathname));
  const draft = seller.url();
  await look(seller, `${draft}/build`);
  await seller.getByRole('button', { name: 'Add free line' }).click();
  await look(seller, `${draft}/send`);
  await look(seller, `${quote}/compare`);
}

async function nothingFailed({ boss, seller, phone }) {
  noFaults(boss.context(), seller.context(), phone.context());
}

export default {
  name: 'quote',
  story: true,
  open,
  close,
  tests: [
    ['a deal becomes a quote with the book\'s prices', builtOnADeal],
    ['totals and tiers follow what is typed', totalsFollow],
    ['what is wrong stands beside its line', nothingTypedIsLost],
    ['a colleague approves it', itNeedsApproval],
    ['it is sent', sent],
    ['it is opened and discussed on a phone, without scripts', openedAndDiscussedOnAPhone],
    ['an option is ticked, counted, signed', anOptionIsTickedAndItIsSigned],
    ['the deal tells of it', theDealTellsOfIt],
    ['axe-core finds nothing', nothingIsInAnyonesWay],
    ['no page had a fault', nothingFailed],
  ],
};
