// tips.js -- below a form for support: articles that perhaps answer what is being written. Fetched by form.js where the form opens
// tickets; asks the help centre for the longest of its texts.
const WAIT_MS = 250;
const base = new URL(import.meta.url).origin;
export function tip(form) {
  const list = form.ownerDocument.createElement('ul');
  list.className = 'tips';
  list.hidden = true;
  list.setAttribute('aria-live', 'polite');
  form.lastElementChild.before(list);
  let timer;
  let last = '';
  const longest = () => [...form.querySelectorAll('textarea,input[type=text]')].map((el) => el.value.trim())
    .reduce((most, text) => (text.length > most.length ? text : most), '').slice(-200);
  const ask = () => {
    const q = longest();
    if (q === last) return;
    last = q;
    const found = q.length < 3 ? Promise.resolve({ articles: [] })
      : fetch(`${base}/help/suggest?q=${encodeURIComponent(q)}`, { headers: { Accept: 'application/json' } }).then((answer) => answer.json());
    found.then(({ articles }) => {
      if (q !== last) return;
      list.replaceChildren(...articles.slice(0, 3).map(({ title, url }) => {
        const item = form.ownerDocument.createElement('li');
        item.append(Object.assign(form.ownerDocument.createElement('a'), { href: url, target: '_blank', rel: 'noopener', textContent: title }));
        return item;
      }));
      list.hidden = !articles.length;
    }).catch(() => {});
  };
  form.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(ask, WAIT_MS); });
}
