// mail.js -- the editor of a mail: blocks as cards, by mouse and by keys, beside a preview that the server renders. What
// is typed is kept as a draft by itself; the server cleans every text, so what is cleaned here is only for the eye.
import Sortable from 'sortablejs';
import { $, $$, csrf, el, icon, problemText, toast } from './js/dom.js';
import { clean, pasted } from './js/mail_text.js';

const data = JSON.parse($('#mail-data').textContent);
const app = $('#mail-app');
const state = { subject: data.subject, preview: data.preview, doc: data.blocks };
const looks = { contact: data.contact, look: 'light', part: 'html', width: '600' };
const KINDS = [
  ['text', 'Text', 'file-text'], ['image', 'Picture', 'cloud-upload'], ['button', 'Button', 'pointer'], ['columns', 'Columns', 'columns'],
  ['box', 'Box', 'message'], ['divider', 'Line', 'point'], ['spacer', 'Space', 'arrows-move'], ['social', 'Social links', 'world'],
  ['product', 'Product', 'tag'], ['if', 'Condition', 'filter'], ['html', 'HTML', 'settings'],
];
const labelOf = (type) => KINDS.find(([kind]) => kind === type)?.[1] ?? type;
const listsOf = (block) => ({
  columns: () => block.columns.map((column, i) => [column.blocks, `Column ${i + 1}`]),
  box: () => [[block.blocks, 'In the box']],
  if: () => [[block.then, 'When it is true'], [block.else, 'When it is not']],
}[block.type]?.() ?? []);

/* Every block has a number of its own while the page is open; it is not sent. */
let numbers = 0;
const open = new Set();
function number(list) {
  for (const block of list) {
    block.key ??= numbers += 1;
    if (block.type === 'box') block.blocks ??= [];
    if (block.type === 'if') { block.then ??= []; block.else ??= []; }
    if (block.type === 'columns') for (const column of block.columns ??= [{}, {}]) column.blocks ??= [];
    for (const [inner] of listsOf(block)) number(inner);
  }
}
const bare = (value) => JSON.parse(JSON.stringify(value, (name, v) => (name === 'key' ? undefined : v)));
function fresh(type) {
  const made = {
    text: { html: '<p>New text</p>' },
    button: { text: 'Read more', href: data.website },
    columns: { columns: [{ blocks: [{ type: 'text', html: '<p>Left</p>' }] }, { blocks: [{ type: 'text', html: '<p>Right</p>' }] }] },
    box: { style: 'soft', blocks: [{ type: 'text', html: '<p>In a box</p>' }] },
    spacer: { height: 24 },
    product: { name: 'Product', price: '', text: '', button: 'Look at it', href: data.website },
    if: { filter: "lifecycle = 'customer'", then: [{ type: 'text', html: '<p>For customers</p>' }], else: [] },
    html: { html: '<p>Your HTML</p>' },
  }[type] ?? {};
  const block = { type, ...structuredClone(made) };
  number([block]);
  return block;
}

/* ---- keeping ---- */
const status = (text, bad = false) => {
  $('#mail-status').textContent = text;
  $('#mail-status').classList.toggle('is-bad', bad);
};
const snapshot = () => JSON.stringify(state);
let kept = snapshot();       // as the server has it
let version = data.version;
let timer;
let saving = false;
let again = false;
const undone = [];
const past = [];
let last = snapshot();
let lastAt = 0;

/* Something changed: a step back leads to before it; steps typed in one go are one. */
function changed(whole = false) {
  const now = snapshot();
  if (now === last) return;
  if (whole || Date.now() - lastAt > 700 || past.length === 0) past.push(last);
  if (past.length > 100) past.shift();
  lastAt = whole ? 0 : Date.now();
  last = now;
  undone.length = 0;
  buttons();
  later();
}
function later() {
  status('…');
  clearTimeout(timer);
  timer = setTimeout(save, 600);
}
function goTo(text) {
  Object.assign(state, JSON.parse(text));
  last = text;
  number(state.doc.blocks);
  draw();
  buttons();
  later();
}
function back() {
  if (!past.length) return;
  undone.push(last);
  goTo(past.pop());
}
function forth() {
  if (!undone.length) return;
  past.push(last);
  goTo(undone.pop());
}
function buttons() {
  $('[data-do=undo]', app).disabled = !past.length;
  $('[data-do=redo]', app).disabled = !undone.length;
}

async function save() {
  if (saving) { again = true; return false; }
  const sent = snapshot();
  if (sent === kept) { status('Saved'); return true; }
  saving = true;
  let fine = false;
  try {
    const answer = await fetch(`${data.url}/draft`, {
      method: 'POST',
      headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRF-Token': csrf() },
      body: JSON.stringify({ version, subject: state.subject, preview: state.preview, blocks: bare(state.doc), contact: looks.contact }),
    });
    const body = await answer.text();
    if (answer.ok) {
      const now = JSON.parse(body);
      version = now.version;
      kept = sent;
      fine = true;
      status('Saved');
      show(now);
    } else if (answer.status === 409) {
      await conflict();
    } else {
      const problem = JSON.parse(body);
      status(`Not saved: ${problem.errors?.[0]?.message ?? problem.errors?.[0]?.detail ?? problemText(body, 'json', answer.status)}`, true);
    }
  } catch {
    status('Not saved: the server cannot be reached. What you typed is still here.', true);
  }
  saving = false;
  if (again) { again = false; later(); }
  return fine;
}

/* Somebody else saved meanwhile: theirs or ours, nothing in between is lost. */
async function conflict() {
  const answer = await fetch(`${data.url}/draft`, { headers: { Accept: 'application/json' } });
  if (!answer.ok) return;
  const theirs = await answer.json();
  const box = $('#mail-conflict');
  const take = el('button', { class: 'btn btn-small', type: 'button' }, 'Take theirs');
  const keep = el('button', { class: 'btn btn-small', type: 'button' }, 'Keep mine');
  const done = () => { box.hidden = true; };
  take.addEventListener('click', () => {
    past.push(last);
    version = theirs.version;
    const { subject, preview, blocks } = theirs.draft;
    goTo(JSON.stringify({ subject, preview, doc: blocks }));
    done();
  });
  keep.addEventListener('click', () => { version = theirs.version; done(); save(); });
  box.replaceChildren('Somebody else has changed this mail since you opened it. Undo brings back what you give up. ',
    el('span', { class: 'actions' }, take, keep));
  box.hidden = false;
  status('Not saved', true);
  take.focus();
}
addEventListener('beforeunload', (event) => { if (snapshot() !== kept) event.preventDefault(); });

/* ---- preview ---- */
const stage = $('#mail-stage');
function frameReady(frame, scroll) {
  try {
    frame.contentWindow.scrollTo(0, scroll);
    frame.contentDocument.addEventListener('click', (event) => { if (event.target.closest?.('a')) event.preventDefault(); });
  } catch { /* it is not ours to look into: it shows all the same */ }
}
let shows = 0;
function refresh() {
  const before = $('iframe', stage);
  const query = new URLSearchParams({ look: looks.look, part: looks.part, v: `${version}-${shows += 1}` });
  if (looks.contact) query.set('contact', looks.contact);
  const next = el('iframe', { title: 'Preview of the mail', sandbox: 'allow-same-origin', src: `${data.url}/preview?${query}`, class: 'is-coming' });
  const scroll = (() => { try { return before.contentWindow.scrollY; } catch { return 0; } })();
  for (const old of $$('iframe.is-coming', stage)) old.remove();
  next.addEventListener('load', () => {
    frameReady(next, scroll);
    next.classList.remove('is-coming');
    for (const old of $$('iframe', stage)) if (old !== next) old.remove();
  });
  stage.append(next);
}
function show(now) {
  $('#mail-inbox').replaceChildren(el('strong', {}, now.shown_subject || '(no subject)'), ' ', el('span', { class: 'soft' }, now.shown_preview));
  $('#mail-checks').replaceChildren(...now.checks.map((check) => el('li', {},
    el('span', { class: `dot dot-${check.tone}` }, check.word),
    el('span', {}, el('strong', {}, check.title), ' ', el('span', { class: 'soft' }, check.detail)))));
  refresh();
}
$('#mail-looks').addEventListener('click', (event) => {
  const button = event.target.closest('[data-switch] button');
  if (!button) return;
  event.preventDefault();
  const group = button.closest('[data-switch]');
  looks[group.dataset.switch] = button.value;
  for (const one of $$('button', group)) one.setAttribute('aria-pressed', String(one === button));
  stage.classList.toggle('is-phone', looks.width === '360');
  stage.classList.toggle('is-dark', looks.look === 'dark');
  if (group.dataset.switch !== 'width') refresh();
});
$('#mail-looks').addEventListener('change', async (event) => {
  if (event.target.name !== 'contact' || !event.target.value) return;
  looks.contact = event.target.value;
  $('#mail-test-contact').value = looks.contact;
  const answer = await fetch(`${data.url}/draft?contact=${looks.contact}`, { headers: { Accept: 'application/json' } });
  if (answer.ok) show(await answer.json());
  else refresh();
});
$('#mail-looks').addEventListener('submit', (event) => event.preventDefault());

/* ---- personal words ---- */
/* A menu of fields; what is chosen goes to `put`. */
function fieldMenu(put) {
  const list = el('div', { class: 'menu-panel mail-fields' });
  const menu = el('details', { class: 'menu' }, el('summary', { class: 'btn btn-small', title: 'Insert a field' }, '{ } Field'), list);
  menu.addEventListener('toggle', () => {
    if (!menu.open || list.childElementCount) return;
    const find = el('input', { class: 'input', type: 'search', placeholder: 'Find a field', 'aria-label': 'Find a field' });
    const rows = el('div', {});
    const fill = () => {
      let group = '';
      rows.replaceChildren();
      for (const field of data.fields) {
        if (!`${field.group} ${field.label} ${field.path}`.toLowerCase().includes(find.value.toLowerCase())) continue;
        if (group !== field.group) rows.append(el('p', { class: 'menu-head' }, group = field.group));
        const row = el('button', { class: 'menu-item', type: 'button' }, field.label, el('span', { class: 'soft' }, ` ${field.path}`));
        row.addEventListener('click', () => {
          menu.open = false;
          put(`{{${field.path}${field.path === 'contact.first_name' ? '|there' : ''}}}`);
        });
        rows.append(row);
      }
    };
    find.addEventListener('input', fill);
    list.append(find, rows);
    fill();
    find.focus();
  });
  return menu;
}
function intoInput(input) {
  return (text) => {
    const [from, to] = [input.selectionStart ?? input.value.length, input.selectionEnd ?? input.value.length];
    input.setRangeText(text, from, to, 'end');
    input.dispatchEvent(new Event('input', { bubbles: true }));
    input.focus();
  };
}

/* ---- the inputs of a block ---- */
let ids = 0;
function labelled(label, control, extra) {
  control.id ||= `mail-${ids += 1}`;
  return el('div', { class: 'field' }, el('label', { for: control.id }, label), ...(extra ? [el('span', { class: 'mail-line' }, control, extra)] : [control]));
}
function line(block, name, label, options = {}) {
  const input = el('input', { class: 'input', autocomplete: 'off', type: options.type ?? 'text', placeholder: options.hint ?? '', inputmode: options.mode ?? false });
  input.value = block[name] ?? '';
  input.addEventListener('input', () => {
    block[name] = options.mode === 'numeric' ? Number(input.value) || undefined : input.value;
    changed();
  });
  return labelled(label, input, options.fields && fieldMenu(intoInput(input)));
}
function choice(block, name, label, values) {
  const select = el('select', { class: 'input' }, ...values.map(([value, text]) => el('option', { value }, text)));
  select.value = block[name] ?? values[0][0];
  select.addEventListener('change', () => { block[name] = select.value; changed(true); });
  return labelled(label, select);
}
function tick(block, name, label) {
  const input = el('input', { type: 'checkbox' });
  input.checked = !!block[name];
  input.addEventListener('change', () => { block[name] = input.checked || undefined; changed(true); });
  return el('label', { class: 'check' }, input, el('span', {}, label));
}
const align = (block) => choice(block, 'align', 'Align', [['left', 'Left'], ['center', 'Centre'], ['right', 'Right']]);
const row = (...parts) => el('div', { class: 'mail-row' }, ...parts);
/* "example.com" is meant as an address. */
function address(block, name, label) {
  const field = line(block, name, label, { hint: 'https://' });
  const input = $('input', field);
  input.addEventListener('blur', () => {
    if (/^[\w-]+(\.[\w-]+)+(\/|$|\?)/.test(input.value)) {
      input.value = block[name] = `https://${input.value}`;
      changed();
    } else if (/^[^@\s:]+@[^@\s]+\.\w+$/.test(input.value)) {
      input.value = block[name] = `mailto:${input.value}`;
      changed();
    }
  });
  return field;
}

/* A picture from this machine: uploaded, its address filled in; dropped onto the field, too. */
function picture(block, label) {
  const field = address(block, 'src', label);
  const input = $('input', field);
  const file = el('input', { type: 'file', accept: 'image/png,image/jpeg,image/gif', hidden: '' });
  const button = el('button', { class: 'btn', type: 'button' }, 'Upload');
  const said = el('p', { class: 'help', role: 'status' });
  const take = async (one) => {
    if (!one) return;
    said.textContent = `Uploading ${one.name} …`;
    const body = new FormData();
    body.append('file', one);
    const answer = await fetch('/pictures', { method: 'POST', body, headers: { Accept: 'application/json', 'X-CSRF-Token': $('meta[name=csrf]').content } }).catch(() => null);
    const told = answer && await answer.json().catch(() => ({}));
    if (!answer || !answer.ok) {
      said.textContent = (told && told.errors && told.errors[0].message) || (told && told.detail) || 'It did not arrive. Try again.';
      return;
    }
    input.value = block.src = told.url;
    said.textContent = `${told.width} by ${told.height} pixels`;
    changed(true);
  };
  button.addEventListener('click', () => file.click());
  file.addEventListener('change', () => take(file.files[0]));
  field.addEventListener('dragover', (event) => event.preventDefault());
  field.addEventListener('drop', (event) => { event.preventDefault(); take(event.dataTransfer.files[0]); });
  const lineBox = el('span', { class: 'mail-line' });
  input.before(lineBox);
  lineBox.append(input, button, file);
  field.append(said);
  return field;
}
/* A condition chosen from the contact's fields; how many it is true of shows beneath. */
function condition(block) {
  const field = line(block, 'filter', 'Shown when this is true of the contact', { hint: "lifecycle = 'customer'" });
  const input = $('input', field);
  const said = el('p', { class: 'help', role: 'status' });
  const what = el('select', { class: 'input', 'aria-label': 'What' }, el('option', { value: '' }, 'Choose a field'));
  const rest = el('span', { class: 'mail-rest' });
  const add = el('button', { class: 'btn', type: 'button', hidden: '' }, 'Add');
  const ask = async (more) => {
    const answer = await fetch(`/segments/try?${new URLSearchParams({ filter: input.value, ...more })}`, { headers: { Accept: 'application/json' } }).catch(() => null);
    return answer && answer.ok ? answer.json() : null;
  };
  const tell = async (more = {}) => {
    const told = await ask(more);
    if (!told) return;
    said.textContent = told.error || (input.value || more.add_op ? `${told.count} ${told.sentence}` : '');
    if (more.add_op && !told.error) {
      input.value = block.filter = told.filter;
      changed(true);
    }
    if (what.length === 1) what.append(...(told.fields || []).map(({ value, text }) => el('option', { value }, text)));
    what.value = more.add_op ? '' : what.value;
    if (more.add_op) { rest.replaceChildren(); add.hidden = true; }
  };
  what.addEventListener('change', async () => {
    add.hidden = !what.value;
    rest.replaceChildren();
    if (!what.value) return;
    const answer = await fetch(`/contacts/filter?add_field=${what.value}`).catch(() => null);
    if (answer && answer.ok) rest.append(...new DOMParser().parseFromString(await answer.text(), 'text/html').body.childNodes);
  });
  add.addEventListener('click', () => {
    const value = (name) => ($(`[name=${name}]`, rest) || {}).value || '';
    tell({ add_field: what.value, add_op: value('add_op'), add_value: value('add_value') });
  });
  let timer;
  input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(tell, 400); });
  tell();
  field.append(said, el('div', { class: 'mail-condition' }, what, rest, add));
  return field;
}

/* Rich text: what the toolbar makes is all there is. */
const STYLES = [['p', 'Text'], ['h1', 'Title'], ['h2', 'Heading'], ['h3', 'Small heading']];
function rich(block) {
  const box = el('div', { class: 'mail-text', contenteditable: 'true', role: 'textbox', 'aria-multiline': 'true', 'aria-label': 'Text' });
  box.innerHTML = clean(block.html ?? '');
  const keep = () => { block.html = clean(box.innerHTML); changed(); };
  const run = (command, value) => {
    box.focus();
    document.execCommand('styleWithCSS', false, false);
    document.execCommand(command, false, value);
    keep();
    mark();
  };
  const tool = (name, label, text, command, value) => {
    const button = el('button', { class: 'mail-tool', type: 'button', 'aria-label': label, title: label, 'data-state': name }, text);
    button.addEventListener('pointerdown', (event) => event.preventDefault());
    button.addEventListener('click', () => run(command, value));
    return button;
  };
  const style = el('select', { class: 'input mail-style', 'aria-label': 'Style' }, ...STYLES.map(([value, text]) => el('option', { value }, text)));
  style.addEventListener('change', () => run('formatBlock', `<${style.value}>`));
  const linkTo = el('input', { class: 'input', type: 'text', placeholder: 'https://', 'aria-label': 'Link leads to' });
  const linkOk = el('button', { class: 'btn btn-small', type: 'button' }, 'Set link');
  const linkBar = el('span', { class: 'mail-link', hidden: '' }, linkTo, linkOk);
  const linkTool = el('button', { class: 'mail-tool', type: 'button', 'aria-label': 'Link (Ctrl+K)', title: 'Link (Ctrl+K)' }, icon('link'));
  let range;
  const askLink = () => {
    const chosen = getSelection();
    if (!chosen.rangeCount || !box.contains(chosen.anchorNode)) { box.focus(); return; }
    range = chosen.getRangeAt(0).cloneRange();
    linkTo.value = chosen.anchorNode.parentElement?.closest('a')?.getAttribute('href') ?? '';
    linkBar.hidden = false;
    linkTo.focus();
  };
  const setLink = () => {
    linkBar.hidden = true;
    box.focus();
    getSelection().removeAllRanges();
    if (range) getSelection().addRange(range);
    let url = linkTo.value.trim();
    if (url && !/^(https?:|mailto:|tel:|\{\{)/i.test(url)) url = url.includes('@') ? `mailto:${url}` : `https://${url}`;
    if (!url) { run('unlink'); return; }
    if (getSelection().isCollapsed) {
      const already = getSelection().anchorNode?.parentElement?.closest('a');
      if (already && box.contains(already)) { already.setAttribute('href', url); keep(); return; }
      document.execCommand('insertText', false, url);
      const after = getSelection().getRangeAt(0);
      after.setStart(after.startContainer, Math.max(0, after.startOffset - url.length));
      getSelection().removeAllRanges();
      getSelection().addRange(after);
    }
    run('createLink', url);
  };
  linkTool.addEventListener('pointerdown', (event) => event.preventDefault());
  linkTool.addEventListener('click', askLink);
  linkOk.addEventListener('click', setLink);
  linkTo.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') { event.preventDefault(); setLink(); }
    if (event.key === 'Escape') { linkBar.hidden = true; box.focus(); event.stopPropagation(); }
  });
  let caret;
  const bar = el('div', { class: 'mail-tools', role: 'toolbar', 'aria-label': 'Text' }, style,
    tool('bold', 'Bold (Ctrl+B)', el('b', {}, 'B'), 'bold'), tool('italic', 'Italic (Ctrl+I)', el('i', {}, 'I'), 'italic'), linkTool,
    tool('insertUnorderedList', 'List', icon('list'), 'insertUnorderedList'),
    tool('insertOrderedList', 'Numbered list', icon('list-numbers'), 'insertOrderedList'),
    fieldMenu((text) => {
      box.focus();
      if (caret) { getSelection().removeAllRanges(); getSelection().addRange(caret); }
      run('insertText', text);
    }), linkBar);
  function mark() {
    for (const button of $$('[data-state]', bar)) button.setAttribute('aria-pressed', String(document.queryCommandState(button.dataset.state)));
    const tag = document.queryCommandValue('formatBlock').toLowerCase();
    style.value = STYLES.some(([value]) => value === tag) ? tag : 'p';
  }
  box.addEventListener('input', keep);
  for (const name of ['keyup', 'pointerup', 'focus']) box.addEventListener(name, mark);
  box.addEventListener('blur', () => {
    const chosen = getSelection();
    if (chosen.rangeCount && box.contains(chosen.anchorNode)) caret = chosen.getRangeAt(0).cloneRange();
  });
  box.addEventListener('paste', (event) => {
    event.preventDefault();
    document.execCommand('insertHTML', false, pasted(event.clipboardData));
    keep();
  });
  box.addEventListener('drop', (event) => event.preventDefault());
  box.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      event.stopPropagation();
      askLink();
    }
  });
  document.execCommand('defaultParagraphSeparator', false, 'p');
  return el('div', { class: 'mail-rich' }, bar, box);
}

const BODIES = {
  text: (b) => [rich(b), row(choice(b, 'size', 'Size', [['normal', 'Normal'], ['small', 'Small'], ['large', 'Large']]), align(b))],
  image: (b) => [picture(b, 'Address of the picture'), line(b, 'alt', 'What it shows, in words', { fields: true }),
    tick(b, 'decorative', 'Only decoration: it says nothing'), address(b, 'href', 'Leads to'),
    row(line(b, 'width', 'Width, pixels', { mode: 'numeric', hint: 'as wide as there is room' }), align(b)), tick(b, 'wide', 'To the edges')],
  button: (b) => [line(b, 'text', 'Words', { fields: true }), address(b, 'href', 'Leads to'),
    row(choice(b, 'style', 'Style', [['filled', 'Filled'], ['outline', 'Outline'], ['link', 'Link with arrow']]), align(b)), tick(b, 'wide', 'As wide as there is room')],
  columns: (b) => [choice({ get count() { return String(b.columns.length); }, set count(n) { resize(b, Number(n)); } }, 'count', 'How many', [['2', 'Two'], ['3', 'Three']])],
  box: (b) => [choice(b, 'style', 'Style', [['soft', 'Tinted'], ['accent', 'Accent colour'], ['line', 'Outline']]), tick(b, 'wide', 'To the edges of the mail')],
  divider: () => [],
  spacer: (b) => [line(b, 'height', 'Height, pixels', { mode: 'numeric' })],
  social: (b) => [el('p', { class: 'soft' }, 'Shows the networks of the brand kit.'), align(b)],
  product: (b) => [line(b, 'name', 'Name', { fields: true }), line(b, 'price', 'Price', { fields: true }), line(b, 'text', 'In a sentence', { fields: true }),
    picture(b, 'Address of the picture'), address(b, 'href', 'Leads to'), line(b, 'button', 'Button')],
  if: (b) => [condition(b)],
  html: (b) => {
    const area = el('textarea', { class: 'input mail-code', rows: '8', spellcheck: 'false' });
    area.value = b.html ?? '';
    area.addEventListener('input', () => { b.html = area.value; changed(); });
    return [labelled('HTML: no scripts, no forms, styles on elements only', area)];
  },
};
function resize(block, count) {
  while (block.columns.length < count) block.columns.push({ blocks: [] });
  while (block.columns.length > count) block.columns[block.columns.length - 2].blocks.push(...block.columns.pop().blocks);
  setTimeout(() => { draw(); focusBlock(block.key); });
}

/* ---- cards ---- */
function summary(block) {
  const plain = (html) => new DOMParser().parseFromString((html ?? '').replace(/<\/(p|h\d|li|td|div)>/g, ' '), 'text/html').body.textContent.replace(/\s+/g, ' ').trim();
  return {
    text: () => plain(block.html), html: () => plain(block.html), image: () => block.alt || block.src || 'no picture yet', button: () => block.text,
    product: () => block.name, if: () => block.filter, spacer: () => `${block.height ?? 24} pixels`, columns: () => `${block.columns.length}`,
  }[block.type]?.()?.slice(0, 80) ?? '';
}
const find = (key, list = state.doc.blocks) => {
  for (const [at, block] of list.entries()) {
    if (block.key === key) return { list, at, block };
    for (const [inner] of listsOf(block)) {
      const found = find(key, inner);
      if (found) return found;
    }
  }
  return null;
};
const focusBlock = (key, what = '[data-handle]') => $(`[data-key="${key}"] ${what}`, app)?.focus();

/* All lists there are, from top to bottom: a block goes on into the next one at the end of its own. */
function move(key, step) {
  const { list, at, block } = find(key);
  const to = at + step;
  if (to < 0 || to >= list.length) return;
  list.splice(at, 1);
  list.splice(to, 0, block);
  changed(true);
  draw();
  focusBlock(key);
  toast(`${labelOf(block.type)} is ${to + 1} of ${list.length}.`);
}
function drop(key) {
  const { list, at } = find(key);
  list.splice(at, 1);
  changed(true);
  draw();
  const next = list[at] ?? list[at - 1];
  if (next) focusBlock(next.key);
  else $('.mail-add summary', app)?.focus();
}
function twin(key) {
  const { list, at, block } = find(key);
  const copy = bare(block);
  number([copy]);
  list.splice(at + 1, 0, copy);
  changed(true);
  draw();
  focusBlock(copy.key);
}

function card(block, at, count) {
  const name = `${labelOf(block.type)}, ${at + 1} of ${count}`;
  const handle = el('button', { class: 'icon-btn mail-handle', type: 'button', 'data-handle': 'true', 'aria-label': `${name}. Arrow keys move it`, title: 'Drag, or arrow keys' },
    icon(KINDS.find(([kind]) => kind === block.type)?.[2] ?? 'point'));
  handle.addEventListener('keydown', (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step) { event.preventDefault(); event.stopPropagation(); move(block.key, step); }
    if (event.key === 'Delete') { event.preventDefault(); drop(block.key); }
    if (event.key.toLowerCase() === 'd' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); twin(block.key); }
  });
  const isOpen = open.has(block.key);
  const body = el('div', { class: 'mail-body', id: `mail-body-${block.key}`, ...(isOpen ? {} : { hidden: '' }) });
  const fill = () => { if (!body.childElementCount) body.append(...BODIES[block.type](block)); };
  if (isOpen) fill();
  const words = el('span', { class: 'mail-summary' }, summary(block));
  const toggle = el('button', { class: 'mail-title', type: 'button', 'aria-expanded': String(isOpen), 'aria-controls': body.id }, el('strong', {}, labelOf(block.type)), ' ', words);
  toggle.addEventListener('click', () => {
    body.hidden = !body.hidden;
    toggle.setAttribute('aria-expanded', String(!body.hidden));
    if (body.hidden) { open.delete(block.key); words.textContent = summary(block); } else { open.add(block.key); fill(); $('.mail-text, .input', body)?.focus(); }
  });
  const act = (label, name_, fn) => {
    const button = el('button', { class: 'icon-btn', type: 'button', 'aria-label': `${label} ${name}`, title: label }, icon(name_));
    button.addEventListener('click', fn);
    return button;
  };
  const inner = listsOf(block).map(([list, title]) => el('div', { class: 'mail-inner' }, el('p', { class: 'mail-inner-head' }, title), blockList(list)));
  return el('li', { class: `mail-block is-${block.type}`, 'data-key': block.key },
    el('div', { class: 'mail-head' }, handle, toggle, el('span', { class: 'mail-acts' },
      act('Duplicate', 'copy', () => twin(block.key)), act('Delete', 'trash', () => drop(block.key)))),
    body, ...inner);
}
function addMenu(list) {
  const panel = el('div', { class: 'menu-panel mail-kinds' });
  const menu = el('details', { class: 'menu mail-add' }, el('summary', { class: 'btn btn-small' }, icon('plus'), ' Add'), panel);
  for (const [type, text, name] of KINDS) {
    const button = el('button', { class: 'menu-item', type: 'button' }, icon(name), text);
    button.addEventListener('click', () => {
      const block = fresh(type);
      list.push(block);
      open.add(block.key);
      changed(true);
      draw();
      focusBlock(block.key, '.mail-text, [data-key] .input, .mail-body .input');
    });
    panel.append(button);
  }
  return menu;
}
const lists = new WeakMap();
function blockList(list) {
  const box = el('ol', { class: 'mail-list' }, ...list.map((block, at) => card(block, at, list.length)));
  lists.set(box, list);
  Sortable.create(box, {
    group: 'mail', handle: '.mail-head', filter: '.mail-acts, .mail-acts *', preventOnFilter: false, ghostClass: 'is-ghost', delay: 150, delayOnTouchOnly: true,
    animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 120,
    onEnd: (event) => {
      const [from, to] = [lists.get(event.from), lists.get(event.to)];
      if (from === to && event.oldIndex === event.newIndex) return;
      const [block] = from.splice(event.oldIndex, 1);
      to.splice(event.newIndex, 0, block);
      changed(true);
      draw();
      focusBlock(block.key);
    },
  });
  return el('div', {}, box, addMenu(list));
}

const blocks = el('div', { class: 'mail-blocks' });
function draw() {
  $('[data-is=subject]', app).value = state.subject;
  $('[data-is=preview]', app).value = state.preview;
  blocks.replaceChildren(blockList(state.doc.blocks));
}
function start() {
  const top = (name, label, help) => {
    const input = el('input', { class: 'input', maxlength: '250', autocomplete: 'off', 'data-is': name });
    input.addEventListener('input', () => { state[name] = input.value; changed(); });
    const field = labelled(label, input, fieldMenu(intoInput(input)));
    if (help) field.append(el('p', { class: 'field-help' }, help));
    return field;
  };
  const action = (name, label, iconName, fn) => {
    const button = el('button', { class: 'icon-btn', type: 'button', 'data-do': name, 'aria-label': label, title: label, disabled: '' }, icon(iconName));
    button.addEventListener('click', fn);
    return button;
  };
  state.doc.blocks ??= [];
  number(state.doc.blocks);
  last = kept = snapshot();
  app.append(top('subject', 'Subject'), top('preview', 'Preview text', 'Stands behind the subject in the inbox.'),
    el('div', { class: 'mail-bar' }, choice(state.doc, 'frame', 'Frame', [['card', 'Card'], ['plain', 'Plain letter']]),
      choice(state.doc, 'header', 'Head', [['logo', 'Logo or name'], ['band', 'Colour band'], ['none', 'None']]),
      el('span', { class: 'mail-undo' }, action('undo', 'Undo (Ctrl+Z)', 'arrow-left', back), action('redo', 'Redo (Ctrl+Shift+Z)', 'arrow-right', forth))),
    blocks);
  draw();
  $('#mail-form').remove();
  app.hidden = false;
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z' || !event.target.closest?.('.mail-left')) return;
    event.preventDefault();
    const [, was] = [event.shiftKey ? forth() : back(), document.activeElement];
    if (was === document.body) $('[data-is=subject]', app).focus();
  });
  $('#mail-publish').form.addEventListener('submit', async (event) => {
    if (snapshot() === kept) return;
    event.preventDefault();
    clearTimeout(timer);
    if (await save()) event.target.submit();
  });
  const frame = $('iframe', stage);
  frame.addEventListener('load', () => frameReady(frame, 0));
  status('Saved');
  if (matchMedia('(max-width: 700px)').matches) $('[data-switch=width] [value="360"]').click();
}
start();
