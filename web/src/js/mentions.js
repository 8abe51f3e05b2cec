// mentions.js -- an @ in what is written for colleagues offers their names, by keyboard and by pointer. Without
// it the name is typed in full, which tells them just as well.
import { el, on } from './dom.js';

const BEFORE = /(?:^|[^\p{L}\p{N}_])@([\p{L}\p{N}][\p{L}\p{N}.'-]*(?: [\p{L}'-]*)?)?$/u;
const WRITES = '.composer-form textarea, .is-note textarea'; /* for colleagues */
let open = null; /* { area, list, rows, at, from } */
let timer = 0;
let asked = 0;

function close() {
  clearTimeout(timer);
  asked += 1;
  open?.list.remove();
  open?.area.removeAttribute('aria-activedescendant');
  open?.area.setAttribute('aria-expanded', 'false');
  open = null;
}

function mark(index) {
  open.at = index;
  [...open.list.children].forEach((row, i) => {
    row.classList.toggle('is-at', i === index);
    row.setAttribute('aria-selected', String(i === index));
  });
  open.area.setAttribute('aria-activedescendant', open.list.children[index].id);
}

function choose(row) {
  const { area, from } = open;
  const end = area.selectionStart;
  area.setRangeText(`@${row.text} `, from, end, 'end');
  close();
  area.focus();
  area.dispatchEvent(new Event('input', { bubbles: true }));
}

function show(area, from, rows) {
  open?.list.remove();
  const list = el('ul', { class: 'combo-list mention-list', role: 'listbox', id: 'mention-list', 'aria-label': 'Colleagues' },
    ...rows.map((row, i) => el('li', { role: 'option', id: `mention-${i}` }, row.text, ' ', el('span', { class: 'soft' }, row.hint))));
  list.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    const i = [...list.children].indexOf(event.target.closest('li'));
    if (i >= 0) choose(rows[i]);
  });
  area.after(list);
  area.setAttribute('aria-controls', 'mention-list');
  area.setAttribute('aria-expanded', 'true');
  open = { area, list, rows, at: 0, from };
  mark(0);
}

async function look(area) {
  const typed = area.value.slice(0, area.selectionStart).match(BEFORE);
  if (!typed) return close();
  const words = typed[1] ?? '';
  const from = area.selectionStart - words.length - 1;
  const mine = asked += 1;
  try {
    const answer = await fetch(`/mentions?q=${encodeURIComponent(words)}`, { headers: { Accept: 'application/json' } });
    const rows = (await answer.json()).groups[0].results;
    if (mine !== asked || document.activeElement !== area) return undefined;
    return rows.length ? show(area, from, rows) : close();
  } catch {
    return close();
  }
}

on('input', WRITES, (event, area) => {
  clearTimeout(timer);
  const typed = area.value.slice(0, area.selectionStart).match(BEFORE);
  if (!typed) close();
  else timer = setTimeout(look, 80, area);
});
on('focusout', WRITES, close);
document.addEventListener('keydown', (event) => {
  if (!open || event.target !== open.area || event.ctrlKey || event.metaKey) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) mark((open.at + step + open.rows.length) % open.rows.length);
  else if (event.key === 'Enter' || event.key === 'Tab') choose(open.rows[open.at]);
  else if (event.key === 'Escape') close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
