// calendar.js -- the calendar by arrows too; the grid opens at the hour that it is, or at the first thing to do.
import { $, isTyping } from './js/dom.js';

function toNow() {
  const grid = $('.cal-scroll');
  const at = grid && ($('.cal-now', grid) ?? $('.cal-box', grid));
  if (at) grid.scrollTop = Math.max(0, at.offsetTop - grid.clientHeight / 3);
}
toNow();
document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTyping(event)) return;
  const key = { ArrowLeft: 'k', ArrowRight: 'j' }[event.key];
  if (!key || $('dialog[open]')) return;
  event.preventDefault();
  $(`[data-key="${key}"][data-key-text]`)?.click();
});
