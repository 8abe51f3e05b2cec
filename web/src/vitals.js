// vitals.js -- how fast a page was, by web.dev's definitions; furrow.js fetches it where the site asks for it (data-vitals).
// Measured by the browser, told once, when the page is left or hidden for the first time.
//   lcp  the last largest paint before the first click or key      fcp  the first paint of anything
//   cls  the worst burst of shifts: gaps under 1 s, 5 s at most    ttfb the first byte of the answer
//   inp  the longest answer to a click or key; of many, one in fifty is left out
((win, doc) => {
  const vitals = {};
  const longest = [];
  const seen = new Map();
  const page = performance.getEntriesByType('navigation')[0] || {};
  const begins = page.activationStart || 0;
  const since = (ms) => Math.max(0, Math.round(ms - begins));
  let input;
  let told;
  let burst = 0;
  let first = 0;
  let last = 0;
  if (doc.hidden || !win.furrow) return; // opened in the background: what was measured is not what was waited for

  const watch = (type, take, more) => {
    try {
      const observer = new PerformanceObserver((list) => list.getEntries().forEach(take));
      observer.observe({ type, buffered: true, ...more });
      return () => observer.takeRecords().forEach(take);
    } catch (e) { return () => {}; }
  };
  const interaction = (entry) => {
    if (!entry.interactionId) return;
    seen.set(entry.interactionId, Math.max(seen.get(entry.interactionId) || 0, entry.duration));
  };
  const flush = [
    watch('largest-contentful-paint', (entry) => { if (!(input < entry.startTime)) vitals.lcp = since(entry.startTime); }),
    watch('paint', (entry) => { if (entry.name == 'first-contentful-paint') vitals.fcp = since(entry.startTime); }),
    watch('layout-shift', (entry) => {
      if (entry.hadRecentInput) return;
      if (entry.startTime - last > 1000 || entry.startTime - first > 5000) {
        burst = 0;
        first = entry.startTime;
      }
      last = entry.startTime;
      burst += entry.value;
      vitals.cls = Math.max(vitals.cls || 0, Math.round(burst * 1000) / 1000);
    }),
    watch('event', interaction, { durationThreshold: 40 }),
    watch('first-input', interaction),
  ];
  ['keydown', 'pointerdown'].forEach((type) => win.addEventListener(type, (event) => { input = input || event.timeStamp; },
    { capture: true, once: true }));

  const tell = () => {
    if (told) return;
    told = true;
    flush.forEach((take) => take());
    longest.push(...seen.values());
    longest.sort((a, b) => b - a);
    if (longest.length) vitals.inp = Math.round(longest[Math.min(longest.length - 1, Math.floor(longest.length / 50))]);
    if (page.responseStart > 0) vitals.ttfb = since(page.responseStart);
    if (vitals.fcp != null) vitals.cls = vitals.cls || 0;
    if (Object.keys(vitals).length) win.furrow.vitals(vitals);
  };
  doc.addEventListener('visibilitychange', () => { if (doc.hidden) tell(); }, true);
  win.addEventListener('pagehide', tell, true);
})(window, document);
