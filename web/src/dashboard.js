// dashboard.js -- tiles are arranged by dragging and by keys, sized by keys; the server keeps what was done.
import Sortable from 'sortablejs';
import { $, $$, csrf, on, problemText, toast } from './js/dom.js';

const grid = () => $('#dashboard-tiles');
const tiles = () => $$('[data-tile]', grid());
const title = (tile) => $('h2', tile).textContent.trim();
const WIDTHS = [3, 4, 6, 8, 12];

async function post(path, fields) {
  let text = 'The server cannot be reached. Nothing was kept.';
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { Accept: 'application/json', 'X-CSRF-Token': csrf() },
      body: new URLSearchParams({ ...fields, csrf: csrf() }),
    });
    if (answer.ok) return true;
    text = problemText(await answer.text(), answer.headers.get('Content-Type'), answer.status);
  } catch { /* told below */ }
  toast(text, 'bad');
  return false;
}

/* Keeps the order that stands on the page; puts it back when it is refused. */
async function keepOrder(before) {
  const order = tiles().map((tile) => tile.dataset.tile).join(',');
  if (await post(`${location.pathname}/arrange`, { order })) return true;
  for (const tile of before) grid().append(tile);
  return false;
}

async function move(tile, step) {
  const before = tiles();
  const at = before.indexOf(tile);
  const other = before[at + step];
  if (!other) return;
  other[step < 0 ? 'before' : 'after'](tile);
  $('[data-handle]', tile)?.focus();
  if (await keepOrder(before)) toast(`${title(tile)} is ${tiles().indexOf(tile) + 1} of ${before.length}.`);
}

async function size(tile, name, value) {
  const before = tile.dataset[name];
  const show = (n) => {
    tile.classList.replace(`${name[0]}-${tile.dataset[name]}`, `${name[0]}-${n}`);
    tile.dataset[name] = n;
  };
  show(value);
  if (!await post(`${tile.dataset.path}/place`, { [name]: value })) show(before);
}

on('keydown', '[data-handle]', (event, handle) => {
  const tile = handle.closest('[data-tile]');
  const widths = WIDTHS.map(String);
  const at = widths.findIndex((w) => Number(w) >= Number(tile.dataset.width));
  const actions = {
    ArrowLeft: () => move(tile, -1), ArrowUp: () => move(tile, -1),
    ArrowRight: () => move(tile, 1), ArrowDown: () => move(tile, 1),
    '+': () => at < widths.length - 1 && size(tile, 'width', widths[at + 1]),
    '-': () => at > 0 && size(tile, 'width', widths[at - 1]),
  };
  if (!actions[event.key]) return;
  event.preventDefault();
  event.stopPropagation();
  actions[event.key]();
});

on('submit', 'form[data-place]', (event, form) => {
  const button = event.submitter;
  const tile = form.closest('[data-tile]');
  event.preventDefault();
  form.closest('details.menu').open = false;
  if (button.name === 'move') move(tile, button.value === 'earlier' ? -1 : 1);
  else size(tile, button.name, button.value);
}, true);

function start() {
  if (!grid() || !$('[data-handle]', grid())) return;
  let before = [];
  Sortable.create(grid(), {
    draggable: '[data-tile]', handle: '.tile-head', filter: '.menu, a, h2 a', preventOnFilter: false,
    ghostClass: 'is-ghost', chosenClass: 'sortable-chosen', dragClass: 'is-dragged',
    animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 120, delay: 150, delayOnTouchOnly: true,
    onStart: () => { before = tiles(); },
    onEnd: (event) => { if (event.oldIndex !== event.newIndex) keepOrder(before); },
  });
}
start();
document.addEventListener('furrow:refreshed', (event) => {
  if (event.target === grid()) start();
});

on('click', '[data-fullscreen]', () => (document.fullscreenElement
  ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
