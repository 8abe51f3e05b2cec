// records.js -- a record's page: its three parts are tabs on a phone; parts that are seldom read are
// fetched when they are opened; a double click on a fact edits it.
import { $, $$, fetchPart, on } from './dom.js';

function showPart(id) {
  const page = $('.page-detail');
  if (!page || !['facts', 'journey', 'related'].includes(id)) return;
  page.dataset.part = id;
  for (const link of $$('[data-parts] a')) {
    if (link.hash === `#${id}`) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
}
on('click', '[data-parts] a', (event, link) => {
  event.preventDefault();
  showPart(link.hash.slice(1));
  history.replaceState(history.state, '', link.hash);
});
showPart(location.hash.slice(1) || $('[data-parts] a')?.hash.slice(1) || 'journey');

/* What was typed goes along when a note turns out to be a call. */
const composed = new Map();
document.body.addEventListener('htmx:beforeSwap', (event) => {
  const form = event.detail.target.id === 'composer' && $('form', event.detail.target);
  if (form) for (const [name, value] of new FormData(form)) if (name !== 'csrf') composed.set(name, value);
});
document.body.addEventListener('htmx:afterSwap', () => {
  for (const [name, value] of composed) {
    const field = $('#composer form')?.elements[name];
    if (!field || field.value || !value) continue;
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true })); /* unsaved still */
  }
});

/* <details data-load>: what is in it is a page of its own, to which a link in it leads; the part that the link names comes
 * in its place when it is opened. A form that is there stays, with what was typed. */
document.addEventListener('toggle', async (event) => {
  const box = event.target;
  if (!(box instanceof HTMLDetailsElement) || !box.dataset.load || !box.open) return;
  const body = $('.load-body', box);
  box.from ??= $('a', body).href;
  if (!$('form', body)) {
    try {
      const part = await fetchPart(box.from, new URL(box.from).hash);
      if (part) body.replaceChildren(part);
    } catch (problem) {
      body.textContent = `This cannot be read just now. ${problem.message}`;
    }
  }
  if (box.open) $('form .input', body)?.focus(); /* what is filled in begins where one writes */
}, true);

on('dblclick', '.fact-value', (event, value) => {
  if (!event.target.closest('a, form')) $('.fact-edit', value.parentElement)?.click();
});
