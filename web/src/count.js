// count.js -- what a page that carries GoatCounter's snippet loads: the same attribute, settings and functions, reports to /count.
// Written from what GoatCounter's documents say of its script (goatcounter.com/help/js, /help/skip-dev, /help/events).
//   <script data-goatcounter="https://crm.example.com/count" async src="https://crm.example.com/count.js"></script>
// Which site it is the server reads from the page's own host, or from ?site= in data-goatcounter.
((win, doc) => {
  const script = doc.currentScript || doc.querySelector('script[data-goatcounter]');
  const own = win.goatcounter && win.goatcounter.vars ? win.goatcounter.vars : win.goatcounter || {};
  const settings = { ...own, ...JSON.parse((script && script.dataset.goatcounterSettings) || '{}') };
  const { location, navigator, screen } = win;

  const canonical = () => {
    const link = doc.querySelector('link[rel=canonical][href]');
    const there = link && new URL(link.href);
    return there && there.hostname.replace(/^www\./, '') === location.hostname.replace(/^www\./, '') ? there : location;
  };
  const said = (name, vars, otherwise) => {
    const value = vars[name] != null ? vars[name] : settings[name];
    return typeof value === 'function' ? value(otherwise()) : value == null ? otherwise() : value;
  };
  const bot = () => {
    if (win.callPhantom || win._phantom || win.phantom) return 150;
    if (win.__nightmare) return 151;
    if (doc.__selenium_unwrapped || doc.__webdriver_evaluate || doc.__driver_evaluate) return 152;
    return navigator.webdriver ? 153 : 0;
  };
  /* Why a visit is not counted, or false. */
  const filter = () => {
    if (doc.visibilityState === 'prerender') return 'visibilityState';
    if (!settings.allow_frame && win !== win.parent) return 'frame';
    if (!settings.allow_local && /^(localhost$|127\.|10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|0\.0\.0\.0$)/.test(location.hostname)) return 'localhost';
    if (!settings.allow_local && location.protocol === 'file:') return 'localfile';
    try {
      if (win.localStorage.getItem('skipgc') === 't') return 'disabled with #toggle-goatcounter';
    } catch (e) { /* storage is closed to us */ }
    return false;
  };
  const data = (vars = {}) => ({
    p: said('path', vars, () => canonical().pathname + canonical().search || '/'),
    r: said('referrer', vars, () => doc.referrer),
    t: said('title', vars, () => doc.title),
    e: !!(vars.event || settings.event),
    s: screen.width,
    b: bot(),
    q: location.search,
  });
  const endpoint = () => settings.endpoint || (script && (script.dataset.goatcounter || new URL('/count', script.src).href));
  const url = (vars) => {
    const told = data(vars);
    if (told.p === null) return undefined; // the path's function says no
    const there = new URL(endpoint(), location.href);
    Object.entries(told).forEach(([name, value]) => {
      if (value !== '' && value !== false && value != null) there.searchParams.set(name, value);
    });
    there.searchParams.set('rnd', Math.random().toString(36).slice(2, 7));
    return there.href;
  };
  const count = (vars) => {
    if (filter()) return;
    const there = url(vars);
    if (!there) return;
    if (navigator.sendBeacon && navigator.sendBeacon(there)) return;
    const pixel = new Image();
    pixel.src = there;
  };
  const bind = () => doc.querySelectorAll('[data-goatcounter-click]').forEach((at) => {
    if (at.dataset.goatcounterBound) return;
    at.dataset.goatcounterBound = 'true';
    const send = () => count({
      event: true, path: at.dataset.goatcounterClick || at.name || at.id || '',
      title: at.dataset.goatcounterTitle || at.title || at.textContent.trim().slice(0, 200),
      referrer: at.dataset.goatcounterReferrer || '',
    });
    at.addEventListener('click', send);
    at.addEventListener('auxclick', send);
  });

  win.goatcounter = {
    ...settings, count, url, filter, bind_events: bind, get_data: data,
    get_query: (name) => new URLSearchParams(location.search).get(name) ?? undefined,
  };
  if (location.hash === '#toggle-goatcounter') {
    const skips = win.localStorage.getItem('skipgc') === 't';
    if (skips) win.localStorage.removeItem('skipgc');
    else win.localStorage.setItem('skipgc', 't');
    win.alert(skips ? 'Your visits are counted in this browser again.' : 'Your visits are not counted in this browser.');
  }
  const start = () => {
    if (!settings.no_onload) count();
    if (!settings.no_events) bind();
  };
  if (doc.body) start();
  else doc.addEventListener('DOMContentLoaded', start);
})(window, document);
