// umami.js -- what a page that carries Umami's snippet loads: the same attributes, the same functions, reports to /api/send of
// the host that it came from. Written from what Umami's documents say of its tracker (umami.is/docs/tracker-configuration,
// /tracker-functions). Served as /script.js.
((win, doc) => {
  const script = doc.currentScript;
  if (!script) return;
  const { location, navigator, history, screen } = win;
  const data = script.dataset;
  const website = data.websiteId;
  const off = (name) => data[name] === 'false';
  const on = (name) => data[name] === 'true';
  const domains = (data.domains || '').split(',').map((name) => name.trim()).filter(Boolean);
  const endpoint = `${(data.hostUrl || new URL(script.src).origin).replace(/\/$/, '')}/api/send`;
  let url;
  let referrer;
  let id;
  let cache;

  const refused = () => {
    try {
      if (win.localStorage.getItem('umami.disabled')) return true;
    } catch (e) { /* storage is closed to us */ }
    const asked = win.doNotTrack || navigator.doNotTrack;
    return !website || (domains.length && !domains.includes(location.hostname))
      || (on('doNotTrack') && (asked == 1 || asked === 'yes'));
  };
  const clean = (address) => {
    if (!address) return '';
    try {
      const there = new URL(address, location.href);
      if (on('excludeSearch')) there.search = '';
      if (on('excludeHash')) there.hash = '';
      return there.origin === location.origin ? there.pathname + there.search + there.hash : there.href;
    } catch (e) {
      return address;
    }
  };
  const outside = (address) => (address && new URL(address, location.href).origin !== location.origin ? address : '');
  const payload = () => ({
    website, hostname: location.hostname, screen: `${screen.width}x${screen.height}`, language: navigator.language,
    title: doc.title, url: clean(url), referrer: clean(referrer), tag: data.tag, id,
  });

  const send = async (type, what) => {
    if (refused()) return undefined;
    const before = win[data.beforeSend];
    const told = typeof before === 'function' ? before(type, what) : what;
    if (!told) return undefined;
    try {
      const answer = await win.fetch(endpoint, {
        method: 'POST', keepalive: true, credentials: data.fetchCredentials || 'omit', body: JSON.stringify({ type, payload: told }),
        headers: { 'Content-Type': 'application/json', ...(cache && { 'x-umami-cache': cache }) },
      });
      const said = await answer.json();
      cache = said.cache || cache;
      return said;
    } catch (e) {
      return undefined; // a page goes on without its counter
    }
  };
  const track = (what, more) => {
    if (typeof what === 'string') return send('event', { ...payload(), name: what, data: more });
    if (typeof what === 'function') return send('event', what(payload()));
    return send('event', what && typeof what === 'object' ? { ...what } : payload());
  };
  const identify = (who, more) => {
    if (typeof who === 'string') id = who;
    cache = '';
    return send('identify', { ...payload(), data: typeof who === 'object' ? who : more });
  };

  /* ---- pages, also those drawn without loading ---- */
  const view = (address) => {
    const next = new URL(address ?? location.href, location.href).href;
    if (clean(next) === clean(url) && url) return;
    referrer = url ? url : outside(doc.referrer);
    url = next;
    if (off('autoTrack')) return;
    const seen = payload(); // another page may be drawn before the title has followed the address
    win.setTimeout(() => send('event', { ...seen, title: doc.title }), address === undefined ? 0 : 300);
  };
  const hook = (name) => {
    const own = history[name];
    history[name] = function (state, title, address) {
      const out = own.apply(this, [state, title, address]);
      if (address) view(String(address));
      return out;
    };
  };

  /* ---- clicks on what says data-umami-event ---- */
  const clicked = (event) => {
    const at = event.target.closest && event.target.closest('[data-umami-event]');
    if (!at) return;
    const more = {};
    for (const { name, value } of at.attributes) {
      const key = /^data-umami-event-(.+)$/.exec(name);
      if (key) more[key[1]] = value;
    }
    track(at.getAttribute('data-umami-event'), more);
  };

  /* ---- how fast the page was: furrow's own measuring, told as Umami does ---- */
  const measure = () => {
    const source = doc.createElement('script');
    win.furrow = win.furrow || {};
    win.furrow.vitals = (vitals) => send('performance', { ...payload(), ...vitals });
    source.src = `${new URL(script.src).origin}/js/vitals.js`;
    doc.head.append(source);
  };

  win.umami = win.umami || { track, identify, getSession: () => ({ cache, website }) };
  url = '';
  const start = () => {
    view();
    if (on('performance')) measure();
  };
  if (!off('autoTrack')) {
    hook('pushState');
    hook('replaceState');
    win.addEventListener('popstate', () => view(location.href));
    doc.addEventListener('click', clicked, true);
  }
  if (doc.readyState === 'loading') doc.addEventListener('DOMContentLoaded', start);
  else start();
})(window, document);
