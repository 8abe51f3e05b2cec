// charts.js -- draws each <figure data-chart> from the table inside it: line, bar, stack (bars on one
// another), bars (lying, with their names), funnel, sankey (ways from place to place) and map (countries). Colours come from the style sheet, so that a thing has one colour everywhere.
import { BarChart, LineChart, SankeyChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { CanvasRenderer } from 'echarts/renderers';
import { $, $$ } from './js/dom.js';

echarts.use([BarChart, LineChart, SankeyChart, GridComponent, MarkLineComponent, TooltipComponent, LabelLayout, CanvasRenderer]);

const SIZE = document.body.classList.contains('wall') ? 15 : 12;
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
/* Several channels share a colour: the style sheet says which. */
function channelColor(name) {
  const probe = document.createElement('i');
  probe.className = `ch ch-${name}`;
  probe.hidden = true;
  document.body.append(probe);
  const color = getComputedStyle(probe).getPropertyValue('--ch').trim();
  probe.remove();
  return color;
}
const colorOf = (name) => (name.startsWith('series-') ? token(`--${name}`) : channelColor(name)) || token('--series-1');

/* The table as data: series with a name and a colour, categories, numbers and their words. */
function readTable(figure) {
  const series = $$('thead th', figure).map((th) => ({
    name: th.textContent.trim(), color: th.dataset.color, numbers: [], words: [],
  }));
  const names = [];
  const channels = [];
  const notes = [];
  const happened = [];
  for (const row of $$('tbody tr', figure)) {
    names.push(($('.chart-label', row) ?? $('th', row)).textContent.trim());
    channels.push(row.dataset.channel);
    notes.push(row.dataset.note);
    happened.push($('.chart-note', row)?.textContent.trim() ?? '');
    $$('td', row).forEach((td, i) => {
      series[i].numbers.push(td.dataset.number === '' ? null : Number(td.dataset.number));
      series[i].words.push(td.textContent.trim());
    });
  }
  return { series, names, channels, notes, happened };
}

const short = new Intl.NumberFormat(document.documentElement.lang || 'en',
  { notation: 'compact', maximumFractionDigits: 1 });

function axisText(unit) {
  if (unit === '%') return (n) => `${short.format(n)}%`;
  if (unit === 'min' || unit === 's') return (n) => `${short.format(n)} ${unit}`;
  return (n) => `${unit}${short.format(n)}`;
}

/* Names at the ends of lines that end close to each other are moved apart, those of the axis up. */
const end = (s) => s.numbers.findLastIndex((n) => n !== null);
const LINE_PX = 14;
function ends(data, height_px) {
  const most = Math.max(1e-9, ...data.series.flatMap((o) => o.numbers));
  const far = Math.max(...data.series.map(end));
  const labels = data.series.map((s, i) => ({ i, at: end(s), y: (s.numbers[end(s)] ?? 0) / most * height_px }))
    .filter((l) => far - l.at <= 2).sort((a, b) => a.y - b.y || b.i - a.i);
  const offsets = data.series.map(() => [0, 0]);
  let free = 0;
  for (const l of labels) {
    const y = Math.max(l.y, free);
    offsets[l.i] = [0, l.y - y];
    free = y + LINE_PX;
  }
  return offsets;
}

function seriesOf(kind, data, ink, figure) {
  const offsets = kind === 'line' && data.series.length > 1 ? ends(data, Math.max(60, $('.chart-canvas', figure).clientHeight - 50)) : [];
  const flat = kind === 'funnel' || kind === 'bars';
  return data.series.map((s, index) => {
    const compare = s.color === 'compare';
    const color = compare ? token('--ink-3') : colorOf(s.color);
    const one = { name: s.name, data: s.numbers, itemStyle: { color }, animation: false };
    if (kind === 'line') {
      return {
        ...one, type: 'line', showSymbol: s.numbers.filter((n) => n !== null).length < 2, symbolSize: 6,
        lineStyle: { width: compare ? 1.25 : 2, type: compare ? [4, 4] : 'solid', color },
        endLabel: {
          show: data.series.length > 1, formatter: `{key|■} ${s.name}`, color: ink, fontSize: SIZE, distance: 6, offset: offsets[index],
          rich: { key: { color, fontSize: 10 } },
        },
        areaStyle: data.series.filter((o) => o.color !== 'compare').length === 1 && !compare
          ? { color, opacity: 0.07 } : undefined,
      };
    }
    return {
      ...one, type: 'bar', barMaxWidth: 28, stack: kind === 'stack' ? 'all' : undefined,
      data: s.numbers.map((value, i) => (data.channels[i] && data.series.length === 1
        ? { value, itemStyle: { color: colorOf(data.channels[i]) } } : value)),
      itemStyle: { color, borderColor: token('--surface'), borderWidth: kind === 'stack' ? 0.5 : 0, borderRadius: kind === 'stack' ? 0 : flat ? [0, 2, 2, 0] : [2, 2, 0, 0] },
      label: kind === 'funnel' || (figure.dataset.labels && data.series.length === 1) ? {
        show: true, position: flat ? 'right' : 'top', color: ink, fontSize: SIZE,
        formatter: (p) => s.words[p.dataIndex] + (data.notes[p.dataIndex] ? `  {note|${data.notes[p.dataIndex]}}` : ''),
        rich: { note: { color: token('--ink-3'), fontSize: 11 } },
      } : undefined,
    };
  });
}

/* Beside lying bars stand their numbers, and what is said of them. */
function flatRoom(figure, data) {
  if (figure.dataset.chart !== 'funnel' && !(figure.dataset.labels && data.series.length === 1)) return 16;
  const most = Math.max(...data.series[0].numbers);
  return Math.max(48, ...data.series[0].words.map((w, i) => (w.length + 3) * 7 + (data.notes[i]?.length ?? 0) * 6
    - (1 - data.series[0].numbers[i] / most) * $('.chart-canvas', figure).clientWidth * 0.5));
}

/* Where something happened: a thin line from the axis, a dot on top. Its words are in the tooltip and in the table. */
function marks(data) {
  const at = data.happened.flatMap((note, i) => (note ? [{ xAxis: i }] : []));
  return at.length ? {
    symbol: ['none', 'circle'], symbolSize: 7, silent: true, animation: false, data: at, label: { show: false },
    lineStyle: { color: token('--ink-3'), type: [2, 3], width: 1 }, itemStyle: { color: token('--ink-2') },
  } : undefined;
}

function options(figure, data) {
  const kind = figure.dataset.chart;
  const ink = token('--ink-2');
  const line = token('--line');
  const font = { fontFamily: 'Inter, sans-serif', fontSize: SIZE, color: ink };
  const flat = kind === 'funnel' || kind === 'bars';
  const names = {
    type: 'category', data: data.names, inverse: flat, boundaryGap: kind !== 'line', axisTick: { show: false },
    axisLine: { lineStyle: { color: line } }, axisLabel: { ...font, hideOverlap: !flat, interval: flat ? 0 : 'auto', width: flat ? 130 : undefined, overflow: 'truncate' },
  };
  const whole = data.series.every((s) => s.numbers.every((n) => n === null || Number.isInteger(n)));
  const numbers = {
    type: 'value', min: 0, splitNumber: 4, minInterval: whole ? 1 : 0, splitLine: { lineStyle: { color: line } }, show: !flat,
    axisLabel: { ...font, formatter: axisText(figure.dataset.unit) },
  };
  if (data.series.some((s) => s.numbers.some((n) => n < 0))) delete numbers.min;
  const widest = Math.max(...data.series.map((s) => s.name.length));
  return {
    textStyle: font, animation: false,
    grid: {
      left: 4, top: 12, right: kind === 'line' && data.series.length > 1 ? Math.min(160, 26 + widest * 6.6) : flat ? flatRoom(figure, data) : 16,
      bottom: 4, containLabel: true,
    },
    xAxis: flat ? numbers : names, yAxis: flat ? names : numbers,
    tooltip: {
      trigger: 'axis', renderMode: 'richText', confine: true, backgroundColor: token('--surface'),
      borderColor: token('--line-strong'), borderWidth: 1, padding: [8, 10], textStyle: { ...font, color: token('--ink') },
      axisPointer: { lineStyle: { color: token('--line-strong') }, shadowStyle: { opacity: 0.06 } },
      formatter: (points) => [points[0].axisValueLabel, ...points.map((p) => `${p.seriesName}  ${
        data.series[p.seriesIndex].words[p.dataIndex]}`), ...(data.happened[points[0].dataIndex] || '').split('; ').filter(Boolean)
        .map((note) => `● ${note}`)].join('\n'),
    },
    series: seriesOf(kind, data, ink, figure).map((s, i) => (i || flat ? s : { ...s, markLine: marks(data) })),
  };
}

/* Rows "from, to, how many": a node is a name at a place from the left, since one may go to and fro. */
function readWays(figure) {
  const nodes = new Map();
  const links = [];
  const node = (at, text, channel) => {
    const name = `${at} ${text}`;
    if (!nodes.has(name)) nodes.set(name, { name, depth: Number(at), text });
    if (channel) nodes.get(name).channel = channel;
    return name;
  };
  for (const row of $$('tbody tr', figure)) {
    const [to, number] = $$('td', row);
    links.push({
      source: node(row.dataset.from, $('th', row).textContent.trim(), row.dataset.fromChannel),
      target: node(row.dataset.to, to.textContent.trim(), row.dataset.toChannel),
      value: Number(number.dataset.number), words: number.textContent.trim(),
    });
  }
  return { nodes: [...nodes.values()], links };
}

function sankeyOptions(figure, { nodes, links }) {
  const font = { fontFamily: 'Inter, sans-serif', fontSize: SIZE, color: token('--ink-2') };
  const last = Math.max(...nodes.map((n) => n.depth));
  const textOf = new Map(nodes.map((n) => [n.name, n.text]));
  const quiet = token('--line-strong');
  return {
    textStyle: font, animation: false,
    tooltip: {
      trigger: 'item', renderMode: 'richText', confine: true, backgroundColor: token('--surface'),
      borderColor: token('--line-strong'), borderWidth: 1, padding: [8, 10], textStyle: { ...font, color: token('--ink') },
      formatter: (p) => (p.dataType === 'edge'
        ? `${textOf.get(p.data.source)} › ${textOf.get(p.data.target)}\n${p.data.words} people`
        : `${textOf.get(p.name)}\n${short.format(p.value)} people`),
    },
    series: [{
      type: 'sankey', left: 4, right: 4, top: 8, bottom: 8, nodeGap: 10, nodeWidth: 10, draggable: false,
      nodeAlign: 'left', layoutIterations: 32, labelLayout: { hideOverlap: true }, emphasis: { focus: 'adjacency' },
      lineStyle: { color: quiet, opacity: 0.55, curveness: 0.5 },
      data: nodes.map((n) => ({
        name: n.name, depth: n.depth,
        itemStyle: { color: n.text.startsWith('(') ? quiet : n.channel ? colorOf(n.channel) : token('--series-1'), borderWidth: 0 },
        label: {
          ...font, position: n.depth === last ? 'left' : 'right', formatter: () => n.text, overflow: 'truncate', width: 150,
        },
      })),
      links,
    }],
  };
}

/* Where rows lead somewhere, so does a click on their place in the chart. */
function followRows(chart, figure) {
  const at = (event) => chart.containPixel('grid', [event.offsetX, event.offsetY])
    && chart.convertFromPixel({ seriesIndex: 0 }, [event.offsetX, event.offsetY])[['bars', 'funnel'].includes(figure.dataset.chart) ? 1 : 0];
  chart.getZr().off('click');
  chart.getZr().on('click', (event) => {
    const place = at(event);
    if (Number.isInteger(place)) $$('tbody tr', figure)[place]?.querySelector('th a')?.click();
  });
  chart.getZr().on('mousemove', (event) => chart.getZr().setCursorStyle(at(event) === false ? 'default' : 'pointer'));
}

/* Countries by how many, from the same shapes that the server prints. Those that were the most stand beside it. */
let worldText;
const readWorld = (src) => (worldText ??= fetch(src).then((answer) => (answer.ok ? answer.text() : Promise.reject(answer.status))));
const svg = (tag, attributes) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
};
async function drawMap(figure) {
  const rows = new Map($$('tbody tr', figure).map((row) => [row.dataset.key, row]));
  const numberOf = (row) => Number($('td', row).dataset.number);
  const most = Math.max(1, ...[...rows.values()].map(numberOf));
  let text;
  try {
    text = await readWorld(figure.dataset.worldSrc);
  } catch {
    return; /* the table has it all */
  }
  const [box, ...lines] = text.trim().split('\n');
  const map = svg('svg', { viewBox: `0 0 ${box}`, class: 'map', role: 'img' });
  for (const line of lines) {
    const at = line.indexOf(' ');
    const row = rows.get(line.slice(0, at));
    const rings = line.slice(at + 1).split(';');
    const shape = rings[0].includes(' ')
      ? svg('path', { d: rings.map((ring) => `M${ring.replaceAll(' ', 'L')}Z`).join('') })
      : svg('circle', { cx: rings[0].split(',')[0], cy: rings[0].split(',')[1], r: row ? 4 : 1.5 });
    if (row) {
      shape.setAttribute('class', 'is-known');
      shape.setAttribute('fill-opacity', (0.15 + 0.85 * Math.sqrt(numberOf(row) / most)).toFixed(3));
      const name = svg('title', {});
      name.textContent = `${$('th', row).textContent.trim()}: ${$('td', row).textContent.trim()}`;
      shape.append(name);
      const link = $('a', row);
      if (link) shape.addEventListener('click', () => link.click());
    }
    map.append(shape);
  }
  map.setAttribute('aria-label', `${$('figcaption', figure).textContent.trim()}. The table below has the numbers.`);
  const list = document.createElement('ol');
  list.className = 'map-most';
  list.setAttribute('aria-hidden', 'true');
  for (const row of [...rows.values()].slice(0, 6)) {
    const item = document.createElement('li');
    item.textContent = `${$('th', row).textContent.trim()} ${$('td', row).textContent.trim()}`;
    list.append(item);
  }
  figure.classList.add('is-drawn');
  $('.chart-data', figure).open = false;
  $('.chart-canvas', figure).replaceChildren(map, list);
}

/* The same for a way from one place to another, whose number leads to the people. */
function followWays(chart, figure) {
  chart.off('click');
  chart.on('click', { dataType: 'edge' }, (p) => $$('tbody tr', figure)[p.dataIndex]?.querySelector('td a')?.click());
}

const drawn = new Map(); /* by canvas */
/* What a live page has replaced is let go: it may be open for weeks. */
function forget() {
  for (const [canvas, { chart, observer }] of drawn) {
    if (canvas.isConnected) continue;
    observer.disconnect();
    chart.dispose();
    drawn.delete(canvas);
  }
}

function draw(figure) {
  if (figure.dataset.chart === 'map') {
    drawMap(figure);
    return;
  }
  const canvas = $('.chart-canvas', figure);
  const ways = figure.dataset.chart === 'sankey';
  const data = ways ? readWays(figure) : readTable(figure);
  if (!(ways ? data.links : data.names).length) return;
  figure.classList.add('is-drawn');
  $('.chart-data', figure).open = false;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `${$('figcaption', figure).textContent.trim()}. The table below has the numbers.`);
  const known = drawn.get(canvas);
  const chart = known?.chart ?? echarts.init(canvas, null, { renderer: 'canvas' });
  chart.setOption(ways ? sankeyOptions(figure, data) : options(figure, data), true);
  if (!known) {
    const observer = new ResizeObserver(() => chart.resize());
    observer.observe(canvas);
    drawn.set(canvas, { chart, observer });
  }
  if (!ways && $('tbody th a', figure)) followRows(chart, figure);
  if (ways) followWays(chart, figure);
}
const drawAll = (root) => $$('figure[data-chart]', root).forEach(draw);

document.fonts.ready.then(() => drawAll(document));
document.addEventListener('furrow:theme', () => drawAll(document));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawAll(document));
document.body.addEventListener('htmx:load', (event) => {
  forget();
  drawAll(event.detail.elt);
});
document.addEventListener('furrow:refreshed', (event) => {
  forget();
  drawAll(event.target);
});
