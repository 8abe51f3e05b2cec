// form-build.js -- the form builder: rows are dragged or moved by keys, added, removed and taken back, and what visitors
// will see is drawn beside them while one types. The rows themselves are the server's, also after a step back.
import Sortable from 'sortablejs';
import { $, $$, csrf, toast } from './js/dom.js';

const page = $('[data-builder]');
const form = $('.build-form', page);
const rows = $('#build-rows');
const shown = $('#build-shown');
const undo = $('[data-undo]', page);
const WAIT_MS = 250;
const STEPS_MAX = 100;

/* ---- the preview, in a shadow root, with the look that visitors get ---- */
const root = shown.attachShadow({ mode: 'open' });
const sheet = new CSSStyleSheet();
const box = Object.assign(document.createElement('div'), { className: 'fw' });
root.adoptedStyleSheets = [sheet];
root.append(box);
fetch(page.dataset.formCss).then((answer) => answer.text()).then((css) => sheet.replace(css)).catch(() => {}); /* plain, but whole */

function draw(html) {
  box.innerHTML = html;
  const fw = $('form', box);
  const error = $('#preview-error', box);
  $('#build-error').textContent = error ? error.textContent : '';
  if (error) error.remove();
  if (fw && window.furrowForm) window.furrowForm(fw);
}

const snapshot = () => {
  $$('[data-at]', rows).forEach((input, i) => { input.value = i + 1; });
  return new URLSearchParams(new FormData(form)).toString();
};
const ask = async (what, body) => {
  const answer = await fetch(`${page.dataset.builder}/${what}`, {
    method: 'POST', headers: { Accept: 'text/html', 'X-CSRF-Token': csrf(), 'Content-Type': 'application/x-www-form-urlencoded' }, body,
  });
  if (!answer.ok) throw new Error(answer.status);
  return answer.text();
};

let asked = 0;
async function preview() {
  const mine = asked += 1;
  try {
    const html = await ask('preview', snapshot());
    if (mine === asked) draw(html);
  } catch { toast('The preview could not be drawn. What you typed is still here.', 'bad'); }
}

/* ---- steps back ---- */
const past = [];
let now = snapshot();
let timer;
function changed(at_once) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const next = snapshot();
    if (next === now) return;
    past.push(now);
    if (past.length > STEPS_MAX) past.shift();
    now = next;
    undo.disabled = false;
    preview();
  }, at_once ? 0 : WAIT_MS);
}
async function back() {
  const before = past.pop();
  if (before === undefined) return;
  undo.disabled = !past.length;
  try {
    rows.innerHTML = await ask('rows', before);
    $$('.build-row', rows).forEach(suit);
    now = snapshot();
    preview();
  } catch { past.push(before); toast('The step back failed. Nothing was changed.', 'bad'); }
}
undo.addEventListener('click', back);
document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === 'z' && !event.shiftKey && !event.target.closest('input, textarea')) {
    event.preventDefault();
    back();
  }
});

/* ---- a row shows what its kind has ---- */
function suit(row) {
  const kind = $('[data-kind-of]', row);
  row.dataset.kind = kind.value;
  $('.build-label', row).textContent = $('[data-label]', row).value || kind.selectedOptions[0].textContent;
  const required = $('[name^="required."]', row).checked;
  $('.build-kind', row).textContent = kind.selectedOptions[0].textContent + (required ? ', required' : '');
  $$('[data-for]', row).forEach((part) => { part.hidden = !part.dataset.for.split(' ').includes(kind.value); });
}
/* Conditions may name any field before the row. */
function fillIfs() {
  const before = [];
  for (const row of $$('.build-row', rows)) {
    for (const select of $$('[name^="iffield."]', row)) {
      const chosen = select.value;
      select.replaceChildren(select.options[0], ...before.map(([name, label]) => new Option(label, name, false, name === chosen)));
    }
    const name = $('[name^="name."]', row).value;
    if (name && !['heading', 'paragraph', 'step'].includes(row.dataset.kind)) before.push([name, $('[data-label]', row).value || name]);
  }
}
let number = $$('.build-row', rows).length;
function add(kind, label) {
  const row = $('#build-blank').content.firstElementChild.cloneNode(true);
  const n = number;
  number += 1;
  for (const el of $$('[name], [id], [for]', row)) {
    for (const key of ['name', 'id', 'htmlFor']) {
      if (el[key] && typeof el[key] === 'string') el[key] = el[key].replace(/([.-])0$/, `$1${n}`);
    }
  }
  row.dataset.row = n;
  $('[data-kind-of]', row).value = kind;
  $('[data-label]', row).value = label;
  row.removeAttribute('data-new');
  $('.build-fold', row).open = true;
  rows.append(row);
  suit(row);
  fillIfs();
  $('[data-label]', row).focus();
  $('[data-label]', row).select();
  row.scrollIntoView({ block: 'nearest' });
  changed(true);
}
$$('[data-add]', page).forEach((button) => button.addEventListener('click', () => add(button.dataset.add, button.textContent)));

rows.addEventListener('input', (event) => {
  suit(event.target.closest('.build-row'));
  changed();
});
rows.addEventListener('change', () => { fillIfs(); changed(true); });
$('#ask').addEventListener('input', () => changed());

function move(row, by) {
  const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (by < 0) other.before(row);
  else other.after(row);
  fillIfs();
  changed(true);
}
rows.addEventListener('click', (event) => {
  const button = event.target.closest('[data-move], [data-remove]');
  if (!button) return;
  event.preventDefault();
  const row = button.closest('.build-row');
  if (button.dataset.remove) {
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    fillIfs();
    changed(true);
    $('summary', next || page)?.focus();
    toast(`${$('.build-label', row).textContent} is removed. Undo brings it back.`);
  } else {
    move(row, Number(button.dataset.move));
    button.focus();
  }
});
/* Alt and the arrows move the row that has the focus. */
rows.addEventListener('keydown', (event) => {
  const row = event.target.closest('.build-row');
  if (!row || !event.altKey || !['ArrowUp', 'ArrowDown'].includes(event.key)) return;
  event.preventDefault();
  move(row, event.key === 'ArrowUp' ? -1 : 1);
  event.target.focus();
});
Sortable.create(rows, {
  handle: '.build-grip', animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 120, ghostClass: 'sortable-ghost',
  onEnd: () => { fillIfs(); changed(true); },
});

$$('[data-width]', page).forEach((button) => button.addEventListener('click', () => {
  $$('[data-width]', page).forEach((one) => one.setAttribute('aria-pressed', String(one === button)));
  shown.classList.toggle('is-narrow', button.dataset.width === 'narrow');
}));

/* Empty rows are for those without scripts. */
$$('[data-new]', rows).forEach((row) => row.remove());
$$('.build-row', rows).forEach(suit);
fillIfs();
now = snapshot();
page.classList.add('is-live');
draw(shown.innerHTML);
