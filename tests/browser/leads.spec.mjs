// leads.spec.mjs -- the lead inbox by keyboard: ten leads answered one after the other without touching the mouse, each seen
// with who, why now and what to do; an answer taken back; the clock in working time; the same without JavaScript.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { until } from './lib/harness.mjs';
import { COLLEAGUE, MARKETER, SELLER, startCompany } from './lib/company.mjs';
import { atWork, follow, noFaults, startBrowser } from './lib/people.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const names = ['Ava', 'Bruno', 'Clea', 'Dario', 'Elif', 'Falk', 'Gesa', 'Hugo', 'Ines', 'Jonas'];

async function open() {
  const furrow = await startCompany();
  const browser = await startBrowser();
  const seller = await atWork(browser, furrow, SELLER);
  const { id } = (await furrow.api(SELLER, `/users?filter=${encodeURIComponent(`email = '${SELLER}'`)}`)).data[0];
  return { furrow, browser, seller, me: id, leads: {} };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}
async function hand(given, first_name, reason) {
  const { furrow, me } = given;
  const contact = await furrow.api(MARKETER, '/contacts', {
    method: 'POST',
    body: { first_name, last_name: 'Lead', email: `${first_name.toLowerCase()}@lead.example`, phone: '+49 30 1234567' },
  });
  const handoff = await furrow.api(MARKETER, '/handoffs', {
    method: 'POST', body: { contact_id: contact.id, owner_id: me, reason, note: `What ${first_name} needs` },
  });
  given.leads[first_name] = { contact: contact.id, handoff: handoff.id };
}
const status = async ({ furrow, leads }, name) => (await furrow.api(SELLER, `/handoffs/${leads[name].handoff}`)).status;

/* The lead that is shown, with what one must know of it: who, why now, what to do. Its name has the focus. */
async function shown(page, name) {
  const lead = page.getByRole('region', { name: `${name} Lead` });
  await lead.waitFor();
  await until(`${name} to have the focus`, () => page.evaluate(() => document.activeElement?.id === 'lead-name'));
  assert.equal(await lead.locator('.lead-reason').innerText(), `${name} asked for prices`);
  await lead.getByText(`What ${name} needs`).waitFor();
  await lead.getByRole('link', { name: 'Call +49 30 1234567' }).waitFor();
  await lead.getByRole('timer').waitFor();
  return lead;
}
const said = (page, text) => page.getByRole('status').filter({ hasText: text }).first().waitFor();

async function choose(page, key, label, letters) {
  await page.keyboard.press(key);
  await until('the list of reasons to have the focus', () => page.evaluate(() => document.activeElement?.tagName === 'SELECT'));
  await page.keyboard.type(letters);
  assert.equal(await page.evaluate(() => document.activeElement.selectedOptions[0].textContent), label);
  await page.keyboard.press('Enter');
}

async function tenByKeyboard(given) {
  const { furrow, seller } = given;
  for (const name of names) await hand(given, name, `${name} asked for prices`);
  await follow(seller, `${furrow.url}/leads`);
  /* From here on nothing but keys: a mouse would be noticed. */
  await seller.addInitScript(() => {
    for (const type of ['mousedown', 'pointerdown', 'touchstart']) {
      addEventListener(type, () => sessionStorage.setItem('mouse', 'used'), true);
    }
  });
  await shown(seller, 'Ava');
  await seller.keyboard.press('a');
  await said(seller, 'Lead accepted: Ava Lead.');

  await shown(seller, 'Bruno');
  await choose(seller, 'r', 'Wrong person', 'wrong p');
  await said(seller, 'Lead rejected: Bruno Lead.');

  await shown(seller, 'Clea');
  await choose(seller, 'y', 'Too early', 'too');
  await said(seller, 'Lead sent back to nurture: Clea Lead.');

  await shown(seller, 'Dario');
  await choose(seller, 'l', 'No answer', 'no a');
  await said(seller, 'Call logged with Dario Lead.');
  await (await shown(seller, 'Dario')).locator('.events').getByText('No answer').first().waitFor();
  await seller.keyboard.press('a');
  await said(seller, 'Lead accepted: Dario Lead.');

  await shown(seller, 'Elif');
  await choose(seller, 's', 'Inês Duarte', 'in');
  await said(seller, "Elif Lead is Inês Duarte's lead now.");

  await shown(seller, 'Falk'); /* looks ahead, and back */
  await seller.keyboard.press('j');
  await shown(seller, 'Gesa');
  await seller.keyboard.press('k');
  await shown(seller, 'Falk');
  await seller.keyboard.press('a');
  await said(seller, 'Lead accepted: Falk Lead.');
  await shown(seller, 'Gesa');
  await seller.keyboard.press('u'); /* that was too quick */
  await said(seller, 'Falk Lead waits for an answer again.');
  await shown(seller, 'Falk');
  assert.equal(await status(given, 'Falk'), 'pending');
  assert.equal((await furrow.api(SELLER, `/contacts/${given.leads.Falk.contact}`)).lifecycle, 'mql');
  await seller.keyboard.press('a');
  for (const name of ['Gesa', 'Hugo', 'Ines', 'Jonas']) {
    await shown(seller, name);
    await seller.keyboard.press('a');
    await said(seller, `Lead accepted: ${name} Lead.`);
  }
  await seller.getByText('No lead is waiting').waitFor();
  const ends = await Promise.all(names.map((name) => status(given, name)));
  assert.deepEqual(ends, ['accepted', 'rejected', 'recycled', 'accepted', 'pending', 'accepted', 'accepted', 'accepted', 'accepted',
    'accepted']);
  assert.equal(await seller.evaluate(() => sessionStorage.getItem('mouse')), null);
  noFaults(seller.context());
}

async function helpNamesTheKeys(given) {
  const { furrow, seller } = given;
  await hand(given, 'Kira', 'Kira asked for prices');
  await follow(seller, `${furrow.url}/leads`);
  await shown(seller, 'Kira');
  await seller.keyboard.press('?');
  const help = seller.getByRole('dialog', { name: 'Keyboard shortcuts' });
  for (const text of ['Accept the lead', 'Reject it, with a reason', 'Recycle it: back to nurture', 'Log a call',
    'Give it to somebody else', 'Open the contact']) await help.getByText(text).waitFor();
  await seller.keyboard.press('Escape');
  await until('the help to close', async () => (await help.count()) === 0);
  await seller.keyboard.press('r');
  await seller.keyboard.press('Escape'); /* changed their mind */
  await until('the panel to close', async () => (await seller.locator('.lead-panel[open]').count()) === 0);
}

/* Working hours end in a minute of the page's own clock, and the promise stands still from then on. */
async function clockStandsStill({ furrow, seller }) {
  await seller.goto(`${furrow.url}/leads`);
  const clock = seller.getByRole('timer');
  await clock.waitFor();
  const text = await seller.evaluate(async () => {
    const inbox = document.querySelector('#inbox');
    const timer = document.querySelector('[role=timer]');
    inbox.dataset.hours = '0-1';
    timer.dataset.left = String(3 * 3600000);
    await new Promise((done) => setTimeout(done, 2500));
    return [timer.textContent, inbox.classList.contains('is-resting')];
  });
  assert.deepEqual(text, ['2 h 59 min left', true]);
}

async function reachable({ seller }) {
  await seller.evaluate(axe);
  const found = await seller.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'] })).violations
    .map((one) => `${one.id}: ${one.nodes[0].html}`));
  assert.deepEqual(found, []);
}

async function withoutScripts(given) {
  const { furrow, browser } = given;
  await hand(given, 'Lena', 'Lena asked for prices');
  await hand(given, 'Mats', 'Mats asked for prices');
  const plain = await atWork(browser, furrow, SELLER, { path: '/leads', javaScriptEnabled: false });
  await plain.getByRole('region', { name: 'Kira Lead' }).waitFor();
  await plain.getByRole('button', { name: 'Accept lead' }).click();
  await plain.getByText('Lead accepted: Kira Lead.').waitFor();
  await plain.getByRole('region', { name: 'Lena Lead' }).waitFor();
  await plain.locator('summary', { hasText: 'Recycle' }).click();
  await plain.getByLabel('Why not now?').selectOption('Too early');
  await plain.getByRole('button', { name: 'Send back to nurture' }).click();
  await plain.getByRole('region', { name: 'Mats Lead' }).waitFor();
  await plain.locator('summary', { hasText: 'Assign' }).click();
  await plain.getByLabel('Whose lead should it be?').selectOption('Inês Duarte');
  await plain.getByRole('button', { name: 'Give it to them' }).click();
  await plain.getByText("Mats Lead is Inês Duarte's lead now.").waitFor();
  await plain.getByRole('button', { name: 'take back the answer to Lena Lead' }).click();
  await plain.getByText('Lena Lead waits for an answer again.').waitFor();
  await plain.context().close();
  const colleague = await atWork(browser, furrow, COLLEAGUE, { path: '/leads' });
  await colleague.getByRole('navigation', { name: 'Waiting leads' }).getByText('Mats Lead').waitFor();
  noFaults(colleague.context());
}

export default {
  name: 'leads',
  story: true,
  open,
  close,
  tests: [
    ['ten leads are answered by keyboard alone', tenByKeyboard],
    ['the help names the keys', helpNamesTheKeys],
    ['the clock stands still outside of working hours', clockStandsStill],
    ['nothing is in the way of assistive technology', reachable],
    ['without JavaScript', withoutScripts],
  ],
};
