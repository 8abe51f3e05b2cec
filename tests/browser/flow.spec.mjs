// flow.spec.mjs -- a flow built with the keyboard alone, tried, published, and a person who goes through it.
import assert from 'node:assert/strict';
import { MARKETER, startCompany } from './lib/company.mjs';
import { until } from './lib/harness.mjs';
import { atWork, noFaults, startBrowser } from './lib/people.mjs';

async function open() {
  const furrow = await startCompany();
  const person = await furrow.api(MARKETER, '/contacts', { method: 'POST', body: {
    first_name: 'Greta', email: 'greta@field.example', country: 'DE' } });
  const browser = await startBrowser();
  return { furrow, browser, page: await atWork(browser, furrow, MARKETER), person };
}
async function close({ furrow, browser }) {
  await browser.close();
  await furrow.stop();
}

const steps = (page) => page.locator('#flow-tree .fl-step').count();
const panel = (page, text) => page.locator('#flow-panel').getByText(text).first().waitFor();

/* Insert opens the menu behind the step that has the focus; the first letter's button is found by Tab. */
async function insert(page, label) {
  await page.keyboard.press('Insert');
  await panel(page, 'Add a step');
  await page.locator('#flow-panel').getByRole('button', { name: label }).focus();
  await page.keyboard.press('Enter');
}

async function itIsBuiltByKeys(world) {
  const { furrow, page } = world;
  await page.goto(`${furrow.url}/flows/ready`);
  await page.getByLabel('An empty one, called').fill('By keys');
  await page.keyboard.press('Enter');
  await page.locator('#flow-tree').waitFor();
  world.url = page.url().split('?')[0];
  await page.getByText('2 things are missing').waitFor();
  await page.getByRole('button', { name: 'Add a trigger' }).press('Enter');
  await panel(page, 'Trigger');
  await page.locator('[name=a_on]').selectOption('hand');
  await page.getByRole('button', { name: 'Save', exact: true }).press('Enter');
  await page.locator('#flow-tree').getByText('By hand, API or another flow').waitFor();
  await page.locator('[data-step=entry]').focus();
  await insert(page, 'Add or remove a tag');
  await until('one step', async () => await steps(page) === 1);
  await page.locator('[name=a_tag]').fill('by keys');
  await page.keyboard.press('Enter');
  await page.locator('#flow-tree').getByText('Add tag by keys').waitFor();
  await page.locator('#flow-tree .fl-step').focus();
  await insert(page, 'Yes or no');
  await until('two steps', async () => await steps(page) === 2);
  await page.locator('[name=a_filter]').fill("country = 'DE'");
  await page.getByRole('button', { name: 'Save', exact: true }).press('Enter');
  await page.locator('#flow-tree').getByText('Country is DE').waitFor();
}

async function whatWasDoneIsUndone(world) {
  const { page } = world;
  await page.locator('#flow-tree .fl-step').last().focus();
  await page.keyboard.press('Delete');
  await until('deleted', async () => await steps(page) === 1);
  await page.keyboard.press('Control+z');
  await until('undone', async () => await steps(page) === 2);
  await page.locator('#flow-tree .fl-step').first().focus();
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.evaluate(() => document.activeElement.querySelector('.fl-number').textContent), '2');
}

async function aPersonGoesThrough(world) {
  const { furrow, page, person, url } = world;
  const id = new URL(url).pathname.split('/')[2];
  await page.goto(`${url}/try?run=1&contact=${person.id}`);
  await page.locator('.fl-person').getByText('Greta').waitFor();
  await page.goto(`${url}/publish`);
  await page.getByRole('button', { name: 'Publish version 1' }).click();
  await page.getByText('Version 1 is live.').waitFor();
  const entered = await furrow.api(MARKETER, `/flows/${id}/people`, { method: 'POST', body: { contact: person.id } });
  assert.equal(entered.entered, true);
  await until('the tag is there', async () => {
    const now = await furrow.api(MARKETER, `/contacts/${person.id}`, {});
    return JSON.stringify(now.tags).includes('by keys');
  });
  await page.goto(`${url}/people?state=all`);
  await page.getByText('Went through').click();
  await page.locator('.fl-log').getByText('Yes').first().waitFor();
}

export default {
  name: 'flow',
  story: true,
  open,
  close,
  tests: [
    ['a flow is built by keys', itIsBuiltByKeys],
    ['what was done is undone', whatWasDoneIsUndone],
    ['a person goes through it', aPersonGoesThrough],
    ['nothing went wrong in the browser', async ({ page }) => noFaults(page.context())],
  ],
};
