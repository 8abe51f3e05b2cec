// first.js -- the first frame comes first. Once it is painted, what it left out (css/first.css) is shown for good and the
// scripts of the page run, in the order in which its head names them: <link rel="preload" as="script">. They cost a third
// of the time until the first paint when they ran before it, and nobody can press anything that is not there yet. What
// draws a part of the page, such as a chart, is an ordinary <script defer>, so that it is there in the first frame. A page
// that nobody looks at paints nothing: its scripts run at once.
const WAIT_MS = 2000; /* for a browser that tells of no paint */
const root = document.documentElement;
let begun = false;

function begin() {
  if (begun) return;
  begun = true;
  root.classList.add('is-painted');
  const scripts = [...document.querySelectorAll('link[rel=preload][as=script]')].map((link) => {
    const script = document.createElement('script');
    script.src = link.href;
    script.async = false; /* in their order */
    return script;
  });
  const last = scripts.at(-1);
  for (const end of ['load', 'error']) last?.addEventListener(end, () => root.classList.add('is-ready'));
  document.head.append(...scripts);
}

document.addEventListener('DOMContentLoaded', () => {
  if (document.hidden) begin();
  else {
    new PerformanceObserver(begin).observe({ type: 'paint', buffered: true });
    setTimeout(begin, WAIT_MS);
  }
});
