// htmx.js -- htmx as this application uses it: no eval, no styles of its own, no copy of customers' data
// in the browser's storage, CSRF token in a header, failures told to the person.
import './htmx_config.js';
import htmx from 'htmx.org/dist/htmx.esm.js';
import { $, csrf, problemText, toast } from './dom.js';

/* Scripts come after the page has been read (first.js). That htmx cannot see until all that belongs to the page is loaded, too,
 * and would wait for what has been. */
if (document.readyState === 'interactive') document.dispatchEvent(new Event('DOMContentLoaded'));

const body = document.body;
body.addEventListener('htmx:configRequest', (event) => {
  if (event.detail.verb !== 'get') event.detail.headers['X-CSRF-Token'] = csrf();
});

/* No sign of waiting for the first 300 ms. */
let waiting = 0;
let timer = 0;
body.addEventListener('htmx:beforeRequest', () => {
  waiting += 1;
  clearTimeout(timer);
  timer = setTimeout(() => body.classList.toggle('is-waiting', waiting > 0), 300);
});
body.addEventListener('htmx:afterRequest', () => {
  waiting = Math.max(0, waiting - 1);
  if (!waiting) {
    clearTimeout(timer);
    body.classList.remove('is-waiting');
  }
});
body.addEventListener('htmx:responseError', (event) => {
  const { xhr } = event.detail;
  if (xhr.status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
  else toast(problemText(xhr.responseText, xhr.getResponseHeader('Content-Type'), xhr.status), 'bad');
});
body.addEventListener('htmx:sendError', () => {
  toast('The server cannot be reached. What you typed is still here; try again in a moment.', 'bad');
});
/* What was fetched for one part of a page must not leave the reader at its old title. */
body.addEventListener('htmx:afterSwap', (event) => {
  $('[autofocus], [data-focus]', event.detail.target)?.focus();
});

export default htmx;
