// shots.mjs -- `npm run shots [DIR] [NAME...]`: renders the preview, looks at each page at 1440 and 390
// pixels, light and dark, under the server's Content-Security-Policy; saves a picture of each, runs axe-core
// and lists what scripts complain about and which page is wider than the window. Exits 1 on anything serious.
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { render } from './render.mjs';

const CSP = "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
  + "connect-src 'self'";
const TYPES = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2', '.txt': 'text/plain' };
const SIZES = [[1440, 900], [390, 844]];
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const dir = process.argv[2] ?? 'dist';
const names = await render(dir);
const wanted = process.argv.slice(3);
const shots = join(dir, 'shots');
mkdirSync(shots, { recursive: true });

const server = createServer((req, res) => {
  const file = join(dir, decodeURIComponent(new URL(req.url, 'http://localhost').pathname));
  if (!existsSync(file) || !extname(file)) {
    res.writeHead(404).end();
    return;
  }
  res.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP });
  createReadStream(file).pipe(res);
}).listen(0, '127.0.0.1');
await new Promise((done) => server.once('listening', done));
const base = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launchPersistentContext(mkdtempSync(join(tmpdir(), 'furrow-preview-')), {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
let bad = 0;
for (const name of wanted.length ? wanted : names) {
  for (const [width, height] of SIZES) {
    for (const theme of ['light', 'dark']) {
      const page = await browser.newPage();
      const said = [];
      page.on('console', (m) => { if (m.type() === 'error' && !/404/.test(m.text())) said.push(m.text()); });
      page.on('pageerror', (e) => said.push(String(e)));
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.goto(`${base}/${name}.html`, { waitUntil: 'load' });
      await page.evaluate((t) => { document.documentElement.dataset.theme = t; document.dispatchEvent(new Event('furrow:theme')); }, theme);
      await page.evaluate(() => document.fonts.ready);
      await page.waitForTimeout(name === 'metric' ? 300 : 80);
      await page.screenshot({ path: join(shots, `${name}-${width}-${theme}.png`), fullPage: width < 1000 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      await page.evaluate(axe);
      const found = await page.evaluate(async () => (await window.axe.run()).violations
        .filter((one) => ['serious', 'critical'].includes(one.impact))
        .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((n) => `${n.target} ${n.any[0]?.message ?? ''}`).join(' | ')}`));
      for (const line of [...said, ...found, ...(wide > 0 ? [`${wide} px wider than the window`] : [])]) {
        bad += 1;
        console.log(`${name} ${width} ${theme}: ${line}`);
      }
      await page.close();
    }
  }
}
await browser.close();
server.close();
console.log(`${bad} complaints; pictures in ${shots}`);
process.exit(bad ? 1 : 0);
