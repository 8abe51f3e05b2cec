// render.mjs -- `npm run preview [DIR]`: every fixture as a static page beside the built assets.
// Open DIR/index.html through any static web server.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../build.mjs';
import { fixtures } from './fixtures.mjs';
import { renderer } from './templates.mjs';

export async function render(dir) {
  mkdirSync(dir, { recursive: true });
  await build(dir);
  const assets = Object.fromEntries(readFileSync(join(dir, 'manifest.txt'), 'utf8').trim().split('\n')
    .map((line) => line.split(' ')).map(([name, path]) => [name, `/${path}`]));
  const page = renderer();
  for (const [name, [template, tree]] of Object.entries(fixtures)) {
    writeFileSync(join(dir, `${name}.html`), page(template, { ...tree, assets }));
  }
  const links = Object.keys(fixtures).map((name) => `<li><a href="${name}.html">${name}</a></li>`);
  writeFileSync(join(dir, 'index.html'), `<!doctype html><title>Preview</title><ul>${links.join('')}</ul>`);
  return Object.keys(fixtures);
}

if (process.argv[1]?.endsWith('render.mjs')) await render(process.argv[2] ?? 'dist');
