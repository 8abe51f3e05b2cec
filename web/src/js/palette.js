// palette.js -- Ctrl-K: finds any record or command. The results are those of the search page.
import { $, $$, el, fetchPart, icon, on } from './dom.js';

let box = null;
let running = null;
/* Whether what is shown answers what is typed; and what is done as soon as it does. */
let settled = true;
let then = null;

function mark(index) {
  const rows = $$('.result', box);
  rows.forEach((row, i) => {
    const at = i === index;
    row.classList.toggle('is-at', at);
    row.setAttribute('aria-selected', String(at));
    if (at) {
      row.id = 'palette-at';
      row.scrollIntoView({ block: 'nearest' });
    } else row.removeAttribute('id');
  });
  $('input', box).setAttribute('aria-activedescendant', rows[index] ? 'palette-at' : '');
}
const marked = () => $$('.result', box).findIndex((row) => row.classList.contains('is-at'));

async function search(words) {
  running?.abort();
  running = new AbortController();
  const list = $('.palette-results', box);
  try {
    const part = await fetchPart(`/search?q=${encodeURIComponent(words)}`, '#results',
      { signal: running.signal });
    list.replaceChildren(...(part ? part.childNodes : []));
    for (const group of $$('ul', list)) {
      group.setAttribute('role', 'group');
      group.setAttribute('aria-label', group.previousElementSibling?.textContent ?? '');
      for (const line of group.children) line.setAttribute('role', 'presentation');
    }
    for (const heading of $$('h2', list)) heading.setAttribute('role', 'presentation');
    for (const row of $$('.result', list)) {
      row.setAttribute('role', 'option');
      row.tabIndex = -1;
    }
    mark(0);
    settled = true;
    then?.();
    then = null;
  } catch (problem) {
    if (problem.name !== 'AbortError') {
      list.replaceChildren(el('p', { class: 'results-none' }, 'The search cannot be reached just now.'));
    }
  }
}

function build() {
  const input = el('input', {
    class: 'palette-input', type: 'text', placeholder: 'Find a person, company, deal or page', role: 'combobox',
    'aria-expanded': 'true', 'aria-controls': 'palette-results', 'aria-label': 'Search', autocomplete: 'off',
    spellcheck: 'false',
  });
  const results = el('div', {
    class: 'palette-results', id: 'palette-results', role: 'listbox', 'aria-label': 'Results',
  });
  box = el('dialog', { class: 'palette', 'aria-label': 'Search' },
    el('div', { class: 'palette-head' }, icon('search'), input, el('kbd', {}, 'Esc')), results,
    el('p', { class: 'palette-foot' }, el('span', {}, el('kbd', {}, '↑'), el('kbd', {}, '↓'), ' to move'),
      el('span', {}, el('kbd', {}, 'Enter'), ' opens')));
  let timer = 0;
  input.addEventListener('input', () => {
    clearTimeout(timer);
    settled = false;
    then = null;
    timer = setTimeout(search, 90, input.value.trim());
  });
  input.addEventListener('keydown', (event) => {
    const rows = $$('.result', box);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && rows.length) {
      event.preventDefault();
      mark((marked() + step + rows.length) % rows.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const apart = event.ctrlKey || event.metaKey;
      const open = () => {
        const row = $$('.result', box)[marked()];
        if (row && apart) window.open(row.href, '_blank', 'noopener');
        else if (row) location.assign(row.href);
      };
      if (settled) open();
      else then = open; /* whoever types and enters at once means what was typed */
    }
  });
  box.addEventListener('click', (event) => {
    if (event.target === box) box.close();
  });
  box.addEventListener('close', () => { then = null; });
  document.body.append(box);
}

export function openPalette() {
  if (!box) build();
  if (box.open) return;
  box.showModal();
  const input = $('input', box);
  input.value = '';
  input.focus();
  search('');
}

on('click', '[data-palette]', (event) => {
  if (event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  openPalette();
});
