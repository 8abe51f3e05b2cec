// paint.mjs -- when Chromium first paints a page, as a ratio to an empty page in the same shell.
//   node bench/paint.mjs URL MAIL PASSWORD ROUNDS WIDTH NAME=PATH...
// A proxy stands before the server: /empty is the shell of a small page with nothing in its main part, made anew by the
// server each time; everything else goes through as it is. Pages and the empty one are opened in turn, each with the
// assets in the browser's cache, so that what else the machine does falls on both; and each from the empty page, since
// to take down the page before is the browser's first work for the next one.
import { createServer, request } from 'node:http';
import { createRequire } from 'node:module';

const browserTests = createRequire(new URL('../tests/browser/package.json', import.meta.url));
const { chromium } = browserTests('playwright-core');
const [base, mail, password, rounds, width, ...pages] = process.argv.slice(2);
const server = new URL(base);
const SMALL = '/desk/new';

const ask = (incoming, path, headers, done) => incoming.pipe(request(
  { host: server.hostname, port: server.port, path, method: incoming.method, headers }, done,
));
const proxy = createServer((incoming, outgoing) => {
  if (incoming.url !== '/empty') {
    ask(incoming, incoming.url, incoming.headers, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.rawHeaders);
      outgoing.on('close', () => answer.destroy()); // a live page's stream has no end of its own
      answer.pipe(outgoing);
    });
    return;
  }
  const { 'accept-encoding': unused, ...headers } = incoming.headers;
  ask(incoming, SMALL, headers, (answer) => {
    const parts = [];
    answer.on('data', (part) => parts.push(part));
    answer.on('end', () => {
      const page = Buffer.concat(parts).toString().replace(/(<main[^>]*>)[\s\S]*(<\/main>)/, '$1$2');
      const { 'content-length': length, ...rest } = answer.headers;
      outgoing.writeHead(answer.statusCode, rest).end(page);
    });
  });
});
await new Promise((done) => proxy.listen(0, '127.0.0.1', done));
const front = `http://127.0.0.1:${proxy.address().port}`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});
const context = await browser.newContext({ viewport: { width: Number(width), height: 900 }, reducedMotion: 'reduce' });
const page = await context.newPage();
await page.goto(`${front}/sign-in`);
await page.fill('[name=email]', mail);
await page.fill('[name=password]', password);
await Promise.all([page.waitForURL((url) => !url.pathname.startsWith('/sign-in')), page.click('button[type=submit]')]);

/* Milliseconds from the click on a link to the first paint, and to the first with content. */
async function paints(path) {
  await page.goto(front + path, { waitUntil: 'commit' });
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
  return page.evaluate(() => ['first-paint', 'first-contentful-paint'].map((name) => performance.getEntriesByName(name)[0].startTime));
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const all = [['empty', '/empty'], ...pages.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)])];
const took = new Map(all.map(([name]) => [name, []]));
for (let i = -2; i < Number(rounds); i += 1) {
  for (const [name, path] of all) {
    await paints('/empty');
    const times = await paints(path);
    if (i >= 0) took.get(name).push(times);
  }
}
const empty = [0, 1].map((which) => median(took.get('empty').map((t) => t[which])));
for (const [name, times] of took) {
  const [first, contentful] = [0, 1].map((which) => median(times.map((t) => t[which])));
  const ratios = [0, 1].map((which) => median(times.map((t, i) => t[which] / took.get('empty')[i][which])));
  console.log(`${name}, ${width} wide: first paint ${first.toFixed(0)} ms, with content ${contentful.toFixed(0)} ms; `
    + `${(first / empty[0]).toFixed(2)} and ${(contentful / empty[1]).toFixed(2)} of the empty page's; median of the rounds' ratios ${ratios.map((r) => r.toFixed(2)).join(' and ')}`);
}
await browser.close();
proxy.close();
proxy.closeAllConnections();
