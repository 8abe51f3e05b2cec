// lists.js -- tables as lists: arrows move, Enter opens, X ticks, E edits; ticked rows bring up what can be
// done with them.
import { $, $$, isTyping, on } from './dom.js';

const rows = () => $$('#list tr[data-row-url]');
let at = -1;

function go(index) {
  const all = rows();
  if (!all.length) return;
  at = Math.max(0, Math.min(index, all.length - 1));
  all.forEach((row, i) => row.classList.toggle('is-at', i === at));
  $('a', all[at])?.focus({ preventScroll: true });
  all[at].scrollIntoView({ block: 'nearest' });
}
on('focusin', '#list tr[data-row-url]', (event, row) => {
  at = rows().indexOf(row);
  rows().forEach((other, i) => other.classList.toggle('is-at', i === at));
});

let lastTicked = null;
/* All that match are offered once all of the page are ticked, and no longer when one is not. */
function showMatching(form, offered) {
  const label = $('[data-bulk-all]', form);
  if (!label) return false;
  const box = $('input', label);
  if (!offered) box.checked = false;
  label.hidden = !offered;
  $('[data-bulk-match]', label).textContent = $('.toolbar .count').textContent.trim();
  return box.checked;
}
function showBulk(form) {
  const ticked = $$('input[name=id]:checked', form).length;
  const matching = showMatching(form, ticked > 0 && ticked === $$('input[name=id]', form).length);
  form.classList.toggle('has-ticks', ticked > 0);
  $('[data-bulk-count]', form).textContent = matching ? 'With all' : ticked === 1 ? 'With 1 row' : `With ${ticked} rows`;
  const all = $('[data-tick-all]', form);
  const count = $$('input[name=id]', form).length;
  all.checked = ticked > 0 && ticked === count;
  all.indeterminate = ticked > 0 && ticked < count;
  for (const row of $$('tr[data-row-url]', form)) {
    row.classList.toggle('is-ticked', !!$('input[name=id]:checked', row));
  }
}
on('change', '[data-bulk] input[name=id], [data-bulk-all] input, [data-tick-all]', (event, box) => {
  const form = box.closest('form');
  if (box.matches('[data-tick-all]')) {
    for (const other of $$('input[name=id]', form)) other.checked = box.checked;
  }
  showBulk(form);
});
/* Shift-click ticks all rows in between. */
on('click', '[data-bulk] input[name=id]', (event, box) => {
  const all = $$('input[name=id]', box.form);
  if (event.shiftKey && lastTicked && all.includes(lastTicked)) {
    const [a, b] = [all.indexOf(lastTicked), all.indexOf(box)].sort((x, y) => x - y);
    for (const other of all.slice(a, b + 1)) other.checked = box.checked;
    showBulk(box.form);
  }
  lastTicked = box;
});
/* A row is a large target, but text in it can still be selected and links stay links. */
on('click', '#list tr[data-row-url]', (event, row) => {
  if (event.target.closest('a, input, button, label, select') || String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.rowUrl, '_blank', 'noopener');
  else location.assign(row.dataset.rowUrl);
});

document.addEventListener('keydown', (event) => {
  if (!$('#list') || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  if ($('dialog[open], details.menu[open]')) return;
  const row = rows()[at];
  const actions = {
    ArrowDown: () => go(at + 1),
    ArrowUp: () => go(at - 1),
    j: () => go(at + 1),
    k: () => go(at - 1),
    Enter: () => row && !event.target.closest('a, button, input') && location.assign(row.dataset.rowUrl),
    x: () => {
      const box = row && $('input[name=id]', row);
      if (box) {
        box.checked = !box.checked;
        showBulk(box.form);
      }
    },
    e: () => row && location.assign(`${row.dataset.rowUrl}/edit`),
  };
  const action = actions[event.key];
  if (!action || (event.key === 'Enter' && (!row || event.target.closest('a, button, input')))) return;
  event.preventDefault();
  action();
});
document.body.addEventListener('htmx:afterSwap', () => {
  at = -1;
  $('[data-bulk]')?.classList.add('is-quiet');
});
document.documentElement.classList.add('js');
