// menus.js -- <details class="menu"> closes on a click elsewhere and on Escape; the theme switch; questions
// before a post; copy buttons; the notification panel; the side bar's folds and keys.
import { $, $$, csrf, el, fetchPart, on } from './dom.js';

const closeAll = (except) => {
  for (const menu of $$('details.menu[open]')) if (menu !== except) menu.open = false;
};
document.addEventListener('click', (event) => closeAll(event.target.closest('details.menu')));
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  const open = $('details.menu[open]');
  if (open) {
    open.open = false;
    $('summary', open).focus();
  } else if (location.hash === '#nav') {
    location.hash = '';
  }
});
/* A panel that would leave the window opens towards the other side. */
document.addEventListener('toggle', (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLDetailsElement) || !menu.classList.contains('menu') || !menu.open) return;
  const panel = $('.menu-panel', menu);
  menu.classList.remove('is-flipped');
  const box = panel.getBoundingClientRect();
  if (box.right > innerWidth - 8 || box.left < 8) menu.classList.add('is-flipped');
  const first = $('a, button, input:not([type=hidden]), select', panel);
  if (first?.matches('input, select')) first.focus();
}, true);

/* Arrow keys walk through an open menu. */
on('keydown', 'details.menu[open]', (event, menu) => {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const items = $$('.menu-item, .menu-actions .btn', menu);
  if (!items.length) return;
  event.preventDefault();
  event.stopPropagation();
  const step = event.key === 'ArrowDown' ? 1 : -1;
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
});

/* Theme: shown at once, kept by the server. */
const markTheme = () => {
  const now = document.documentElement.dataset.theme || 'auto';
  for (const button of $$('[data-theme-form] button[name=theme]')) {
    button.setAttribute('aria-pressed', String(button.value === now));
  }
};
on('click', '[data-theme-form] button[name=theme]', (event, button) => {
  event.preventDefault();
  document.documentElement.dataset.theme = button.value;
  markTheme();
  document.dispatchEvent(new Event('furrow:theme'));
  fetch(button.form.action, {
    method: 'POST',
    headers: { 'X-CSRF-Token': csrf(), Accept: 'application/json' },
    body: new URLSearchParams({ theme: button.value, csrf: csrf() }),
  });
});
markTheme();

/* A form with data-confirm asks first. */
export function ask(question, verb) {
  return new Promise((resolve) => {
    const yes = el('button', { class: 'btn btn-primary', value: 'yes' }, verb);
    const no = el('button', { class: 'btn', value: 'no' }, 'Cancel');
    const box = el('dialog', { class: 'dialog', 'aria-label': question },
      el('form', { method: 'dialog' }, el('p', {}, question), el('div', { class: 'actions' }, yes, no)));
    box.addEventListener('close', () => {
      resolve(box.returnValue === 'yes');
      box.remove();
    });
    document.body.append(box);
    box.showModal();
    yes.focus();
  });
}
on('submit', 'form[data-confirm]', async (event, form) => {
  if (form.elements.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const button = event.submitter;
  if (await ask(form.dataset.confirm, button?.textContent.trim() || 'Go on')) {
    form.append(el('input', { type: 'hidden', name: 'confirmed', value: 'true' }));
    form.requestSubmit(button);
  }
}, true);

on('click', '[data-copy]', async (event, button) => {
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = 'Copied';
});

/* The bell shows the newest notifications without leaving the page. */
on('click', '[data-bell]', async (event, link) => {
  if (event.ctrlKey || event.metaKey || innerWidth < 720) return;
  event.preventDefault();
  const open = $('.bell-panel');
  if (open) {
    open.remove();
    return;
  }
  const panel = el('div', { class: 'bell-panel menu-panel', tabindex: '-1' });
  link.after(panel);
  try {
    const part = await fetchPart(link.href, '#notifications');
    panel.append(part ?? 'Nothing new.', el('a', { class: 'more', href: link.href }, 'All notifications'));
  } catch (problem) {
    panel.append(problem.message);
  }
  panel.focus();
});
document.addEventListener('click', (event) => {
  if (!event.target.closest('.bell-panel, [data-bell]')) $('.bell-panel')?.remove();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && $('.bell-panel')) {
    $('.bell-panel').remove();
    $('[data-bell]').focus();
  }
});

/* Sections of the side bar stay as I left them: a cookie of words like "1sales", "0marketing", so that the server
 * sends them so. A page that was fetched before I folded one is put right here. */
const side = $('#nav');
const kept = () => new Map((document.cookie.match(/(?:^|; )side=([^;]*)/)?.[1] ?? '').split('.').filter(Boolean)
  .map((word) => [word.slice(1), word[0] === '1']));
const keep = (name, open) => {
  const all = kept().set(name, open);
  const words = [...all].map(([one, is]) => `${is ? 1 : 0}${one}`).join('.');
  document.cookie = `side=${words}; path=/; max-age=31536000; samesite=lax`;
};
for (const fold of side ? $$('details[data-fold]', side) : []) {
  const state = kept().get(fold.dataset.fold);
  if (state !== undefined && !$('[aria-current]', fold)) fold.open = state;
  $('summary', fold).addEventListener('click', () => keep(fold.dataset.fold, !fold.open));
}

/* By keyboard: up and down walk through what is unfolded, right and left unfold and fold. */
const shown = () => $$('a.side-team, a.side-item, summary', side).filter((one) => one.checkVisibility());
const walk = {
  ArrowDown: (all, at) => all[at + 1],
  ArrowUp: (all, at) => all[at - 1],
  Home: (all) => all[0],
  End: (all) => all.at(-1),
};
side?.addEventListener('keydown', (event) => {
  const from = event.target.closest('a, summary');
  if (!from || event.ctrlKey || event.metaKey || event.altKey) return;
  const fold = from.closest('details');
  if (walk[event.key]) {
    const all = shown();
    walk[event.key](all, all.indexOf(from))?.focus();
  } else if (event.key === 'ArrowRight' && from.matches('summary') && !fold.open) {
    from.click();
  } else if (event.key === 'ArrowLeft' && fold?.open) {
    const head = $('summary', fold);
    if (from === head) head.click();
    head.focus();
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
});
export function goToMenu() {
  if (!side) return false;
  if (!side.checkVisibility({ visibilityProperty: true })) location.hash = '#nav';
  const all = shown();
  (all.find((one) => one.hasAttribute('aria-current')) ?? all[0])?.focus();
  return true;
}
