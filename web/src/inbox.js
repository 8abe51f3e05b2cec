// inbox.js -- the team's inbox: the thread stands at its end, what is looked at is read, snippets go into the answer,
// Ctrl-Enter sends (forms.js), J and K walk over the conversations.
import { $, $$, csrf, isTyping } from './js/dom.js';

function toEnd() {
  const thread = $('#thread');
  if (thread) thread.scrollTop = thread.scrollHeight;
}
function read() {
  const thread = $('#thread');
  if (!thread || thread.dataset.unread !== 'true' || document.hidden) return;
  thread.dataset.unread = 'false';
  fetch(thread.dataset.readUrl, { method: 'POST', headers: { Accept: 'application/json', 'X-CSRF-Token': csrf() } }).catch(() => {});
}
toEnd();
read();
document.addEventListener('visibilitychange', read);
document.addEventListener('furrow:refreshed', (event) => {
  if (event.target.id !== 'thread') return;
  toEnd();
  read();
});
document.addEventListener('change', (event) => {
  if (event.target.id === 'whose') event.target.form.requestSubmit();
  if (event.target.id !== 'snippet' || !event.target.value) return;
  const answer = $('#answer');
  answer.setRangeText(event.target.value, answer.selectionStart, answer.selectionEnd, 'end');
  event.target.value = '';
  answer.focus();
});
document.addEventListener('keydown', (event) => {
  if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || !['j', 'k', 'r'].includes(event.key)) return;
  if (event.key === 'r') {
    event.preventDefault();
    $('#answer')?.focus();
    return;
  }
  const rows = $$('#inbox-list .pane-row');
  const to = rows[rows.findIndex((row) => row.ariaCurrent) + (event.key === 'j' ? 1 : -1)];
  if (to) location.assign(to.href);
});
document.body.classList.add('has-inbox');
