// The bundle: what the server relies on.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build } from '../build.mjs';

let dir;
let lines;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'furrow-web-'));
  await build(dir);
  lines = readFileSync(join(dir, 'manifest.txt'), 'utf8').trim().split('\n').map((l) => l.split(' '));
});
after(() => rmSync(dir, { recursive: true, force: true }));
const file = (name) => readFileSync(join(dir, lines.find(([n]) => n === name)[1]), 'utf8');

test('the manifest names every file with its type', () => {
  const names = lines.map(([name]) => name);
  for (const name of ['app_css', 'app_js', 'board_js', 'dashboard_js', 'mail_js', 'charts_js', 'public_css', 'palette', 'world', 'icons', 'favicon', 'furrow_js',
    'inter_latin_400', 'inter_latin_ext_600']) assert.ok(names.includes(name), name);
  for (const [, path, type] of lines) {
    assert.ok(existsSync(join(dir, path)), path);
    assert.match(type, /^[a-z]+\/[\w+]+$/);
  }
});

test('every icon that the server names is there', () => {
  const have = new Set([...file('icons').matchAll(/<symbol id="([^"]+)"/g)].map(([, id]) => id));
  const src = join(import.meta.dirname, '../../src');
  for (const name of readdirSync(src, { recursive: true })) {
    if (!/\.(c|html)$/.test(name)) continue;
    const text = readFileSync(join(src, name), 'utf8');
    const kinds = /\{ "[a-z_]+", "[^"]+",\s*"([a-z0-9-]+)",\s*KIND_|\.icon = "([a-z0-9-]+)"|"icon", "([a-z0-9-]+)"|assets\.icons\}\}#([a-z0-9-]+)"/g;
    const menus = /\{ "(?:people|sales|marketing|service|insight|settings|home)", "[^"]+",\s*"\/[^"]*",\s*"([a-z0-9-]+)"/g;
    for (const found of [...text.matchAll(kinds), ...text.matchAll(menus)]) {
      const icon = found.slice(1).find(Boolean);
      assert.ok(have.has(icon), `${icon} of ${name}`);
    }
  }
});

test('names under assets carry a hash, the tracker keeps its name', () => {
  for (const [, path] of lines) if (path.startsWith('assets/')) assert.match(path, /\.[0-9a-f]{10}\.\w+$/);
  assert.ok(lines.some(([, path]) => path === 'js/furrow.js'));
});

test('the tracker is under 3 KB', () => assert.ok(Buffer.byteLength(file('furrow_js')) < 3072));

test('style sheets find their fonts', () => {
  for (const [, name] of file('app_css').matchAll(/url\("?(inter[^")]+)"?\)/g)) {
    assert.ok(existsSync(join(dir, 'assets', name)), name);
  }
});

test('dark follows the system when the theme is auto', () => {
  assert.match(file('app_css'), /@media \(prefers-color-scheme:dark\)\{:root\[data-theme=auto\]\{/);
});

test('nothing evaluates text as code', () => {
  for (const name of ['board_js', 'charts_js', 'furrow_js']) assert.doesNotMatch(file(name), /\beval\(|new Function\(/, name);
});

test('the whole stays small', () => {
  const total = lines.reduce((sum, [, path]) => sum + statSync(join(dir, path)).size, 0);
  assert.ok(total < 1400 * 1024, `${total} bytes`);
});

test('what the server draws with knows every channel and most countries', () => {
  const colors = new Map(file('palette').trim().split('\n').map((line) => line.split(' ')));
  for (const name of ['series-1', 'ink', 'line', 'email', 'paid-search', 'ai', 'direct']) assert.match(colors.get(name) ?? '', /^#[0-9a-f]{6}$/, name);
  const [box, ...lines] = file('world').trim().split('\n');
  const [width, height] = box.split(' ').map(Number);
  const shapes = new Map(lines.map((line) => [line.slice(0, 2), line.slice(3)]));
  assert.ok(shapes.size > 200, `${shapes.size} countries`);
  for (const code of ['DE', 'US', 'SG', 'MT', 'FJ']) assert.ok(shapes.has(code), code);
  for (const [code, shape] of shapes) {
    for (const ring of shape.split(';')) {
      const points = ring.split(' ').map((point) => point.split(',').map(Number));
      for (const [x, y] of points) assert.ok(x > -30 && x < width + 30 && y > -10 && y < height + 30, `${code} ${x},${y}`);
      points.reduce(([x], next) => {
        assert.ok(Math.abs(next[0] - x) < width / 3, `${code} goes round the world`);
        return next;
      });
    }
  }
});
