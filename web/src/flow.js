// flow.js -- the flow editor with a script: changes without a new page, keys, dragging, zoom, undo. What it
// posts are the forms that stand on the page, so the server draws every state.
import { $, $$, csrf, isTyping, on, problemText, toast } from './js/dom.js';

const root = () => $('#flow');
const path = () => root().dataset.path;
const steps = () => $$('[data-step]', $('#flow-tree'));
const selected = () => root().dataset.selected;
const undone = [];
const done = [];
let zoom = 1;
let copied = null;

const definition = () => $('#flow-definition').value;

/* Takes the parts of a fetched page; what was in view stays there. */
function show(page, url) {
  const next = page.getElementById('flow');
  if (!next) {
    location.assign(url);
    return;
  }
  const canvas = $('#flow-canvas');
  const at = [canvas.scrollLeft, canvas.scrollTop];
  const wasAt = document.activeElement?.closest?.('[data-step]')?.dataset.step;
  root().dataset.selected = next.dataset.selected;
  $('#flow-main').replaceWith(next.querySelector('#flow-main'));
  $('#flow-panel').replaceWith(next.querySelector('#flow-panel'));
  $('#flow-canvas').scrollTo(...at);
  setZoom(zoom);
  history.replaceState(null, '', url);
  const focus = selected() || wasAt;
  if (focus) $(`[data-step="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
  ready();
  document.dispatchEvent(new CustomEvent('furrow:swapped', { detail: root() }));
  document.body.dispatchEvent(new CustomEvent('htmx:afterSwap', { detail: { elt: root() }, bubbles: true }));
  window.htmx?.process(root());
}

async function load(url, options = {}) {
  try {
    const answer = await fetch(url, { headers: { Accept: 'text/html', 'X-CSRF-Token': csrf() }, ...options });
    const text = await answer.text();
    if (!answer.ok) {
      toast(problemText(text, answer.headers.get('Content-Type'), answer.status), 'bad');
      return false;
    }
    const target = new URL(answer.url);
    show(new DOMParser().parseFromString(text, 'text/html'), target.pathname + target.search);
    return true;
  } catch {
    toast('The server cannot be reached. Nothing was kept.', 'bad');
    return false;
  }
}

async function change(action, fields) {
  const before = definition();
  const kept = await load(action, { method: 'POST', body: new URLSearchParams({ ...fields, csrf: csrf() }) });
  if (kept && definition() !== before) {
    done.push(before);
    undone.length = 0;
  }
  return kept;
}

const open = (id) => load(id ? `${path()}?step=${encodeURIComponent(id)}` : path());
const addAt = (place) => load(`${path()}?at=${encodeURIComponent(place)}`).then(() => $('#flow-panel .fl-pick')?.focus());

async function goBack(from, to) {
  if (!from.length) {
    toast('There is nothing to undo.');
    return;
  }
  const now = definition();
  const was = from.pop();
  if (await load(`${path()}/definition`, { method: 'POST', body: new URLSearchParams({ definition: was, csrf: csrf() }) })) to.push(now);
}

/* ---- forms and links of the editor ---- */
on('submit', 'form[data-flow]', (event, form) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(form));
  if (event.submitter?.name) fields[event.submitter.name] = event.submitter.value;
  if (!$('.fl-more[open] #add-field', form)) delete fields.add_field;
  change(form.getAttribute('action'), fields);
});
on('submit', 'form[data-undo]', (event) => {
  if (!done.length) return;
  event.preventDefault();
  goBack(done, undone);
});
on('click', '#flow-tree a[data-step], a.fl-add, a[data-flow-link]', (event, link) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const byKey = event.detail === 0;
  load(link.getAttribute('href')).then(() => {
    if (byKey) $('#flow-panel :is(.fl-pick, .fl-form :is(input:not([type=hidden]), select, textarea))')?.focus();
  });
});

/* Closes the panel; who was in it by keyboard is at its step again. */
function close() {
  const id = selected();
  return open('').then(() => id && $(`[data-step="${CSS.escape(id)}"]`)?.focus({ preventScroll: true }));
}

/* Questions that hang on another answer come and go with it. */
function ready() {
  for (const ask of $$('.fl-ask[data-only]')) {
    const name = ask.dataset.only;
    if (!name) continue;
    const control = $(`[name="${name}"]`, ask.closest('form'));
    if (control) ask.hidden = !ask.dataset.onlyIs.split(',').includes(control.value);
  }
  for (const step of $$('#flow-tree .fl-step')) step.draggable = root().dataset.edits === 'true';
  if (root().dataset.selected || new URLSearchParams(location.search).has('at')) root().classList.add('is-open');
  else root().classList.remove('is-open');
}
on('change', '.fl-form select', ready);

/* ---- keys ---- */
function around(from, key) {
  const box = from.getBoundingClientRect();
  const middle = (r) => [r.left + r.width / 2, r.top + r.height / 2];
  const [x, y] = middle(box);
  let best = null;
  let least = Infinity;
  for (const other of steps()) {
    if (other === from) continue;
    const [ox, oy] = middle(other.getBoundingClientRect());
    const dx = ox - x;
    const dy = oy - y;
    const ahead = { ArrowDown: dy, ArrowUp: -dy, ArrowRight: dx, ArrowLeft: -dx }[key];
    const aside = key === 'ArrowDown' || key === 'ArrowUp' ? Math.abs(dx) : Math.abs(dy);
    if (ahead <= 4 || (aside > ahead * 1.5 && key !== 'ArrowDown' && key !== 'ArrowUp')) continue;
    const far = ahead + aside * (key === 'ArrowDown' || key === 'ArrowUp' ? 1 : 2);
    if (far < least) {
      least = far;
      best = other;
    }
  }
  return best;
}

document.addEventListener('keydown', (event) => {
  if (!root() || isTyping(event) || event.altKey) return;
  const step = event.target.closest?.('[data-step]');
  const id = step?.dataset.step;
  const isStep = step?.dataset.kind === 'step';
  const edits = root().dataset.edits === 'true';
  const act = (fn) => {
    event.preventDefault();
    event.stopPropagation();
    fn();
  };
  if (event.ctrlKey || event.metaKey) {
    const key = event.key.toLowerCase();
    if (!edits) return;
    if (key === 'z') act(() => (event.shiftKey ? goBack(undone, done) : goBack(done, undone)));
    else if (key === 'y') act(() => goBack(undone, done));
    else if (key === 'c' && isStep && !String(getSelection())) {
      act(() => {
        copied = { step: id };
        toast('Copied. Ctrl V puts it behind another step.');
      });
    } else if (key === 'x' && isStep) {
      act(() => {
        copied = { step: id, cut: true };
        toast('Ctrl V moves it behind another step.');
      });
    } else if (key === 'v' && isStep && copied) {
      act(() => change(`${path()}/shift`, copied.cut ? { step: copied.step, at: step.dataset.place }
        : { step: copied.step, at: step.dataset.place, copy: '1' }));
    }
    return;
  }
  if (event.key === 'Escape' && (selected() || $('#flow-panel .fl-pick'))) act(close);
  else if (event.key.startsWith('Arrow') && (step || event.target === document.body || event.target.closest('#flow-main'))) {
    act(() => {
      const next = step ? around(step, event.key) : steps()[0];
      next?.focus();
      next?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    });
  } else if (event.key === 'Insert' && edits) act(() => addAt(isStep ? step.dataset.place : 'start'));
  else if (event.key === 'Delete' && isStep && edits) {
    const all = steps();
    const near = all[all.indexOf(step) - 1]?.dataset.step;
    act(() => change(`${path()}/remove`, { step: id }).then(() => near && $(`[data-step="${near}"]`)?.focus()));
  }
}, true);

/* ---- dragging a step to a plus ---- */
let dragged = null;
document.addEventListener('dragstart', (event) => {
  const step = event.target.closest?.('#flow-tree .fl-step');
  if (!step) return;
  dragged = step.dataset.step;
  event.dataTransfer.effectAllowed = 'copyMove';
  event.dataTransfer.setData('text/plain', dragged);
  document.body.classList.add('is-dragging');
});
document.addEventListener('dragend', () => {
  dragged = null;
  document.body.classList.remove('is-dragging');
});
on('dragover', '.fl-add', (event, place) => {
  if (!dragged) return;
  event.preventDefault();
  place.classList.add('is-over');
});
on('dragleave', '.fl-add', (event, place) => place.classList.remove('is-over'));
on('drop', '.fl-add', (event, place) => {
  if (!dragged) return;
  event.preventDefault();
  change(`${path()}/shift`, { step: dragged, at: place.dataset.place, ...(event.ctrlKey ? { copy: '1' } : {}) });
});

/* ---- zoom and pan ---- */
function setZoom(to) {
  zoom = Math.max(0.4, Math.min(1.6, to));
  $('#flow-tree').style.zoom = zoom;
}
on('click', '[data-zoom]', (event, button) => {
  const canvas = $('#flow-canvas');
  if (button.dataset.zoom === 'fit') {
    setZoom(1);
    setZoom(Math.min(1, canvas.clientWidth / $('#flow-tree').scrollWidth, 1));
  } else setZoom(zoom + (button.dataset.zoom === 'in' ? 0.1 : -0.1));
});
document.addEventListener('wheel', (event) => {
  if (!event.ctrlKey || !event.target.closest?.('#flow-canvas')) return;
  event.preventDefault();
  setZoom(zoom - Math.sign(event.deltaY) * 0.1);
}, { passive: false });
let pan = null;
on('pointerdown', '#flow-canvas', (event, canvas) => {
  if (event.button !== 0 || event.pointerType === 'touch' || event.target.closest('a, button, form')) return;
  pan = { x: event.clientX + canvas.scrollLeft, y: event.clientY + canvas.scrollTop, canvas };
  canvas.classList.add('is-panning');
});
document.addEventListener('pointermove', (event) => {
  if (pan) pan.canvas.scrollTo(pan.x - event.clientX, pan.y - event.clientY);
});
document.addEventListener('pointerup', () => {
  pan?.canvas.classList.remove('is-panning');
  pan = null;
});

if (root()) {
  ready();
  const canvas = $('#flow-canvas');
  canvas.scrollLeft = Math.max(0, ($('#flow-tree').scrollWidth - canvas.clientWidth) / 2);
}
