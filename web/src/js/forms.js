// forms.js -- nothing typed is lost: leaving with unsaved changes asks, Ctrl-Enter saves, errors get the
// focus, a form is posted once.
import { $, $$, on } from './dom.js';

const dirty = new Set();
on('input', 'form[data-form]', (event, form) => dirty.add(form));
on('change', 'form[data-form]', (event, form) => dirty.add(form));
document.addEventListener('submit', (event) => dirty.delete(event.target));
addEventListener('beforeunload', (event) => {
  for (const form of dirty) if (!form.isConnected) dirty.delete(form);
  if (dirty.size) event.preventDefault();
});

document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.('form[method=post]');
    if (form) {
      event.preventDefault();
      form.requestSubmit($('button[type=submit]', form) ?? undefined);
    }
  }
  if (event.key === 'Escape') $('[data-cancel]', event.target.closest?.('.fact-editing') ?? undefined)?.click();
});

/* A second click does not post twice; the browser's back button finds the form usable again. */
on('submit', 'form[method=post]:not([hx-post])', (event, form) => {
  if (event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = 'true';
});
addEventListener('pageshow', () => $$('form[data-sent]').forEach((form) => delete form.dataset.sent));

/* What is wrong comes first; an empty form is ready to be typed into, where that opens no keyboard on glass. */
const fresh = location.pathname.endsWith('/new') && matchMedia('(pointer: fine)').matches;
($('[data-focus]') ?? (fresh && $('.page-form form[data-form] .input')))?.focus?.();
/* /edit#f-amount goes straight into that control. */
if (location.hash.startsWith('#f-')) document.getElementById(location.hash.slice(1))?.focus();
