// prefetch.js -- a page whose link the pointer rests on is fetched before the click.
import { el, on } from './dom.js';

const REST_MS = 80;
const seen = new Set();
let timer = 0;

on('pointerover', 'a[href]', (event, link) => {
  if (event.pointerType !== 'mouse' || link.origin !== location.origin || seen.has(link.href)) return;
  if (link.hash || link.pathname.endsWith('.csv') || link.hasAttribute('download')) return;
  if (!link.closest('.side, .table-list, .related, .crumbs, .home-queue')) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    seen.add(link.href);
    document.head.append(el('link', { rel: 'prefetch', href: link.href }));
  }, REST_MS);
  link.addEventListener('pointerleave', () => clearTimeout(timer), { once: true });
});
