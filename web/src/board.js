// board.js -- cards move between columns by dragging and by keys; the server has the last word.
import Sortable from 'sortablejs';
import { $, $$, csrf, isTyping, problemText, toast } from './js/dom.js';

const board = () => $('#board');
const columns = () => $$('[data-column]', board());
const say = (text) => toast(text, 'note');

/* Posts the move of a card that already stands in `to`; puts it back if it is refused. True: it was moved. */
async function post(card, from, before, to) {
  const putBack = () => from.insertBefore(card, before?.parentElement === from ? before : null);
  try {
    const answer = await fetch(`${card.dataset.url}/move`, {
      method: 'POST',
      headers: { Accept: 'application/json', 'X-CSRF-Token': csrf() },
      body: new URLSearchParams({
        field: board().dataset.board, value: to.dataset.column, version: card.dataset.version, csrf: csrf(),
      }),
    });
    if (answer.status === 428) {
      location.assign((await answer.json()).url);
      return false;
    }
    if (!answer.ok) {
      putBack();
      toast(problemText(await answer.text(), answer.headers.get('Content-Type'), answer.status), 'bad');
      return false;
    }
    card.dataset.version = (await answer.json()).version;
    say(`${$('.deal-name', card).textContent.trim()} moved to ${to.dataset.name}.`);
    return true;
  } catch {
    putBack();
    toast('The server cannot be reached. The card is back where it was.', 'bad');
    return false;
  }
}

/* Moves of one card are posted one after the other, each of the version that the one before it made; behind one that was
 * refused none is. While a card waits (is-saving) the board is not fetched anew. */
const turns = new WeakMap();
async function send(card, from, before, to) {
  const turn = (turns.get(card) ?? Promise.resolve(true)).then((moved) => moved && post(card, from, before, to));
  turns.set(card, turn);
  card.classList.add('is-saving');
  const moved = await turn;
  if (turns.get(card) !== turn) return;
  turns.delete(card);
  card.classList.remove('is-saving');
  if (moved) board().dispatchEvent(new CustomEvent('furrow:stale', { bubbles: true }));
}

function moveByKey(card, step) {
  const all = columns();
  const from = card.parentElement;
  const to = all[all.indexOf(from) + step];
  if (!to) return;
  const before = card.nextElementSibling;
  to.prepend(card);
  card.focus();
  send(card, from, before, to);
}

/* Arrow keys walk over the board as one sees it. */
function walk(card, key) {
  const all = columns().filter((column) => column.children.length || column === card.parentElement);
  const column = all.indexOf(card.parentElement);
  const row = [...card.parentElement.children].indexOf(card);
  const target = {
    ArrowUp: () => card.previousElementSibling,
    ArrowDown: () => card.nextElementSibling,
    ArrowLeft: () => all[column - 1]?.children[Math.min(row, all[column - 1].children.length - 1)],
    ArrowRight: () => all[column + 1]?.children[Math.min(row, all[column + 1].children.length - 1)],
  }[key]();
  target?.focus();
}

document.addEventListener('keydown', (event) => {
  const card = event.target.closest?.('[data-card]');
  if (!card || event.target !== card || isTyping(event)) return;
  const step = { '[': -1, ']': 1 }[event.key]
    ?? (event.altKey ? { ArrowLeft: -1, ArrowRight: 1 }[event.key] : undefined);
  if (step) moveByKey(card, step);
  else if (event.key.startsWith('Arrow')) walk(card, event.key);
  else if (event.key === 'Enter') location.assign(card.dataset.url);
  else if (event.key === 'e') location.assign(`${card.dataset.url}/edit`);
  else return;
  event.preventDefault();
});

function start() {
  if (!board()) return;
  board().classList.add('has-drag');
  for (const card of $$('[data-card]', board())) {
    card.tabIndex = 0;
    card.setAttribute('aria-keyshortcuts', '[ ] Enter');
  }
  let before = null;
  for (const column of columns()) {
    if (Sortable.get(column)) continue;
    Sortable.create(column, {
      group: 'board', draggable: '[data-card]', ghostClass: 'is-ghost', chosenClass: 'sortable-chosen',
      dragClass: 'is-dragged', animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 120,
      delay: 150, delayOnTouchOnly: true, filter: '.move', preventOnFilter: false,
      onStart: (event) => { before = event.item.nextElementSibling; },
      onEnd: (event) => { if (event.from !== event.to) send(event.item, event.from, before, event.to); },
    });
  }
}
start();
/* More cards of a column come when one scrolls to its end, and by the link below it: then the first of them has the focus. */
const NEAR = 400; /* pixels */
document.addEventListener('scroll', ({ target }) => {
  if (!target.matches?.('[data-column]') || target.scrollTop + target.clientHeight < target.scrollHeight - NEAR) return;
  const more = $('.column-more[data-shown]', target.parentElement);
  if (!more || more.dataset.top || board().querySelector('.sortable-chosen')) return;
  more.dataset.top = target.scrollTop;
  more.click();
}, { capture: true, passive: true });
document.body.addEventListener('htmx:beforeSwap', (event) => {
  const asked = event.detail.requestConfig?.elt;
  if (!asked?.matches?.('.column-more[data-top]')) return;
  const column = document.getElementById(event.detail.target.id);
  asked.dataset.top = $('[data-column]', column).scrollTop;
  asked.dataset.focus = document.activeElement.closest('#board [data-card]')?.dataset.card ?? '';
});
document.body.addEventListener('htmx:afterSwap', (event) => {
  const asked = event.detail.requestConfig?.elt;
  if (!asked?.matches?.('.column-more')) return;
  start();
  const column = document.getElementById(event.detail.target.id);
  const { shown, top, focus } = asked.dataset;
  if (top === undefined) {
    $$('[data-card]', column)[Number(shown)]?.focus();
    return;
  }
  $('[data-column]', column).scrollTop = Number(top);
  if (focus) $(`[data-card="${CSS.escape(focus)}"]`, column)?.focus({ preventScroll: true });
});
document.addEventListener('furrow:refreshed', (event) => {
  if (event.target.id !== 'board') return;
  start();
  const { focus } = event.detail;
  if (focus) $(`[data-card="${CSS.escape(focus)}"]`)?.focus();
});
