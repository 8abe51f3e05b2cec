// shop.mjs -- the web site of a company that uses Furrow: plain pages with a tracker on each. The tracker is either the
// npm packages plausible-tracker and @plausible-analytics/tracker, served as they were published, our own, or any tag.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const published = join(here, '../node_modules/plausible-tracker/build/module');

const newer = join(here, '../node_modules/@plausible-analytics/tracker/plausible.js');

const texts = {
  '/': ['Northfield soil probes', 'Probes that tell you when a field is thirsty.'],
  '/features': ['What a probe knows', 'Moisture at four depths, every ten minutes, for five years on one cell.'],
  '/pricing': ['Prices', 'From 240 euros a probe; the gateway is free from ten probes on.'],
  '/demo': ['See it in your field', 'We come by, dig four holes and leave you a fortnight of readings.'],
  '/customers/orchard': ['An orchard in Kent', 'A third less water, the same apples.'],
  '/contact': ['Talk to us', 'We answer within a working day.'],
};
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
const nav = Object.keys(texts).map((path) => `<a href="${path}">${texts[path][0]}</a>`).join('\n');

/* The script of a site that uses the package as its README says. */
const plausible = (furrow) => `import Plausible from '/plausible-tracker/index';
const { enableAutoPageviews, enableAutoOutboundTracking, trackEvent } = Plausible({ domain: 'shop.example', apiHost: '${furrow}' });
enableAutoPageviews();
enableAutoOutboundTracking();
window.trackEvent = trackEvent;
`;

const page = (path, { head, form }) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${texts[path][0]}</title>${head}</head>
<body><nav>${nav}</nav><main><h1>${texts[path][0]}</h1><p>${texts[path][1]}</p>
<p><a id="out" href="http://elsewhere.example/paper">A paper on soil</a> <a id="file" href="/prices.pdf">Price list</a></p>
${path === '/contact' ? form : ''}<div style="height:${path === '/features' ? 3000 : 10}px"></div></main></body></html>`;

const types = { '.js': 'text/javascript', '.pdf': 'application/pdf' };

/* The same with Plausible's newer package, which is one file. */
const plausibleInit = (furrow) => `import { init, track } from '/plausible-analytics-tracker.js';
init({ domain: 'shop.example', endpoint: '${furrow}/api/event', outboundLinks: true, fileDownloads: true, formSubmissions: true });
window.trackEvent = track;
`;

/* furrow: where events go. tracker: plausible | plausible-analytics | own | none, or the tags of one; data: more attributes of our own
 * script's tag. form: the address that the plain HTML form posts to. Several host names may lead here. */
export async function startShop({ furrow, tracker = 'plausible', data = '', form = '' }) {
  const heads = {
    plausible: '<script type="module" src="/site.js"></script>',
    'plausible-analytics': '<script type="module" src="/site-init.js"></script>',
    own: `<script defer data-domain="shop.example" ${data} src="${escape(furrow)}/js/furrow.js"></script>`,
    none: '',
  };
  const head = () => heads[tracker] ?? tracker;
  const shop = { form };
  const formHtml = () => `<form method="post" action="${escape(shop.form)}">
<label>First name <input name="first_name"></label> <label>Last name <input name="last_name"></label>
<label>Work email <input name="email" type="email"></label> <label>Company <input name="company"></label>
<label>Acres <input name="acres"></label> <label><input type="checkbox" name="consent" value="yes"> Yes, write to me</label>
<input type="hidden" name="fw_id"><button>Ask for a call</button></form>`;
  const server = createServer(async (request, answer) => {
    const { pathname } = new URL(request.url, 'http://shop.example');
    const send = (status, type, body) => {
      answer.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
      answer.end(body);
    };
    if (pathname === '/site.js') return send(200, types['.js'], plausible(furrow));
    if (pathname === '/site-init.js') return send(200, types['.js'], plausibleInit(furrow));
    if (pathname === '/plausible-analytics-tracker.js') return send(200, types['.js'], await readFile(newer));
    if (pathname.startsWith('/plausible-tracker/')) {
      const file = normalize(pathname.slice('/plausible-tracker/'.length));
      if (file.startsWith('..')) return send(404, 'text/plain', 'not here');
      return send(200, types['.js'], await readFile(join(published, `${file}.js`)));
    }
    if (pathname === '/prices.pdf') return send(200, types['.pdf'], '%PDF-1.4\n');
    if (pathname === '/paper') return send(200, 'text/html', '<title>Paper</title><h1>Soil</h1>');
    if (!texts[pathname]) return send(404, 'text/html', '<h1>Not here</h1>');
    return send(200, 'text/html', page(pathname, { head: head(), form: formHtml() }));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  return Object.assign(shop, {
    port,
    url: (path = '/', host = 'shop.example') => `http://${host}:${port}${path}`,
    stop: () => new Promise((done) => {
      server.closeAllConnections();
      server.close(done);
    }),
  });
}
