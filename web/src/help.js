// help.js -- the help centre while somebody types: what answers it perhaps, below the field. All of it works without.
const WAIT_MS = 180;
const box = (input) => {
  const list = document.createElement('div');
  list.className = 'help-suggest';
  list.hidden = true;
  list.setAttribute('aria-label', document.querySelector('.help-home').textContent);
  list.setAttribute('role', 'group');
  if (input.dataset.suggest === 'open') list.classList.add('is-open');
  input.parentNode.append(list);
  return list;
};
for (const input of document.querySelectorAll('[data-suggest]')) {
  const list = box(input);
  const open = input.dataset.suggest === 'open';
  let timer;
  let last = input.value.trim();
  const show = ({ articles }) => {
    list.replaceChildren(...articles.map(({ title, summary, url }) => {
      const link = Object.assign(document.createElement('a'), { href: url, textContent: title });
      if (open) link.target = '_blank';
      if (summary) link.append(Object.assign(document.createElement('small'), { textContent: summary }));
      return link;
    }));
    list.hidden = !articles.length;
    const sure = document.querySelector('#sure');
    if (open && sure && articles.length) sure.value = 'yes';
    if (open) document.querySelector('.help-perhaps')?.remove();
  };
  const ask = async () => {
    const q = input.value.trim();
    if (q === last) return;
    last = q;
    if (q.length < 3) { show({ articles: [] }); return; }
    try {
      const answer = await fetch(`/help/suggest?q=${encodeURIComponent(q)}&lang=${document.documentElement.lang}`);
      const found = await answer.json();
      if (q === last && answer.ok) show(found);
    } catch (e) { list.hidden = true; }
  };
  input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(ask, WAIT_MS); });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !open) list.hidden = true;
    if (event.key === 'ArrowDown' && !list.hidden) { event.preventDefault(); list.querySelector('a').focus(); }
  });
  list.addEventListener('keydown', (event) => {
    const next = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key];
    if (event.key === 'Escape') { input.focus(); list.hidden = !open; }
    if (!next) return;
    event.preventDefault();
    (document.activeElement[next] || input).focus();
  });
  if (!open) document.addEventListener('click', (event) => { if (!input.parentNode.contains(event.target)) list.hidden = true; });
}
