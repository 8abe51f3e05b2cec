// form.js -- forms on any page, and on our own: <div data-furrow-form="SLUG"></div> becomes a form in a shadow root, which
// no style sheet of the page reaches; data-popups on the script's tag shows those that pop up here. Inside a worker it only
// looks for proofs of work. Stays under 6 KB.
((win) => {
  /* ---- SHA-256 of a short text, as far as its first word ---- */
  const K = [];
  const H = [];
  const part = (x) => ((x - Math.floor(x)) * 4294967296) | 0;
  for (let n = 2; K.length < 64; n += 1) {
    let f = 2;
    while (n % f) f += 1;
    if (f === n) {
      if (H.length < 8) H.push(part(n ** 0.5));
      K.push(part(n ** (1 / 3)));
    }
  }
  const w = new Int32Array(64);
  const r = (x, n) => (x >>> n) | (x << (32 - n));
  const block = (state) => {
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
      if (i > 15) {
        const x = w[i - 15];
        const y = w[i - 2];
        w[i] = w[i - 16] + w[i - 7] + (r(x, 7) ^ r(x, 18) ^ (x >>> 3)) + (r(y, 17) ^ r(y, 19) ^ (y >>> 10));
      }
      const t = (h + (r(e, 6) ^ r(e, 11) ^ r(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const u = (r(a, 2) ^ r(a, 13) ^ r(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g; g = f; f = e; e = (d + t) | 0; d = c; c = b; b = a; a = (t + u) | 0;
    }
    return [a, b, c, d, e, f, g, h].map((x, i) => (x + state[i]) | 0);
  };
  const fill = (text, from) => {
    w.fill(0);
    for (let i = 0; i < 64 && from + i <= text.length; i += 1) {
      w[i >> 2] |= (from + i < text.length ? text.charCodeAt(from + i) : 128) << (24 - (i % 4) * 8);
    }
  };
  /* The token is longer than a block, so that the first block is the same for all numbers. */
  const solve = (token, bits, n, end) => {
    fill(token, 0);
    const first = block(H);
    for (; n < end; n += 1) {
      const text = `${token}:${n}`;
      fill(text, 64);
      w[15] = text.length * 8;
      if (Math.clz32(block(first)[0]) >= bits) return n;
    }
    return -1;
  };
  const doc = win.document;
  if (!doc) {
    win.onmessage = ({ data }) => win.postMessage(solve(data[0], data[1], 0, 1e15));
    return;
  }

  const script = doc.currentScript;
  const base = new URL(script.src).origin;
  const url = encodeURIComponent;
  const here = win.location;
  const on = (el, type, handler) => el.addEventListener(type, handler);
  const $$ = (el, what) => [...el.querySelectorAll(what)];
  const visitor = () => (/(?:^|; )fw_id=([\w-]{16,64})/.exec(doc.cookie) || ['', ''])[1];
  const make = (tag, more) => Object.assign(doc.createElement(tag), more);
  const policy = win.trustedTypes && win.trustedTypes.createPolicy('furrow', { createHTML: (text) => text });
  const json = (path) => fetch(base + path).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer)));
  const prove = ([token, bits]) => new Promise((done) => {
    const slowly = (n) => {
      const found = solve(token, bits, n, n + 3000);
      if (found < 0) setTimeout(slowly, 0, n + 3000);
      else done(found);
    };
    try {
      const worker = new Worker(here.origin === base ? script.src
        : URL.createObjectURL(new Blob([`importScripts("${script.src}")`])));
      worker.onmessage = ({ data }) => { done(data); worker.terminate(); };
      worker.onerror = () => slowly(0);
      worker.postMessage([token, bits]);
    } catch (e) { slowly(0); }
  });

  /* ---- one form: conditions, steps, proof, sending ---- */
  const holds = (form, [name, op, want]) => {
    const has = new FormData(form).getAll(name).filter((v) => v);
    const low = want.toLowerCase();
    const is = has.some((v) => (op === 'contains' ? v.toLowerCase().includes(low) : v.toLowerCase() === low));
    return { is, is_not: !is, filled: has.length > 0, empty: !has.length, contains: is }[op];
  };
  const inputs = (el) => $$(el, 'input,select,textarea');
  const enhance = (form, path, challenge, thank) => {
    const decide = () => $$(form, '[data-if^="{"]').forEach((el) => {
      const { any, if: list } = JSON.parse(el.dataset.if);
      el.hidden = !list[any ? 'some' : 'every']((one) => holds(form, one));
      inputs(el).forEach((input) => { input.disabled = el.hidden; });
    });
    const steps = $$(form, '.step');
    const end = form.lastElementChild;
    let at = 0;
    let go = () => {};
    if (steps[1]) {
      const button = (text, by) => make('button', {
        type: 'button', className: 'btn', textContent: text, onclick: () => (by < 0 || fine(steps[at])) && go(at + by, 1),
      });
      const back = button(form.dataset.back || '←', -1);
      const next = button(form.dataset.next || '→', 1);
      const bar = make('progress', { max: steps.length });
      form.prepend(bar);
      end.before(back, next);
      go = (to, move) => {
        at = to;
        bar.value = at + 1;
        bar.ariaLabel = `${at + 1}/${steps.length}`;
        steps.forEach((step, i) => { step.hidden = i !== at; });
        back.hidden = !at;
        next.hidden = !(end.hidden = at < steps.length - 1);
        if (move) inputs(steps[at])[0]?.focus();
      };
      go(0);
    }
    const fine = (el) => {
      const bad = inputs(el).find((input) => !input.disabled && !input.checkValidity());
      if (bad && steps[1]) go(steps.findIndex((step) => step.contains(bad)));
      bad?.reportValidity();
      return !bad;
    };
    form.noValidate = true;
    const { tips } = form.dataset;
    if (tips) import(tips).then((its) => its.tip(form));
    on(form, 'input', decide);
    decide();
    if (!path) return;

    const tell = (what) => fetch(`${base + path}/seen`, {
      method: 'POST', keepalive: true, body: JSON.stringify({ what, page: here.href, from: doc.referrer }),
    }).catch(() => {});
    let proof;
    let since;
    const begin = () => {
      since = Date.now();
      proof = (challenge?.token ? Promise.resolve(challenge) : json(`${path}/challenge`))
        .then(({ token, bits }) => prove([token, bits]).then((n) => ({ fw_token: token, fw_proof: n }))).catch(() => ({}));
      challenge = 0;
    };
    const start = () => {
      if (!proof) {
        begin();
        tell('start');
      }
    };
    on(form, 'focusin', start);
    tell('view');
    on(form, 'submit', (event) => {
      event.preventDefault();
      if (form.ariaBusy || !fine(form)) return;
      start();
      if (Date.now() - since > 3e6) begin();
      form.ariaBusy = 'true';
      const wait = new Promise((done) => setTimeout(done, 1300 - Date.now() + since));
      Promise.all([proof, wait]).then(([more]) => {
        Object.entries({ ...more, fw_page: here.href, fw_from: doc.referrer }).forEach(([name, value]) => {
          (form.elements[name] || form.insertBefore(make('input', { type: 'hidden', name }), steps[0])).value = value;
        });
        const id = form.elements.fw_id;
        id.value = id.value || visitor();
        proof = form.ariaBusy = null;
        if (thank) thank(new FormData(form), begin);
        else form.submit();
      });
    });
  };
  const ours = () => $$(doc, 'form[data-fw]').forEach((form) => enhance(form, form.dataset.fw));

  /* ---- in a shadow root ---- */
  const mount = (host, slug, wrap, before) => {
    const path = `/f/${slug}`;
    const root = host.attachShadow({ mode: 'open' });
    return json(`${path}/embed?lang=${url(host.lang || '')}&q=${url(here.search.slice(1))}&fw=${visitor()}`).then((got) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(got.css);
      root.adoptedStyleSheets = [sheet];
      const box = make(wrap || 'div', { className: 'fw', lang: got.lang, dir: got.dir });
      box.dataset.theme = script.dataset.theme || '';
      box.innerHTML = policy ? policy.createHTML(got.html) : got.html;
      root.append(box);
      if (before) before(box, got);
      const form = box.querySelector('form');
      const fail = (textContent) => Object.assign(form.querySelector('.error-summary'), { textContent, hidden: false });
      enhance(form, path, got, (data, again) => fetch(base + path, {
        method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams(data),
      }).then((answer) => answer.json().then((told) => {
        if (!answer.ok) {
          $$(form, '.field-error').forEach((el) => el.remove());
          fail(told.detail);
          (told.errors || []).forEach(({ field, message }) => {
            const input = $$(form, `[name="${field}"]`)[0];
            if (input) input.closest('.field').append(make('p', { className: 'field-error', textContent: message }));
          });
          return again();
        }
        host.dispatchEvent(new CustomEvent('furrow:sent', { bubbles: true, detail: told }));
        if (told.redirect) here.assign(told.redirect);
        const p = make('p', { className: 'intro', textContent: told.message, tabIndex: -1 });
        form.replaceWith(p);
        const link = told.download || (told.next && `${base}/f/${told.next}`);
        if (link) p.after(make('a', { className: 'btn btn-primary', href: link, textContent: told.download ? told.download_text : '→' }));
        p.focus();
      })).catch(() => { fail('✕'); again(); }));
      return box;
    });
  };
  /* The page's own style may say anything of our element, but nothing goes before this. */
  const plain = (host, style) => Object.entries({ all: 'initial', display: 'block', ...style })
    .forEach(([name, value]) => host.style.setProperty(name, value, 'important'));

  /* ---- pop-ups ---- */
  const kept = (slug, value) => {
    try {
      const store = win.localStorage;
      return value ? store.setItem(`furrow:${slug}`, value) : +store.getItem(`furrow:${slug}`);
    } catch (e) { return 0; }
  };
  let shown;
  const pop = ({ slug, look, top }) => {
    if (shown) return;
    shown = true;
    const host = make('div');
    plain(host);
    doc.body.append(host);
    mount(host, slug, 'dialog', (box, got) => {
      const close = () => { box.close(); host.remove(); };
      const x = make('button', { type: 'button', className: 'x', textContent: '×', ariaLabel: got.close, onclick: close });
      box.className += ` pop ${look}${top ? ' top' : ''}`;
      box.ariaLabel = box.querySelector('.fw-title').textContent;
      box.append(x);
      kept(slug, Date.now());
      on(box, 'keydown', (event) => event.key === 'Escape' && close());
      if (look === 'modal' && win.innerWidth > 640) box.showModal();
      else box.setAttribute('open', '');
    });
    on(host, 'furrow:sent', () => kept(slug, 9e15));
  };
  const arm = (p) => {
    const last = kept(p.slug);
    if (last && Date.now() < last + (p.days || 3650) * 864e5) return;
    const now = () => pop(p);
    if (p.after) setTimeout(now, p.after * 1000);
    if (p.scroll) {
      on(win, 'scroll', () => {
        if ((win.scrollY + win.innerHeight) / doc.documentElement.scrollHeight * 100 >= p.scroll) now();
      });
    }
    if (p.exit) on(doc, 'mouseout', (event) => event.clientY <= 0 && !event.relatedTarget && now());
    if (!p.after && !p.scroll && !p.exit) now();
  };

  const ready = () => {
    ours();
    $$(doc, '[data-furrow-form]').forEach((host) => {
      if (host.shadowRoot) return;
      plain(host);
      mount(host, host.dataset.furrowForm);
    });
    if ('popups' in script.dataset) {
      json(`/f/-/popups?page=${url(here.href)}&fw=${visitor()}`).then(({ popups }) => popups.forEach(arm), () => {});
    }
  };
  win.furrowForm = enhance;
  if (doc.readyState === 'loading') on(doc, 'DOMContentLoaded', ready);
  else ready();
})(self);
