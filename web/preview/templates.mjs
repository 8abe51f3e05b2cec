// templates.mjs -- reads the templates of kit and renders them as the server does, for the preview and the
// tests. Not shipped.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import mustache from 'wontache';

const here = dirname(fileURLToPath(import.meta.url));
const folders = [join(here, '../../src/kit/html'), here];

/* All named templates of all files: name -> { text, file, line }. */
export function readTemplates() {
  const found = new Map();
  const files = folders.flatMap((dir) => readdirSync(dir).sort().map((name) => join(dir, name)));
  for (const file of files.filter((name) => name.endsWith('.html'))) {
    let current = null;
    readFileSync(file, 'utf8').split('\n').forEach((line, i) => {
      const head = line.match(/^\{\{! template: (\S+) \}\}$/);
      if (head) {
        if (found.has(head[1])) throw new Error(`${file}:${i + 1}: ${head[1]} is there twice`);
        current = { file, line: i + 1, text: '' };
        found.set(head[1], current);
      } else if (current) current.text += `${line}\n`;
      else if (line.trim()) throw new Error(`${file}:${i + 1}: text before the first template`);
    });
  }
  return found;
}

export function renderer() {
  const compiled = {};
  for (const [name, { text }] of readTemplates()) compiled[name] = mustache(text);
  return (name, tree) => compiled[name](tree, { partials: compiled });
}
