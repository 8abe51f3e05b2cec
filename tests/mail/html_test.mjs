// html_test.mjs -- the library's mails before an independent judge: an HTML5 parser that reports every error. As browsers see
// them, and as Outlook does, with its conditional comments opened. Arguments: the content test, the folder with the packages.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [program, packages] = process.argv.slice(2);
const parser = join(packages, 'parse5/dist/index.js');
if (!existsSync(parser)) {
  console.log('left out: parse5 is not installed (npm ci in tests/browser)');
  process.exit(77);
}
const { parse } = await import(pathToFileURL(parser));

const attr = (node, name) => node.attrs?.find((one) => one.name === name)?.value;
function* all(node) {
  for (const child of node.childNodes ?? []) {
    yield child;
    yield* all(child);
  }
}
function judge(name, html) {
  const errors = [];
  const tree = parse(html, { onParseError: (e) => errors.push(`${e.code} at ${html.slice(Math.max(0, e.startOffset - 40), e.startOffset + 20)}`) });
  assert.deepEqual(errors, [], name);
  const nodes = [...all(tree)];
  const named = (tag) => nodes.filter((node) => node.tagName === tag);
  assert.deepEqual(nodes.filter((node) => ['script', 'link', 'form', 'iframe', 'object'].includes(node.tagName)), [], `${name}: nothing that runs or loads`);
  assert.ok(named('table').length > 1, `${name}: tables`);
  for (const table of named('table')) assert.equal(attr(table, 'role') ?? 'presentation', 'presentation', `${name}: role`);
  for (const img of named('img')) assert.notEqual(attr(img, 'alt'), undefined, `${name}: alt`);
  for (const a of named('a')) assert.match(attr(a, 'href'), /^(https?|mailto|tel):/, `${name}: ${attr(a, 'href')}`);
  for (const node of nodes) {
    const style = attr(node, 'style') ?? '';
    assert.doesNotMatch(style, /url\(|position|float|flex|grid|var\(/, `${name}: ${style}`);
    for (const one of node.attrs ?? []) assert.ok(!one.name.startsWith('on'), `${name}: ${one.name}`);
  }
  assert.ok(nodes.some((node) => node.tagName === 'meta' && attr(node, 'name') === 'color-scheme'), `${name}: color-scheme`);
  assert.ok(html.includes('Unsubscribe</a>'), `${name}: unsubscribe`);
  assert.ok(Buffer.byteLength(html) < 102 * 1024, `${name}: Gmail would clip it`);
}

const folder = mkdtempSync(join(tmpdir(), 'furrow-mails-'));
try {
  execFileSync(program, { env: { ...process.env, FURROW_MAILS: folder, CMOCKA_TEST_FILTER: '*every_ready_made*' }, stdio: 'pipe' });
  const files = readdirSync(folder);
  assert.ok(files.length >= 10, 'ten mails at least');
  for (const file of files) {
    const html = readFileSync(join(folder, file), 'utf8');
    judge(file, html);
    const opened = html.replace(/<!--\[if mso\]>/g, '').replace(/<!--\[if !mso\]><!-->[\s\S]*?<!--<!\[endif\]-->/g, '').replace(/<!\[endif\]-->/g, '')
      .replace(/<xml>[\s\S]*?<\/xml>/g, '').replace(/<w:anchorlock\/>/g, '');
    judge(`${file}, in Outlook`, opened);
  }
  console.log(`${files.length} mails, each judged twice`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
