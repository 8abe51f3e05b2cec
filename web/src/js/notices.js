// notices.js -- the list behind the bell: what is opened is read; arrows walk through it, R marks what is gone to.
import { $, $$, csrf, on } from './dom.js';

on('click', 'a[data-read-url]', (event, link) => {
  if (!link.classList.contains('is-unread')) return;
  fetch(link.dataset.readUrl, {
    method: 'POST', keepalive: true, headers: { 'X-CSRF-Token': csrf(), Accept: 'application/json' }, body: new URLSearchParams({ csrf: csrf() }),
  }).catch(() => {});
  link.classList.remove('is-unread');
});

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $('dialog[open]')) return;
  const list = $('.bell-panel .notifications, .bell-panel') ?? $('#notifications');
  const within = event.target.closest?.('.notifications, .bell-panel');
  if (!list || (!within && event.target !== document.body && event.target.id !== 'main')) return;
  const all = $$('.notification', list);
  const at = all.indexOf(document.activeElement);
  if (event.key === 'ArrowDown' || event.key === 'j') all[Math.min(at + 1, all.length - 1)]?.focus();
  else if (event.key === 'ArrowUp' || event.key === 'k') all[Math.max(at - 1, 0)]?.focus();
  else if (event.key === 'r' && at >= 0) $('.notification-read button', all[at].parentElement)?.click();
  else return;
  event.preventDefault();
});
