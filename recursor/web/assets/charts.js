// The charts over time (uPlot), drawn from the server's history. Rates are made here, from counters of two samples.
/* global uPlot */
import { byId, make } from "./dom.js";
import { clock, joined, micros, short } from "./format.js";

export const kinds = [
  ["packetcache", "Packet cache"], ["recordcache", "Record cache"], ["local", "Local data"],
  ["resolved", "Resolved"], ["stale", "Stale"], ["failure", "Failures"],
];

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const charts = [];

// One value for each pair of samples that follow each other.
const rates = (times, values) => values.slice(1).map((value, i) => Math.max(0, value - values[i]) / Math.max(1, times[i + 1] - times[i]));

function axes(format) {
  const common = () => ({
    stroke: () => colour("muted"), font: "12px system-ui", ticks: { show: false },
    grid: { stroke: () => colour("grid"), width: 1 },
  });
  return [
    { ...common(), size: 30, grid: { show: false }, space: 80,
      values: (_, marks, axis, space, step) => marks.map((mark) => clock(mark).slice(0, step < 60 ? 8 : 5)) },
    { ...common(), size: 52, values: (_, marks) => marks.map(format) },
  ];
}

function create(id, series, format, extra = {}) {
  const place = byId(id);
  const options = {
    width: place.clientWidth, height: place.clientHeight, legend: { show: false }, padding: [8, 12, 0, 0],
    cursor: { y: false, points: { size: 7 }, ...extra.cursor }, scales: { y: { range: (_, low, high) => [0, Math.max(high * 1.08, extra.least || 1)] } },
    axes: axes(format), series: [{}, ...series], bands: extra.bands, hooks: extra.hooks,
  };
  const chart = new uPlot(options, [[], ...series.map(() => [])], place);
  new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: place.clientHeight })).observe(place);
  charts.push(chart);
  return chart;
}

const line = (name, width = 2) => ({ stroke: () => colour(name), width, points: { show: false } });
const area = (name) => ({ stroke: () => colour(name), fill: () => colour(name) + "cc", width: 1, points: { show: false } });

let answers, latency, servers, latest = null;

// The place of the cursor, else the newest sample, is what the legend tells.
function showLegend() {
  if (!latest) return;
  const at = answers.cursor.idx ?? latest.times.length - 1;
  for (const [i, [kind]] of kinds.entries()) {
    const item = byId("legend-answers").children[i];
    item.lastChild.textContent = short(latest.rates[kind][at] ?? 0);
  }
}

export function makeCharts() {
  byId("legend-answers").append(...kinds.map(([kind, title]) =>
    make("li", {}, make("span", { class: `swatch k-${kind}` }), title, make("b", { class: "number" }, "–"))));
  // Stacked: the topmost line is the sum of all; each is drawn over by those below it.
  answers = create("chart-answers", [...kinds].reverse().map(([kind]) => area(kind)), short, { hooks: { setCursor: [showLegend] } });
  latency = create("chart-latency", [line("accent")], (value) => joined(micros(value)), { least: 100 });
  servers = create("chart-servers", [line("resolved"), line("failure")], short);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.forEach((chart) => chart.redraw()));
}

function table(times) {
  const rows = [];
  const step = Math.max(1, Math.floor(times.length / 12));
  for (let at = times.length - 1; at >= 0 && rows.length < 12; at -= step) {
    rows.push(make("tr", {}, make("th", { scope: "row" }, clock(times[at])),
      ...kinds.map(([kind]) => make("td", { class: "number" }, short(latest.rates[kind][at])))));
  }
  const head = make("tr", {}, make("th", { scope: "col" }, "Time"), ...kinds.map(([, title]) => make("th", { scope: "col", class: "number" }, title)));
  byId("table-answers").replaceChildren(make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
}

// `history`: times, and values by name of the metric.
export function drawCharts(history) {
  const times = history.times.slice(1);
  latest = { times, rates: {} };
  for (const [kind] of kinds) latest.rates[kind] = rates(history.times, history.values[`cumul-clientanswers-${kind}-count`]);
  let sums = times.map(() => 0);
  const stacked = kinds.map(([kind]) => (sums = sums.map((sum, i) => sum + latest.rates[kind][i])));
  answers.setData([times, ...stacked.reverse()]);
  latency.setData([times, history.values["qa-latency"].slice(1)]);
  servers.setData([times, rates(history.times, history.values["all-outqueries"]), rates(history.times, history.values["outgoing-timeouts"])]);
  showLegend();
  if (byId("table-answers").parentElement.open) table(times);
}
