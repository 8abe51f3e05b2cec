// desk.js -- the desk of service: promises run down before one's eyes, colleagues see who looks and who writes, J and K walk
// over the tickets (other keys stand in the page, as data-key), canned answers go into the answer. All of it works without.
import { $, $$, chosen, csrf, isTyping, on } from './js/dom.js';

const SAY_EVERY_MS = 20000;
const SAY_FIRST_MS = 500; // the page itself comes first
const answer = () => $('#answer');
const detail = $('[data-ticket]');

/* ---- promises ---- */
const MINUTE = 60000;
function span(ms) {
  const minutes = Math.floor(Math.abs(ms) / MINUTE);
  if (minutes < 1) return `${Math.floor(Math.abs(ms) / 1000)} s`;
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 60 / 24)} d ${Math.floor(minutes / 60) % 24} h`;
}
function tick() {
  for (const clock of $$('[data-due]')) {
    const left = Number(clock.dataset.due) - Date.now();
    const text = left < 0 ? `late by ${span(left)}` : `${span(left)} left`;
    if (clock.textContent !== text) clock.textContent = text;
    clock.classList.toggle('pill-late', left < 0);
    clock.classList.toggle('pill-soon', left >= 0 && left < 60 * MINUTE);
    clock.classList.toggle('pill-calm', left >= 60 * MINUTE);
  }
}
setInterval(tick, 1000);
tick();

/* ---- who is here ---- */
let told = '';
let toldAt = 0;
function tell(doing) {
  if (!detail || (doing === told && Date.now() - toldAt < SAY_EVERY_MS)) return;
  told = doing;
  toldAt = Date.now();
  fetch(`${detail.dataset.url}/here`, {
    method: 'POST', keepalive: true, body: new URLSearchParams({ doing }),
    headers: { Accept: 'application/json', 'X-CSRF-Token': csrf() },
  }).catch(() => {});
}
const doing = () => (answer()?.value.trim() && document.activeElement === answer() ? 'writing' : 'looking');
if (detail) {
  setTimeout(() => tell(doing()), SAY_FIRST_MS);
  setInterval(() => !document.hidden && tell(doing()), SAY_EVERY_MS);
  document.addEventListener('input', (event) => event.target === answer() && tell(doing()));
  addEventListener('pagehide', () => tell('gone'));
}

/* ---- the answer ---- */
function noteMode(on) {
  const form = $('#desk-write');
  form.classList.toggle('is-note', on);
  $('input[name=as]', form)?.remove();
  if (on) form.insertAdjacentHTML('beforeend', '<input type="hidden" name="as" value="note">');
  answer().placeholder = on ? 'Write a note, for colleagues alone' : 'Write an answer';
  answer().focus();
}
document.addEventListener('click', (event) => {
  if (event.target.id !== 'as-note' || answer().value.trim()) return;
  event.preventDefault();
  noteMode(true);
});
chosen('#desk-set select', (select) => select.form.requestSubmit());
chosen('#snippet', (select) => {
  if (!select.value) return;
  answer().setRangeText(select.value, answer().selectionStart, answer().selectionEnd, 'end');
  select.value = '';
  answer().focus();
  answer().dispatchEvent(new Event('input', { bubbles: true }));
});
on('keydown', '#macro', (event, select) => {
  if (event.key !== 'Enter') return;
  event.preventDefault();
  select.form.requestSubmit();
});
/* What could not be taken is shown at the address of a form: going on from there needs the ticket's. */
if (detail && location.pathname !== detail.dataset.url && location.pathname.startsWith(`${detail.dataset.url}/`)) {
  history.replaceState(history.state, '', detail.dataset.url + location.search);
}
/* ---- articles ---- */
document.addEventListener('click', async (event) => {
  const link = event.target.closest('[data-words]');
  if (!link || !answer()) return;
  event.preventDefault();
  try {
    const found = await fetch(`/articles/${link.dataset.words}/words?as=${link.dataset.as || ''}`, { headers: { Accept: 'application/json' } });
    if (!found.ok) throw new Error(found.status);
    const { text } = await found.json();
    const field = answer();
    const before = field.value.slice(0, field.selectionStart);
    field.setRangeText(`${before && !/\s$/.test(before) ? '\n\n' : ''}${text}\n`, field.selectionStart, field.selectionEnd, 'end');
    const form = $('#desk-write');
    if (!$(`input[name=article][value="${link.dataset.words}"]`, form)) {
      form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: 'article', value: link.dataset.words }));
    }
    field.focus();
  } catch (e) { location.assign(link.href); }
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && event.target === answer()) answer().blur();
  if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'r' && $('#desk-write')) {
    event.preventDefault();
    noteMode(false);
  }
  if (event.key !== 'j' && event.key !== 'k') return;
  const rows = $$('#desk-list .pane-row');
  const to = rows[rows.findIndex((row) => row.ariaCurrent) + (event.key === 'j' ? 1 : -1)];
  if (to) location.assign(to.href);
});

const toEnd = () => {
  const thread = $('#desk-thread');
  if (thread) thread.scrollTop = thread.scrollHeight;
};
toEnd();
document.addEventListener('furrow:refreshed', (event) => event.target.id === 'desk-thread' && toEnd());
document.body.classList.add('has-desk');
