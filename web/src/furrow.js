// furrow.js -- the tracker: page views, engagement, outbound links, downloads and forms, sent as Plausible's
// protocol has it. Without consent it stores nothing. Also served as /js/script.js for sites that carry
// a Plausible snippet: change the address of the script and nothing else.
//
//   <script defer data-domain="example.com" src="https://crm.example.com/js/furrow.js"></script>
//   data-api      where events go; default: /api/event of the script's own host
//   data-vitals   measures how fast pages are, with a second small script
//   data-domains  own domains, with commas: a visitor with consent stays the same person across them
//   furrow('Signup', { props: { plan: 'team' } })       an event of one's own
//   furrow.consent(true)     from now on a first-party id, 13 months; consent(false) forgets it
//   furrow.identify(email)   ties the visit to the contact with that address
// A browser whose localStorage.furrow_ignore (or plausible_ignore) is "true" is not counted.
((win, doc) => {
  const loc = win.location;
  const script = doc.currentScript;
  const { api, domain, domains } = script.dataset;
  const own = domains ? domains.split(/[\s,]+/) : [];
  const THIRTEEN_MONTHS_S = 34187400;
  const ID = /^[\w-]{16,64}$/;
  const early = (win.furrow || win.plausible || {}).q || [];
  let page, shown, engaged, since, depth, told;

  const listen = (target, types, handler) => types.split(' ')
    .forEach((type) => target.addEventListener(type, handler, true));

  /* ---- consent: the id is the only thing ever stored ---- */
  const readId = () => (/(?:^|; )fw_id=([\w-]{16,64})/.exec(doc.cookie) || [])[1];
  const keep = (id, seconds) => {
    doc.cookie = `fw_id=${id};path=/;max-age=${seconds};samesite=lax${loc.protocol == 'https:' ? ';secure' : ''}`;
    fillForms();
  };
  const fillForms = () => doc.querySelectorAll('input[name=fw_id]')
    .forEach((input) => { input.value = readId() || ''; });
  const makeId = () => Array.from(win.crypto.getRandomValues(new Uint8Array(16)),
    (n) => (n + 256).toString(16).slice(1)).join('');
  const consent = (yes) => {
    keep(yes ? readId() || makeId() : '', yes ? THIRTEEN_MONTHS_S : 0);
    if (yes) send('consent', { i: false });
  };

  /* ---- sending ---- */
  const refused = () => {
    try {
      const kept = win.localStorage;
      return kept.furrow_ignore == 'true' || kept.plausible_ignore == 'true';
    } catch (e) { /* storage is closed to us: nobody has opted out there */ }
  };
  const send = (name, more, done = () => {}) => {
    if (refused() || loc.protocol == 'file:') return done();
    win.fetch(api || new URL(script.src).origin + '/api/event', {
      method: 'POST', headers: { 'Content-Type': 'text/plain' }, keepalive: true,
      body: JSON.stringify(Object.assign({
        n: name, u: page, d: domain || loc.hostname.replace(/^www\./, ''), r: doc.referrer || null, v: 1,
        fid: readId(),
      }, more)),
    }).then((answer) => done({ status: answer.status }), (error) => done({ error }));
  };

  /* ---- engagement: how far and how long a page was read ---- */
  const measure = () => {
    const height = doc.documentElement.scrollHeight || 1;
    depth = Math.max(depth, Math.min(100, Math.round((win.scrollY + win.innerHeight) / height * 100)));
  };
  const tick = () => {
    const now = Date.now();
    if (since) engaged += now - since;
    since = !doc.hidden && doc.hasFocus() && now;
  };
  const report = () => {
    tick();
    if (engaged > 3000 || depth > told) {
      send('engagement', { sd: depth, e: engaged });
      engaged = 0;
      told = depth;
    }
  };

  /* ---- page views, also of pages that are drawn without loading ---- */
  const view = () => {
    if (shown == loc.pathname + loc.search) return;
    if (shown) report();
    shown = loc.pathname + loc.search;
    page = loc.href;
    engaged = depth = since = told = 0;
    send('pageview');
    tick();
    measure();
    fillForms();
  };

  /* ---- a visitor with consent who comes from another of our own domains; who comes by a mail's link is
          known: which click it was is told. Both leave the address ---- */
  const isOwn = (host) => own.some((name) => host == name || host.endsWith('.' + name));
  const here = new URL(loc);
  const take = (name) => {
    const value = here.searchParams.get(name);
    if (value) {
      here.searchParams.delete(name);
      win.history.replaceState(win.history.state, '', here);
    }
    return value;
  };
  const handed = take('fw');
  if (ID.test(handed) && doc.referrer && isOwn(new URL(doc.referrer).hostname) && !readId()) {
    keep(handed, THIRTEEN_MONTHS_S);
  }
  const mail = take('fw_m');
  if (mail && !refused()) {
    win.navigator.sendBeacon(new URL('/m/v', script.src), new URLSearchParams({ m: mail, fid: readId() || '' }));
  }
  const clicked = ({ target }) => {
    const link = target.closest && target.closest('a[href]');
    if (!link || !/^http/.test(link.protocol)) return;
    const elsewhere = link.host != loc.host;
    if (elsewhere && isOwn(link.hostname)) {
      const to = new URL(link.href);
      if (readId()) to.searchParams.set('fw', readId());
      link.href = to;
    } else if (/\.(pdf|xlsx?|docx?|pptx?|csv|txt|zip|rar|7z|gz|dmg|pkg|exe|msi|mp[34]|mov|wav)$/i.test(link.pathname)) {
      send('File Download', { p: { url: link.origin + link.pathname } });
    } else if (elsewhere) send('Outbound Link: Click', { p: { url: link.href } });
  };

  const track = (name, { props, interactive, revenue, callback, u } = {}) => send(
    name, { p: props, i: interactive, $: revenue, u: u || page }, callback);
  track.consent = consent;
  track.vitals = (vitals) => send('performance', { vitals, i: false });
  track.identify = (email) => send('identify', { i: false, email });
  win.furrow = win.plausible = track;

  const push = win.history.pushState;
  win.history.pushState = function (...args) { push.apply(this, args); view(); };
  listen(win, 'popstate', view);
  listen(win, 'scroll', measure);
  listen(win, 'focus blur', tick);
  listen(doc, 'visibilitychange', () => (doc.hidden ? report() : tick()));
  listen(win, 'pagehide', report);
  listen(doc, 'click auxclick', clicked);
  listen(doc, 'submit', () => { fillForms(); send('Form: Submission', { p: { path: loc.pathname } }); });
  listen(doc, 'DOMContentLoaded', fillForms);
  view();
  if ('vitals' in script.dataset) {
    doc.head.append(Object.assign(doc.createElement('script'), { src: new URL('/js/vitals.js', script.src) }));
  }
  early.forEach((args) => track(...args));
})(window, document);
