// keys.js -- the keyboard: what each key does stands in one table, which the help reads too.
import { $, $$, el, isTyping, on } from './dom.js';
import { goToMenu } from './menus.js';
import { openPalette } from './palette.js';

const click = (selector) => () => {
  const target = $(selector);
  target?.click();
  return !!target;
};
const openMenu = (name) => () => {
  const menu = $(`details[data-menu="${name}"]`);
  if (!menu) return false;
  menu.open = true;
  ($('.menu-item, input:not([type=hidden]), select', menu) ?? menu).focus();
  return true;
};
const focusOn = (selector) => () => {
  const target = $(selector);
  target?.focus();
  target?.select?.();
  return !!target;
};

const keys = {
  c: openMenu('create'),
  f: openMenu('filter'),
  '/': focusOn('#find'),
  n: focusOn('.composer-form textarea, .composer-form input:not([type=hidden])'),
  b: click('[data-bell]'),
  m: goToMenu,
  '?': showHelp,
};
const page = { e: click('[data-key="e"]') };

/* What a page says in its markup: data-key="a" data-key-text="Take the ticket". It goes before what a key does elsewhere; a
 * field is gone to, anything else is clicked. */
const ofPage = () => $$('[data-key][data-key-text]');
function pageKey(key) {
  const target = ofPage().find((one) => one.dataset.key === key);
  if (!target) return false;
  /* What is folded away is unfolded first; a summary unfolds its own by the click. */
  const folded = target.matches('summary') ? target.parentElement.parentElement : target;
  const closed = folded.closest('details:not([open])');
  if (closed) closed.open = true;
  if (target.matches('input, textarea, select')) target.focus();
  else target.click();
  return true;
}

const helpLines = [
  ['Anywhere', [['Ctrl K', 'Find a record or a page'], ['C', 'Create something'], ['B', 'Notifications'], ['M', 'The menu'],
    ['?', 'This help'], ['Esc', 'Close what is open']]],
  ['In a list', [['↑ ↓ or J K', 'Move'], ['Enter', 'Open'], ['X', 'Tick'], ['E', 'Edit'], ['F', 'Add a filter'],
    ['/', 'Find in the list']]],
  ['On a board', [['← ↑ → ↓', 'Move between cards'], ['[ and ]', 'Move the card to the column before or after'],
    ['Enter', 'Open']]],
  ['On a record', [['E', 'Edit'], ['N', 'Write a note'], ['@', 'In a note or comment: tell a colleague']]],
  ['In notifications', [['↑ ↓', 'Move'], ['Enter', 'Open'], ['R', 'Read or unread']]],
  ['In a form', [['Ctrl Enter', 'Save'], ['Esc', 'Leave a field as it was']]],
];

function showHelp() {
  if ($('dialog.help')) return true;
  const own = ofPage().map((one) => [one.dataset.key.toUpperCase(), one.dataset.keyText]);
  const lines = own.length ? [['On this page', own], ...helpLines] : helpLines;
  const groups = lines.map(([name, rows]) => el('section', {}, el('h3', {}, name), el('dl', {},
    ...rows.map(([key, what]) => el('div', {}, el('dt', {}, el('kbd', {}, key)), el('dd', {}, what))))));
  const box = el('dialog', { class: 'dialog help', 'aria-label': 'Keyboard shortcuts' },
    el('form', { method: 'dialog' }, el('header', { class: 'help-head' }, el('h2', {}, 'Keyboard shortcuts'),
      el('button', { class: 'btn btn-small' }, 'Close')), el('div', { class: 'help-groups' }, ...groups)));
  box.addEventListener('close', () => box.remove());
  box.addEventListener('click', (event) => {
    if (event.target === box) box.close();
  });
  document.body.append(box);
  box.showModal();
  return true;
}
on('click', '[data-help]', showHelp);

document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  if ($('dialog[open]')) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (pageKey(key) || (keys[key] ?? page[key])?.()) event.preventDefault();
});
