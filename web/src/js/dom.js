// dom.js -- the few helpers that the other files share.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/* Listens on the document for events that happen inside `selector`. */
export function on(type, selector, handler, options) {
  document.addEventListener(type, (event) => {
    const found = event.target instanceof Element && event.target.closest(selector);
    if (found) handler(event, found);
  }, options);
}

/* A choice in a list that is meant: by pointer, or in the open list, at once; by keys that move over the closed one only with
 * Enter, since each of them changes it. The form .is-moved until then. */
export function chosen(selector, handler) {
  let moved = null;
  const move = (select) => {
    moved?.form?.classList.remove('is-moved');
    moved = select;
    moved?.form?.classList.add('is-moved');
  };
  on('keydown', selector, (event, select) => {
    if (event.ctrlKey || event.metaKey) return;
    if (event.key === 'Enter' && moved === select) {
      event.preventDefault();
      move(null);
      handler(select);
    } else if (event.key === ' ' || event.altKey) move(null);
    else if (event.key.length === 1 || /^(Arrow|Home|End|Page)/.test(event.key)) move(select);
  });
  on('pointerdown', selector, () => move(null));
  on('change', selector, (event, select) => moved !== select && handler(select));
}

/* An element with attributes and children; texts are texts, never markup. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

export function icon(name) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  const use = document.createElementNS(ns, 'use');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `${document.body.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

/* A line at the lower edge that says what happened and goes away by itself. */
export function toast(text, tone = 'note') {
  const box = $('#toasts');
  if (!box || !text) return;
  const line = el('div', { class: `toast toast-${tone}` }, text);
  const close = el('button', { class: 'icon-btn', type: 'button', 'aria-label': 'Close' }, icon('x'));
  close.addEventListener('click', () => line.remove());
  line.append(close);
  box.append(line);
  setTimeout(() => line.remove(), tone === 'bad' ? 12000 : 6000);
}

export const csrf = () => $('meta[name="csrf"]')?.content ?? '';

export const isTyping = (event) => event.target instanceof Element
  && !!event.target.closest('input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]');

/* Another page, read and not shown. Rejects on network failure and on bad answers. */
export async function fetchPage(url, options = {}) {
  const answer = await fetch(url, { headers: { Accept: 'text/html' }, ...options });
  if (!answer.ok) throw new Error(`The answer was ${answer.status}.`);
  return new DOMParser().parseFromString(await answer.text(), 'text/html');
}

/* One element of another page, or null. */
export const fetchPart = async (url, selector, options) => (await fetchPage(url, options)).querySelector(selector);

/* Says in words why a request failed: a problem document's detail, or the heading of an error page. */
export function problemText(body, contentType, status) {
  try {
    if (contentType?.includes('json')) {
      const problem = JSON.parse(body);
      return problem.detail || problem.title;
    }
    const heading = new DOMParser().parseFromString(body, 'text/html').querySelector('h1');
    if (heading) return heading.textContent;
  } catch { /* not what its type says: fall through to the plain sentence */ }
  return `That did not work (${status}). Nothing was changed.`;
}
