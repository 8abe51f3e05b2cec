// live.js -- server-sent events: the page follows what colleagues change. The stream is let go while the tab
// is hidden, because a browser opens only six connections to one host and people keep many tabs open.
import { $, $$, fetchPage, toast } from './dom.js';
import htmx from './htmx.js';

const HIDDEN_MS = 20000;
const RETRY_MAX_MS = 60000;
const BUSY_MS = 3000;
const AGAIN_MS = 30000;
const url = document.body.dataset.liveUrl;
let source = null;
let retry_ms = 2000;
let hideTimer = 0;
let missed = false;

/* Somebody who is typing, has a menu open, presses on something or waits for what they asked for is not disturbed; it is
 * made up for afterwards. */
let pressed = null; /* what the pointer is down on: its click comes when it is up, if it is still there */
addEventListener('pointerdown', (event) => { pressed = event.target; }, true);
for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => setTimeout(() => { pressed = null; }), true);
const busy = (box) => !!$('details.menu[open], details[open] .qualify-form, .sortable-chosen, .is-saving, .fact-editing, .htmx-request', box)
  || box.contains(pressed)
  || (box.contains(document.activeElement) && document.activeElement.matches('input, textarea, select'));

/* Puts the new form of an element in its place; what changed in it fades in. */
function replace(box, part) {
  const versions = new Map($$('[data-card]', box).map((card) => [card.dataset.card, card.dataset.version]));
  const scroll = [box.scrollLeft, box.scrollTop];
  for (const card of $$('[data-card]', part)) {
    if (versions.get(card.dataset.card) !== card.dataset.version) card.classList.add('is-fresh');
  }
  const focus = document.activeElement?.closest('[data-card], tr[data-row-url]');
  const key = focus && box.contains(focus) && (focus.dataset.card ?? focus.dataset.rowUrl);
  const at = box.contains(document.activeElement) ? document.activeElement.id : '';
  box.replaceWith(part);
  htmx.process(part);
  part.scrollTo(...scroll);
  if (at) document.getElementById(at)?.focus();
  part.dispatchEvent(new CustomEvent('furrow:refreshed', { bubbles: true, detail: { focus: key } }));
}

/* Whether a change concerns an element: its type, and its record where it follows one. No change at all means: any. */
const typesOf = (box) => box.dataset.live.split(',').filter(Boolean);
function concerns(box, type, change) {
  if (type && !typesOf(box).includes(type)) return false;
  const { liveId, liveNotBy } = box.dataset;
  if (liveNotBy && change?.user === liveNotBy) return false; /* who did it has it before them */
  return !change?.id || !liveId || change.id === liveId || (change.refs ?? []).includes(liveId);
}

/* Fetches the page once and puts what has changed of it in place. A part that changes often may have a smaller
 * page of its own: data-live-src, which answers only what is named with data-live-part; what time alone changes is
 * asked for again: data-live-again. What is dear to answer says how long to wait in between: data-live-wait. */
const asked = new Map();
export async function refresh(type) {
  const boxes = $$('[data-live][id]').filter((box) => concerns(box, type));
  if (boxes.every(busy)) {
    if (boxes.length) refreshSoon(type, BUSY_MS);
    return;
  }
  const from = (box) => box.dataset.liveSrc || location.href;
  for (const box of boxes) asked.set(box.id, Date.now());
  await Promise.all([...new Set(boxes.map(from))].map((src) => refill(src, boxes.filter((box) => from(box) === src), type)));
}
async function refill(src, boxes, type) {
  let page;
  const url = new URL(src, location.href);
  const begun = new Map(boxes.map(({ id }) => [id, asked.get(id)]));
  for (const { dataset } of boxes) if (dataset.livePart) url.searchParams.append('part', dataset.livePart);
  try {
    page = await fetchPage(url.href);
  } catch {
    return;
  }
  for (const box of boxes) {
    if (asked.get(box.id) !== begun.get(box.id)) continue; // asked again meanwhile: that answer is newer
    const part = page.getElementById(box.id);
    if (part && box.isConnected && !busy(box)) replace(box, part);
    else if (box.isConnected && busy(box)) refreshSoon(type, BUSY_MS);
  }
}
const pending = new Map();
function refreshSoon(type, wait_ms = 150) {
  if (pending.has(type)) return;
  const left = ({ id, dataset }) => (asked.get(id) ?? 0) + Number(dataset.liveWait ?? 0) - Date.now();
  const waits = $$('[data-live][id]').filter((box) => concerns(box, type)).map(left);
  pending.set(type, setTimeout(() => {
    pending.delete(type);
    refresh(type);
  }, Math.max(wait_ms, waits.length ? Math.min(...waits) : 0)));
}
/* What changes by time alone, such as who is here now. */
setInterval(() => {
  if (!document.hidden) new Set($$('[data-live-again]').flatMap(typesOf)).forEach(refresh);
}, AGAIN_MS);
document.addEventListener('furrow:stale', (event) => refresh(typesOf(event.target)[0]));

function changeOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function open() {
  if (source || !url || document.hidden) return;
  source = new EventSource(url);
  source.addEventListener('open', () => {
    retry_ms = 2000;
    if (missed) refreshSoon();
    missed = false;
  });
  source.addEventListener('error', () => {
    missed = true;
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null;
    setTimeout(open, retry_ms);
    retry_ms = Math.min(retry_ms * 2, RETRY_MAX_MS);
  });
  source.addEventListener('notify', (event) => {
    $('#bell-count').textContent = event.data === '0' ? '' : event.data;
  });
  source.addEventListener('toast', (event) => toast(event.data));
  for (const type of new Set($$('[data-live]').flatMap(typesOf))) {
    source.addEventListener(type, (event) => {
      const change = changeOf(event.data);
      if ($$('[data-live][id]').some((box) => concerns(box, type, change))) refreshSoon(type);
    });
  }
}
document.addEventListener('visibilitychange', () => {
  clearTimeout(hideTimer);
  if (!document.hidden) open();
  else {
    hideTimer = setTimeout(() => {
      source?.close();
      source = null;
      missed = true;
    }, HIDDEN_MS);
  }
});
addEventListener('pagehide', () => {
  source?.close();
  source = null;
});
addEventListener('pageshow', open);
open();
