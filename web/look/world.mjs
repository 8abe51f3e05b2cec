// world.mjs -- the countries as shapes: lines "DE 512,203 513,204 ...;..." in a box that the first line gives. Shapes
// are Natural Earth's (public domain, by way of world-atlas), laid flat by the Equal Earth projection (Savric,
// Patterson, Jenny 2018), which shows areas in their true proportion. Countries too small for a shape are a point.
import { createRequire } from 'node:module';
import { feature } from 'topojson-client';
import countries from 'i18n-iso-countries';

const require = createRequire(import.meta.url);
const WIDTH = 1000;
const SOUTH = -56;
const NORTH = 84;
const RAD = Math.PI / 180;
const [A1, A2, A3, A4] = [1.340264, -0.081106, 0.000893, 0.003796];

function flat([lon, lat]) {
  const t = Math.asin(Math.sqrt(3) / 2 * Math.sin(lat * RAD));
  const t2 = t * t;
  const t6 = t2 ** 3;
  return [2 * Math.sqrt(3) / 3 * lon * RAD * Math.cos(t) / (A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2)),
    t * (A1 + A2 * t2 + t6 * (A3 + A4 * t2))];
}
const [RIGHT] = flat([180, 0]);
const [, TOP] = flat([0, NORTH]);
const [, BOTTOM] = flat([0, SOUTH]);
const SCALE = WIDTH / 2 / RIGHT;
const place = (point) => {
  const [x, y] = flat(point);
  return `${Math.round((x + RIGHT) * SCALE)},${Math.round((TOP - y) * SCALE)}`;
};

/* A ring without points that fall on the one before; '' when nothing is left of it. */
function ring(points) {
  let turn = 0; /* one that goes over the date line stays in one piece */
  const whole = points.map(([lon, lat], i) => {
    const step = i ? lon - points[i - 1][0] : 0;
    if (Math.abs(step) > 180) turn -= Math.sign(step) * 360;
    return [lon + turn, lat];
  });
  const out = whole.map(place).filter((p, i, all) => p !== all[i - 1]);
  return new Set(out).size < 3 ? '' : out.join(' ');
}
const rings = ({ type, coordinates }) => (type === 'Polygon' ? [coordinates] : coordinates)
  .flatMap((polygon) => polygon.map(ring)).filter(Boolean);
const middle = ({ type, coordinates }) => {
  const points = type === 'Polygon' ? coordinates[0] : coordinates[0][0];
  return place([0, 1].map((k) => points.reduce((sum, p) => sum + p[k], 0) / points.length));
};
const all = (name) => {
  const atlas = require(`world-atlas/${name}.json`);
  return feature(atlas, atlas.objects.countries).features
    .map(({ id, geometry }) => [countries.numericToAlpha2(id), geometry]).filter(([code]) => code && code !== 'AQ');
};

export function world() {
  const lines = new Map(all('countries-110m').map(([code, geometry]) => [code, rings(geometry).join(';')]));
  for (const [code, geometry] of all('countries-50m')) if (!lines.get(code)) lines.set(code, middle(geometry));
  const height = Math.round((TOP - BOTTOM) * SCALE);
  return `${WIDTH} ${height}\n${[...lines].map(([code, shape]) => `${code} ${shape}\n`).join('')}`;
}
