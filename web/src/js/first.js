// first.js -- the page is painted: what its first frame left out (css/first.css) comes now and never waits again.
new PerformanceObserver((list, observer) => {
  observer.disconnect();
  document.documentElement.classList.add('is-painted');
}).observe({ type: 'paint', buffered: true });
