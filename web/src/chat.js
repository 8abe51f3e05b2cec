// chat.js -- the chat on a web site: a button, and a panel in a shadow root that no style sheet of the page reaches.
//   <script src="https://crm.example.com/js/chat.js" async></script>      data-theme="auto|dark"
// Nothing is stored before somebody writes; then the conversation's id and key, so that it goes on after a reload.
((win, doc) => {
  const script = doc.currentScript;
  const base = new URL(script.src).origin;
  const KEY = 'furrow:chat';
  const make = (tag, more, ...children) => {
    const node = Object.assign(doc.createElement(tag), more);
    node.append(...children);
    return node;
  };
  const stored = (value) => {
    try {
      const store = win.localStorage;
      if (value) store.setItem(KEY, JSON.stringify(value));
      return JSON.parse(store.getItem(KEY));
    } catch (e) { return null; }
  };
  const drop = () => { try { win.localStorage.removeItem(KEY); } catch (e) { /* nothing was kept */ } };
  const ask = (path, data) => fetch(`${base}/chat/${path}`, data && { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams(data) })
    .then((answer) => (answer.status === 204 ? {} : answer.json().then((told) => (answer.ok ? told : Promise.reject(told)))));
  const visitor = () => (/(?:^|; )fw_id=([\w-]{16,64})/.exec(doc.cookie) || ['', ''])[1];

  let talk = stored();
  let last = '';
  let source;
  let timer;
  const host = make('div');
  Object.entries({ all: 'initial', display: 'block' }).forEach(([name, value]) => host.style.setProperty(name, value, 'important'));
  const root = host.attachShadow({ mode: 'open' });
  const log = make('ol', { className: 'log', role: 'log', ariaLive: 'polite' });
  const error = make('p', { className: 'error', role: 'alert', hidden: true });
  const text = make('textarea', { name: 'text', rows: 2, maxLength: 4000, required: true, ariaLabel: 'Message', placeholder: 'Write a message' });
  const mail = make('input', { type: 'email', name: 'email', maxLength: 254, autocomplete: 'email', placeholder: 'Your mail address', ariaLabel: 'Your mail address' });
  const name = make('input', { name: 'name', maxLength: 100, autocomplete: 'name', placeholder: 'Your name (optional)', ariaLabel: 'Your name' });
  const trap = make('input', { name: 'website_url', className: 'trap', tabIndex: -1, autocomplete: 'off', ariaHidden: 'true' });
  const who = make('div', { className: 'who' }, name, mail);
  const tips = make('ul', { className: 'tips', hidden: true, ariaLive: 'polite' });
  const send = make('button', { className: 'send', textContent: 'Send' });
  const form = make('form', { className: 'write', noValidate: true }, who, trap, text, send);
  const later = make('form', { className: 'later', hidden: true, noValidate: true });
  const close = make('button', { type: 'button', className: 'x', textContent: '×', ariaLabel: 'Close' });
  const title = make('h2');
  const panel = make('section', { className: 'panel', hidden: true }, make('header', {}, title, close), log, later, error, tips, form);
  const button = make('button', { type: 'button', className: 'open' });
  const dot = make('span', { className: 'dot', hidden: true });
  const box = make('div', { className: 'chat', dir: 'ltr' }, panel, button);
  panel.setAttribute('role', 'dialog');

  const fail = (told) => {
    error.textContent = told && told.detail ? told.detail : 'That did not reach us. Try again.';
    error.hidden = false;
  };
  const say = ({ id, by, name: from, text: what, at }) => {
    if (id) {
      if (id <= last) return;
      last = id;
    }
    const time = at ? new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }) : '';
    log.append(make('li', { className: by }, make('p', { textContent: what, dir: 'auto' }), make('small', { textContent: by === 'us' ? `${from} ${time}` : time })));
    log.scrollTop = log.scrollHeight;
    if (by === 'us' && panel.hidden && at) dot.hidden = false;
  };
  const told = (got) => {
    got.messages.forEach(say);
    error.hidden = true;
    const unknown = !got.known && log.children.length > 1;
    if (unknown && later.hidden && !later.dataset.done) {
      later.hidden = false;
      later.append(make('p', { textContent: 'Where can we reach you if you have to leave?' }), mail, make('button', { className: 'send', textContent: 'Keep' }));
    }
    if (got.known) later.hidden = true;
    who.hidden = true;
    if (!panel.hidden && !doc.hidden && got.messages.some(({ by }) => by === 'us')) ask('seen', talk).catch(() => {});
  };
  const fetchNew = () => ask(`messages?id=${talk.id}&key=${talk.key}&after=${last}`).then(told, (why) => {
    if (why && why.status === 404) { talk = null; drop(); stop(); who.hidden = false; }
  });
  const stop = () => {
    if (source) source.close();
    source = null;
    clearInterval(timer);
  };
  /* Where streams are refused, it asks every ten seconds. */
  const listen = () => {
    if (!talk || source) return;
    source = new EventSource(`${base}/chat/stream?id=${talk.id}&key=${talk.key}`);
    source.addEventListener(`chat-${talk.id}`, fetchNew);
    source.onerror = () => {
      if (source && source.readyState === 2) { stop(); timer = setInterval(fetchNew, 10000); }
    };
  };

  /* What perhaps answers it, before the first message is sent. */
  let wait;
  let asked = '';
  const suggest = () => {
    const q = text.value.trim().slice(-200);
    if (q === asked) return;
    asked = q;
    (talk || q.length < 3 ? Promise.resolve({ articles: [] })
      : fetch(`${base}/help/suggest?q=${encodeURIComponent(q)}`, { headers: { Accept: 'application/json' } }).then((answer) => answer.json()))
      .then(({ articles }) => {
        if (q !== asked) return;
        tips.replaceChildren(...articles.slice(0, 3).map(({ title: named, url }) => make('li', {}, make('a', { href: url, target: '_blank', rel: 'noopener', textContent: named }))));
        tips.hidden = !articles.length;
      }).catch(() => {});
  };
  text.addEventListener('input', () => { clearTimeout(wait); wait = setTimeout(suggest, 250); });

  const show = (open) => {
    panel.hidden = !open;
    button.ariaExpanded = String(open);
    if (!open) { button.focus(); return; }
    dot.hidden = true;
    text.focus();
    log.scrollTop = log.scrollHeight;
    if (talk) ask('seen', talk).catch(() => {});
    listen();
  };
  button.addEventListener('click', () => show(panel.hidden));
  close.addEventListener('click', () => show(false));
  panel.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') show(false);
    if (event.key === 'Enter' && event.target === text && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const needs = !who.hidden && mail.required && !mail.checkValidity();
    if (!text.value.trim() || send.disabled) return;
    if (needs) { mail.reportValidity(); return; }
    send.disabled = true;
    const data = Object.fromEntries(new FormData(form));
    const done = talk ? ask('say', { ...talk, text: data.text, after: last })
      : ask('start', { ...data, page: win.location.href, lang: navigator.language, fw_id: visitor() }).then((got) => {
        talk = { id: got.id, key: got.key };
        stored(talk);
        return got;
      });
    done.then((got) => { text.value = ''; tips.hidden = true; told(got); listen(); }, fail).then(() => { send.disabled = false; text.focus(); });
  });
  later.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!mail.value || !mail.checkValidity()) { mail.reportValidity(); return; }
    ask('mail', { ...talk, email: mail.value, after: last }).then((got) => { later.dataset.done = 1; later.hidden = true; told(got); }, fail);
  });

  ask('config').then((config) => {
    if (!config.on) return;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(config.css);
    root.adoptedStyleSheets = [sheet];
    box.dataset.theme = script.dataset.theme || '';
    title.textContent = panel.ariaLabel = config.title;
    button.append(config.title, dot);
    say({ by: 'us', name: '', text: config.text });
    who.hidden = config.there || !!talk;
    mail.required = !config.there;
    root.append(box);
    doc.body.append(host);
    if (talk) fetchNew().then(listen);
  }, () => {});
})(window, document);
