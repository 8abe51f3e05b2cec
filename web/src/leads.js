// leads.js -- the lead inbox: clocks that run in working time and stand still at night and on holidays, and Enter in a
// panel's list of reasons. The keys stand in the page, as data-key. All of it works without.
import { $, $$, on } from './js/dom.js';

/* ---- working time ---- */
const MINUTE = 60000;
let since = performance.now();
let clocks = [];

function span(ms) {
  const minutes = Math.floor(Math.abs(ms) / MINUTE);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
/* How much of the time since the page was made was working time. Counted on this machine's own clock, which need not be
 * right for that. */
const ahead = () => ($('#inbox')?.dataset.hours ?? '').split(' ').filter(Boolean).map((part) => part.split('-').map(Number));
function worked(passed) {
  return ahead().reduce((sum, [from, until]) => sum + Math.max(0, Math.min(until, passed) - from), 0);
}
const rests = (passed) => !ahead().some(([from, until]) => from <= passed && passed < until);

function tick() {
  const passed = performance.now() - since;
  const done = worked(passed);
  for (const clock of $$('[data-left]')) {
    const left = Number(clock.dataset.left) - done;
    const text = left < 0 ? `late by ${span(left)}` : `${span(left)} left`;
    if (clock.textContent !== text) clock.textContent = text;
    clock.classList.toggle('pill-late', left < 0);
    clock.classList.toggle('pill-soon', left >= 0 && left < 60 * MINUTE);
    clock.classList.toggle('pill-calm', left >= 60 * MINUTE);
  }
  for (const clock of $$('[data-waited]')) {
    const text = span(Number(clock.dataset.waited) + done);
    if (clock.textContent !== text) clock.textContent = text;
  }
  $('#inbox')?.classList.toggle('is-resting', rests(passed));
}
clocks = setInterval(tick, 1000);
addEventListener('pagehide', () => clearInterval(clocks));
addEventListener('pageshow', () => {
  clearInterval(clocks);
  clocks = setInterval(tick, 1000);
});
document.addEventListener('furrow:refreshed', () => {
  since = performance.now();
  tick();
});
tick();

/* ---- panels ---- */
on('keydown', '.lead-panel select', (event, select) => {
  if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || !select.value) return;
  event.preventDefault();
  select.form.requestSubmit();
});
/* Who takes leads one after the other begins each at its head. */
$('#lead-name')?.focus({ preventScroll: true });
$('.lead-panel[open] select, .lead-panel[open] textarea')?.focus();
$('.pane-row[aria-current]')?.scrollIntoView({ block: 'nearest' });
