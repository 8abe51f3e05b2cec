// Rules that the templates of kit keep, beyond what the server's own compiler refuses.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fixtures } from '../preview/fixtures.mjs';
import { readTemplates, renderer } from '../preview/templates.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const templates = readTemplates();
const bare = (text) => text.replace(/\{\{![\s\S]*?\}\}/g, '');
const each = (check) => {
  for (const [name, { text, file }] of templates) check(bare(text), `${name} in ${file}`, text);
};

test('no raw output, no inline script or style', () => each((text, where) => {
  assert.doesNotMatch(text, /\{\{[{&]/, where);
  assert.doesNotMatch(text, /\s(style|on\w+)=/, where);
  assert.doesNotMatch(text, /<script(?![^>]*\bsrc=)/, where);
  assert.doesNotMatch(text, /<style/, where);
}));

test('attributes are double-quoted', () => each((text, where) => {
  assert.doesNotMatch(text.replace(/"[^"]*"/g, '""'), /<[a-z][^>]*\s[\w-]+=[^"]/, where);
}));

test('partials and parents exist', () => each((text, where) => {
  for (const [, name] of text.matchAll(/\{\{[<>]\s*([\w/]+)\s*\}\}/g)) {
    assert.ok(templates.has(name), `${where}: ${name} is nowhere`);
  }
}));

test('icons named in templates are in icons.txt', () => {
  const icons = new Set([...readFileSync(join(here, '../icons.txt'), 'utf8').split('\n'), 'furrow']);
  each((text, where) => {
    for (const [, name] of text.matchAll(/\{\{assets\.icons\}\}#([\w-]+)/g)) {
      assert.ok(icons.has(name), `${where}: ${name}`);
    }
  });
});

test('each template says which tree it reads', () => each((text, where, whole) => {
  if (!where.startsWith('preview/')) assert.match(whole, /^\{\{!\n/, where);
}));

test('each fixture renders, and what is documented as text stays text', () => {
  const page = renderer();
  for (const [name, [template, tree]] of Object.entries(fixtures)) {
    const html = page(template, { ...tree, assets: {}, title: `${tree.title}<script>` });
    assert.doesNotMatch(html, /\{\{/, name);
    assert.doesNotMatch(html, /<script>/, name);
    assert.match(html, /<\/html>\s*$/, name);
  }
});

test('posts carry the CSRF token', () => {
  const page = renderer();
  for (const [name, [template, tree]] of Object.entries(fixtures)) {
    const html = page(template, { ...tree, assets: {} });
    for (const [form] of html.matchAll(/<form[^>]*method="post"[\s\S]*?<\/form>/g)) {
      if (name !== 'public') assert.match(form, /name="csrf"/, `${name}: ${form.slice(0, 120)}`);
    }
  }
});
