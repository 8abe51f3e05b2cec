// What people do with keyboard and pointer, in Debian's Chromium over the preview's pages and a stub of the
// server, under the server's Content-Security-Policy. Skipped where there is no Chromium.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { fixtures } from '../preview/fixtures.mjs';
import { render } from '../preview/render.mjs';
import { renderer } from '../preview/templates.mjs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const skip = existsSync(CHROMIUM) ? false : 'no Chromium here';
const CSP = "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
  + "connect-src 'self'";
const TYPES = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2' };
const SITE = `<!doctype html><title>Shop</title><script src="/js/furrow.js" data-domain="shop.example"
 data-domains="localhost" defer></script><body><a id="out" href="http://other.example/x">Out</a>
<a id="pdf" href="/guide.pdf">Guide</a><form id="ask"><input name="fw_id" type="hidden"></form>`;

let dir;
let server;
let base;
let browser;
let posts = [];
let move = { status: 204, body: null };
const page_of = renderer();

/* The answers of the server that the scripts ask for. */
const routes = {
  'GET /search': (url) => (url.searchParams.get('type')
    ? { json: { groups: [{ results: [{ id: '0K', text: 'Kestrel Labs', hint: 'kestrel.example' }] }] } }
    : { html: page_of(...fixtures.search) }),
  'GET /notifications': () => ({ html: page_of(...fixtures.notifications) }),
  'GET /contacts/0A/history': () => ({ html: page_of(...fixtures.history) }),
  'GET /contacts/0A/edit/job': () => ({
    html: page_of('kit/field_edit', {
      record: { url: '/contacts/0A', version: 7 }, shell: { csrf: 'c5f1' }, input: {
        field: 'job', label: 'Job', kind: 'text', is: { line: true }, value: 'Head of metrology', optional: true,
        input_type: 'text', inputmode: 'text', autocomplete: 'off',
      },
    }),
  }),
  'POST /contacts/0A/edit/job': () => ({
    html: page_of('kit/fact', {
      record: { url: '/contacts/0A' }, field: 'job', label: 'Job', editable: true, kind: 'text', is: { text: true },
      text: 'Head of quality',
    }),
  }),
  'GET /site': () => ({ html: SITE }),
  'GET /deals/filter': () => ({ html: '<p id="asked">Operators of the field</p>' }),
};

function answer(req, res) {
  const url = new URL(req.url, 'http://localhost');
  let body = '';
  req.on('data', (chunk) => { body += chunk; });
  req.on('end', () => {
    if (req.method === 'POST') posts.push({ path: url.pathname, body, csrf: req.headers['x-csrf-token'] });
    const head = { 'Content-Security-Policy': url.pathname === '/site' ? "default-src 'self'" : CSP };
    const made = routes[`${req.method} ${url.pathname}`]?.(url);
    const path = join(dir, url.pathname);
    if (made) {
      res.writeHead(200, { ...head, 'Content-Type': made.json ? 'application/json' : TYPES['.html'] });
      res.end(made.json ? JSON.stringify(made.json) : made.html);
    } else if (url.pathname.endsWith('/move')) {
      res.writeHead(move.status, { 'Content-Type': 'application/problem+json' }).end(move.body);
    } else if (req.method === 'POST') res.writeHead(200, { 'Content-Type': TYPES['.html'] }).end('<!doctype html><title>Done</title>');
    else if (extname(path) && existsSync(path)) {
      res.writeHead(200, { ...head, 'Content-Type': TYPES[extname(path)] }).end(readFileSync(path));
    } else res.writeHead(404, { 'Content-Type': TYPES['.html'] }).end('<!doctype html><title>Elsewhere</title>');
  });
}

before(async () => {
  if (skip) return;
  dir = mkdtempSync(join(tmpdir(), 'furrow-face-'));
  await render(dir);
  server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((done) => { server.once('listening', done); });
  base = `http://127.0.0.1:${server.address().port}`;
  browser = await chromium.launchPersistentContext(join(dir, 'profile'), {
    executablePath: CHROMIUM, headless: true, viewport: { width: 1280, height: 800 },
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
});
after(async () => {
  await browser?.close();
  server?.close();
  if (dir) rmSync(dir, { recursive: true, force: true });
});

const ready = (page) => page.waitForSelector('html.is-ready, html:not(:has(link[rel=preload][as=script]))');

/* Opens a page of the preview, runs the steps, and fails on any complaint of a script. */
async function on(name, steps) {
  const page = await browser.newPage();
  const said = [];
  page.on('console', (m) => { if (m.type() === 'error' && !/status of 4/.test(m.text())) said.push(m.text()); });
  page.on('pageerror', (error) => said.push(String(error)));
  page.setDefaultTimeout(5000);
  posts = [];
  await page.goto(`${base}/${name}`);
  await ready(page);
  try {
    await steps(page);
    assert.deepEqual(said, []);
  } finally {
    await page.close();
  }
}
const until = async (check) => {
  for (let i = 0; i < 100; i++) {
    if (check()) return;
    await new Promise((done) => { setTimeout(done, 30); });
  }
  assert.fail(`not seen: ${check}; posts: ${JSON.stringify(posts)}`);
};

test('Ctrl-K finds a record, arrows choose, Enter opens', { skip, timeout: 30000 }, () => on('home.html', async (page) => {
  await page.keyboard.press('Control+k');
  await page.waitForSelector('dialog.palette[open] .result');
  await page.keyboard.type('four');
  await page.waitForTimeout(250);
  await page.keyboard.press('ArrowDown');
  assert.match(await page.textContent('.result.is-at'), /Élise Fourcade/);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/contacts/0B');
}));

test('C opens what can be created, ? the help, Escape closes both', { skip, timeout: 30000 }, () => on('home.html', async (page) => {
  await page.keyboard.press('c');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Contact');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('details.menu[open]').count(), 0);
  await page.keyboard.press('?');
  await page.waitForSelector('dialog.help[open]');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog.help', { state: 'detached' });
}));

test('the bell shows notifications without leaving', { skip, timeout: 30000 }, () => on('home.html', async (page) => {
  await page.click('[data-bell]');
  await page.waitForSelector('.bell-panel .notification.is-unread');
}));

test('the look is changed at once and told to the server', { skip, timeout: 30000 }, () => on('home.html', async (page) => {
  await page.click('.me');
  await page.click('button[name=theme][value=dark]');
  assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
  await until(() => posts.some((p) => p.path === '/me/theme' && p.csrf === 'c5f1'));
}));

test('arrows move in a list, X ticks, Enter opens', { skip, timeout: 30000 }, () => on('list.html', async (page) => {
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('x');
  assert.equal(await page.textContent('[data-bulk-count]'), 'With 1 row');
  assert.ok(await page.isVisible('.bulk-bar'));
  await page.keyboard.press('Enter');
  await page.waitForURL('**/deals/0DEAL1');
}));

test('E in a list edits the row', { skip, timeout: 30000 }, () => on('list.html', async (page) => {
  await page.keyboard.press('j');
  await page.keyboard.press('e');
  await page.waitForURL('**/deals/0DEAL0/edit');
}));

test('choosing the field of a filter fetches what it can be asked', { skip, timeout: 30000 }, () => on('list.html', async (page) => {
  await page.keyboard.press('f');
  await page.selectOption('#add-field', 'amount');
  await page.waitForSelector('#asked');
}));

test('a fact is edited in place', { skip, timeout: 30000 }, () => on('contact.html', async (page) => {
  await page.hover('#fact-job .fact-value');
  await page.click('#fact-job .fact-edit');
  await page.fill('#f-job', 'Head of quality');
  await page.keyboard.press('Control+Enter');
  await page.waitForSelector('#fact-job:has-text("Head of quality") .fact-edit', { state: 'attached' });
  const post = posts.find((p) => p.path === '/contacts/0A/edit/job');
  assert.match(post.body, /version=7/);
  assert.equal(post.csrf, 'c5f1');
}));

test('history is fetched when it is unfolded', { skip, timeout: 30000 }, () => on('contact.html', async (page) => {
  await page.click('.history summary');
  await page.waitForSelector('.history .field-change');
}));

test('a dangerous action asks first', { skip, timeout: 30000 }, () => on('contact.html', async (page) => {
  await page.click('[data-menu=more] summary');
  await page.click('.menu-actions .btn-danger');
  await page.waitForSelector('dialog.dialog[open]');
  await page.click('dialog .btn:not(.btn-primary)');
  assert.equal(posts.length, 0);
  await page.click('[data-menu=more] summary');
  await page.click('.menu-actions .btn-danger');
  await page.click('dialog .btn-primary');
  await page.waitForURL('**/contacts/0A/delete');
  assert.match(posts[0].body, /confirmed=true/);
}));

test('on a phone the parts of a record are tabs', { skip, timeout: 30000 }, () => on('contact.html', async (page) => {
  await page.setViewportSize({ width: 390, height: 800 });
  assert.ok(await page.isHidden('#facts'));
  await page.click('[data-parts] a[href="#facts"]');
  assert.ok(await page.isVisible('#facts'));
  assert.ok(await page.isHidden('#journey'));
}));

test('a reference is found by typing; tags become chips; Ctrl-Enter posts', { skip, timeout: 30000 }, () => on('form.html', async (page) => {
  await page.fill('#f-company_id', 'kest');
  await page.waitForSelector('.combo-list li:has-text("Kestrel")');
  await page.keyboard.press('Enter');
  assert.equal(await page.inputValue('#f-company_id'), 'Kestrel Labs');
  await page.fill('#f-tags', 'urgent');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+Enter');
  await page.waitForURL('**/deals/new');
  const fields = new URLSearchParams(posts[0].body);
  assert.equal(fields.get('company_id'), '0K');
  assert.equal(fields.get('tags'), 'pharma, second site, urgent');
  assert.equal(fields.get('csrf'), 'c5f1');
}));

test('errors have the focus and lead to their field', { skip, timeout: 30000 }, () => on('form.html', async (page) => {
  assert.ok(await page.evaluate(() => document.activeElement.classList.contains('error-summary')));
  await page.click('.error-summary a');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'f-close_date');
}));

test('a card is moved by key and by dragging; a refused move is put back', { skip, timeout: 30000 }, () => on('board.html', async (page) => {
  const inColumn = (name) => page.locator(`[data-column=${name}] [data-card]`).count();
  const card = page.locator('[data-card]', { hasText: 'Portable analysers' });
  move = { status: 409, body: JSON.stringify({ detail: 'Somebody moved it meanwhile.' }) };
  await card.focus();
  await page.keyboard.press(']');
  await page.waitForSelector('.toast-bad:has-text("Somebody moved it")');
  assert.equal(await inColumn('new'), 3);
  /* Two moves in a row: the second is of the version that the first one made. */
  posts = [];
  move = { status: 200, body: JSON.stringify({ version: 8 }) };
  await card.focus();
  await page.keyboard.press(']');
  await page.keyboard.press(']');
  await until(() => posts.filter((p) => p.path.endsWith('/move')).length === 2);
  assert.match(posts.filter((p) => p.path.endsWith('/move'))[1].body, /value=proposal&version=8/);
  /* And back, another one: the page of the preview, fetched anew after a move, has none that was moved. */
  await page.reload();
  await ready(page);
  posts = [];
  await page.locator('[data-card]', { hasText: 'Spectrometer upgrade' }).focus();
  await page.keyboard.press('[');
  await page.keyboard.press('[');
  await until(() => posts.filter((p) => p.path.endsWith('/move')).length === 2);
  assert.match(posts.filter((p) => p.path.endsWith('/move'))[1].body, /value=new&version=8/);
  await page.reload();
  await ready(page);
  posts = [];
  move = { status: 428, body: JSON.stringify({ url: '/deals/0B/lost' }) };
  await card.dragTo(page.locator('[data-column=qualified]'), { targetPosition: { x: 60, y: 300 } });
  await page.waitForURL('**/deals/0B/lost');
  assert.match(posts[0].body, /field=stage_id&value=qualified&version=3/);
}));

test('a chart is drawn from its table', { skip, timeout: 30000 }, () => on('metric.html', async (page) => {
  await page.waitForSelector('.chart.is-drawn canvas');
  assert.equal(await page.locator('.chart tbody tr').count(), 9);
}));

test('every page says all without JavaScript', { skip, timeout: 30000 }, async () => {
  const plain = await browser.browser()?.newContext({ javaScriptEnabled: false })
    ?? await chromium.launchPersistentContext(join(dir, 'plain'), {
      executablePath: CHROMIUM, headless: true, javaScriptEnabled: false, args: ['--headless', '--no-sandbox', '--disable-gpu'],
    });
  const page = await plain.newPage();
  await page.goto(`${base}/board.html`);
  assert.ok(await page.locator('button.move').first().isVisible());
  await page.goto(`${base}/metric.html`);
  assert.ok(await page.locator('.chart tbody tr').first().isVisible());
  await page.goto(`${base}/list.html`);
  assert.ok(await page.locator('.bulk-bar').isVisible());
  await page.goto(`${base}/contact.html`);
  assert.ok(await page.locator('#facts').isVisible());
  await plain.close();
});

test('the tracker counts, stores nothing unasked, and keeps an id after consent', { skip, timeout: 30000 }, () => on('site', async (page) => {
  const events = () => posts.filter((p) => p.path === '/api/event').map((p) => JSON.parse(p.body));
  await until(() => events().some((e) => e.n === 'pageview'));
  assert.deepEqual([events()[0].d, events()[0].fid], ['shop.example', undefined]);
  assert.equal(await page.evaluate(() => document.cookie), '');
  await page.evaluate(() => history.pushState({}, '', '/site?step=2'));
  await until(() => events().filter((e) => e.n === 'pageview').length === 2);
  assert.match(events().filter((e) => e.n === 'pageview')[1].u, /step=2/);
  await page.evaluate(() => {
    document.addEventListener('click', (event) => event.preventDefault());
    document.getElementById('out').click();
    document.getElementById('pdf').click();
    window.plausible('Signup', { props: { plan: 'team' } });
    window.furrow.consent(true);
    window.furrow.identify('ada@shop.example');
  });
  await until(() => ['Outbound Link: Click', 'File Download', 'Signup', 'consent', 'identify']
    .every((name) => events().some((e) => e.n === name)));
  const fid = events().find((e) => e.n === 'identify').fid;
  assert.match(fid, /^[0-9a-f]{32}$/);
  assert.equal(await page.inputValue('input[name=fw_id]'), fid);
  assert.deepEqual(events().find((e) => e.n === 'Signup').p, { plan: 'team' });
  await page.goto(`${base}/home.html`);
  await until(() => events().some((e) => e.n === 'engagement' && e.sd > 0));
  await page.evaluate(() => { localStorage.furrow_ignore = 'true'; });
  posts = [];
  await page.goto(`${base}/site`);
  await page.waitForTimeout(200);
  assert.equal(events().length, 0);
}));
