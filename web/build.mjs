// build.mjs -- makes everything a browser loads: `node build.mjs OUTDIR`.
// OUTDIR mirrors the addresses ("assets/app.1a2b3c4d5e.css" is served at /assets/app.1a2b3c4d5e.css) and
// holds manifest.txt with one line a file: logical-name path content-type. The logical name is the key
// under which templates find the address: app_css -> {{assets.app_css}}. Names under assets/ carry the
// hash of their content and may be cached for ever; the others keep their name.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { palette } from './look/palette.mjs';
import { world } from './look/world.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const TRACKER_MAX_BYTES = 3 * 1024;
const FORM_MAX_BYTES = 6 * 1024;
const CHAT_MAX_BYTES = 8 * 1024;
const TARGET = ['chrome100', 'firefox100', 'safari15.4'];
const TYPES = {
  css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml', txt: 'text/plain', woff2: 'font/woff2',
};

const at = (...parts) => join(here, ...parts);
const read = (...parts) => readFileSync(at(...parts));

async function bundle(entry, options = {}) {
  const built = await esbuild.build({
    entryPoints: [at('src', entry)], bundle: true, minify: true, write: false, format: 'iife',
    target: TARGET, legalComments: 'none', charset: 'utf8', logLevel: 'warning',
    external: ['*.woff2'], loader: { '.svg': 'dataurl' }, ...options,
  });
  return built.outputFiles[0].text;
}

/* One <symbol> per icon, so that a script refers to icons.svg#name; pages get the shapes themselves (kit/icons.c). How lines
 * are drawn is said in css/base.css. */
function sprite() {
  const names = read('icons.txt').toString().split('\n').filter((l) => l && !l.startsWith('#'));
  const symbol = (name, svg) => {
    const inner = svg.replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '')
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, '')
      .replace(/\s+/g, ' ').replace(/ \/>/g, '/>').replace(/> </g, '><').trim();
    return `<symbol id="${name}" viewBox="0 0 24 24">${inner}</symbol>`;
  };
  const icons = names.map((name) => symbol(name, read('node_modules/@tabler/icons/icons/outline', `${name}.svg`).toString()));
  icons.push(symbol('furrow', read('src/img/furrow.svg').toString()));
  return `<svg xmlns="http://www.w3.org/2000/svg">${icons.join('')}</svg>`;
}

/* Writes the files and remembers the lines of the manifest. */
class Output {
  constructor(dir) { this.dir = dir; this.lines = []; this.sizes = []; }

  put(logical, path, bytes) {
    const type = TYPES[path.split('.').pop()];
    mkdirSync(dirname(join(this.dir, path)), { recursive: true });
    writeFileSync(join(this.dir, path), bytes);
    this.lines.push(`${logical} ${path} ${type}`);
    this.sizes.push([path, Buffer.byteLength(bytes)]);
    return path;
  }

  hashed(logical, name, bytes) {
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 10);
    return this.put(logical, `assets/${name.replace(/\.(\w+)$/, `.${hash}.$1`)}`, bytes);
  }

  finish() {
    writeFileSync(join(this.dir, 'manifest.txt'), `${this.lines.sort().join('\n')}\n`);
    for (const [path, size] of this.sizes) console.log(`${String(size).padStart(8)}  ${path}`);
  }
}

export async function build(dir) {
  for (const name of ['assets', 'js']) rmSync(join(dir, name), { recursive: true, force: true });
  const out = new Output(dir);
  const fonts = {};
  const weights = [400, 500, 600];
  for (const part of ['latin', 'latin-ext']) for (const weight of weights) {
    const name = `inter-${part}-${weight}`;
    const path = out.hashed(name.replaceAll('-', '_'), `${name}.woff2`, read(`node_modules/@fontsource/inter/files/${name}-normal.woff2`));
    fonts[`${name}.woff2`] = path.replace('assets/', '');
  }
  /* The dark tokens are written once, for data-theme="dark"; "auto" follows the system with the same. */
  const css = async (entry) => (await bundle(`css/${entry}`))
    .replace(/:root\[data-theme=dark\]\{(--|color-scheme)[^}]*\}/g, (dark) => dark
      + `@media (prefers-color-scheme:dark){${dark.replace('=dark', '=auto')}}`)
    .replace(/@font-face\{[^}]*inter-[^}]*\}/g, (face) => weights.map((weight) => face.replaceAll('400', weight)).join(''))
    .replace(/inter-latin(-ext)?-\d+\.woff2/g, (name) => fonts[name]);
  out.hashed('app_css', 'app.css', await css('app.css'));
  out.hashed('public_css', 'public.css', await css('public.css'));
  out.hashed('help_css', 'help.css', await css('help.css'));
  out.hashed('help_js', 'help.js', await bundle('help.js'));
  out.hashed('form_css', 'form.css', await css('form.css'));
  out.hashed('first_js', 'first.js', await bundle('first.js'));
  out.hashed('app_js', 'app.js', await bundle('app.js'));
  out.hashed('board_js', 'board.js', await bundle('board.js'));
  out.hashed('dashboard_js', 'dashboard.js', await bundle('dashboard.js'));
  out.hashed('chat_css', 'chat.css', await css('chat.css'));
  out.hashed('calendar_js', 'calendar.js', await bundle('calendar.js'));
  out.hashed('book_js', 'book.js', await bundle('book.js'));
  out.hashed('inbox_js', 'inbox.js', await bundle('inbox.js'));
  out.hashed('desk_js', 'desk.js', await bundle('desk.js'));
  out.hashed('leads_js', 'leads.js', await bundle('leads.js'));
  out.hashed('form_build_js', 'form-build.js', await bundle('form-build.js'));
  out.hashed('mail_js', 'mail.js', await bundle('mail.js'));
  out.hashed('flow_js', 'flow.js', await bundle('flow.js'));
  out.hashed('charts_js', 'charts.js', await bundle('charts.js'));
  out.hashed('palette', 'palette.txt', palette(read('src/css/tokens.css').toString(), read('src/css/controls.css').toString()));
  out.hashed('world', 'world.txt', world());
  out.hashed('icons', 'icons.svg', sprite());
  out.put('favicon', 'favicon.svg', read('src/img/favicon.svg'));
  const tracker = await bundle('furrow.js', { target: ['es2017'] });
  if (Buffer.byteLength(tracker) >= TRACKER_MAX_BYTES) {
    throw new Error(`the tracker has ${Buffer.byteLength(tracker)} bytes; it must stay under `
      + TRACKER_MAX_BYTES);
  }
  out.put('furrow_js', 'js/furrow.js', tracker);
  for (const name of ['vitals', 'umami', 'count']) out.put(`${name}_js`, `js/${name}.js`, await bundle(`${name}.js`));
  /* What other sites load is small: a build that makes it larger fails. Shadow roots with sheets of their own need
   * newer browsers than the application; older ones show no form, and the page stays as it is. */
  const small = async (name, most) => {
    const script = await bundle(`${name}.js`, { target: ['chrome100', 'firefox101', 'safari16.4'], format: 'esm' });
    if (Buffer.byteLength(script) >= most) {
      throw new Error(`${name}.js has ${Buffer.byteLength(script)} bytes; it must stay under ${most}`);
    }
    out.put(`${name}_js`, `js/${name}.js`, script);
  };
  await small('form', FORM_MAX_BYTES);
  await small('chat', CHAT_MAX_BYTES);
  await small('tips', FORM_MAX_BYTES);
  out.finish();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dir = process.argv[2];
  if (!dir) {
    console.error('usage: node build.mjs OUTDIR');
    process.exit(2);
  }
  mkdirSync(dir, { recursive: true });
  await build(dir);
}
