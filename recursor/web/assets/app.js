// The dashboard's heart: asks the server each second while the page is seen, and has all parts drawn.
import { get } from "./api.js";
import { drawCharts, makeCharts } from "./charts.js";
import { byId } from "./dom.js";
import { View, showAnswers, showCaches, showHistogram, showPolicy, showServers, showSystem, showTiles, showTop } from "./tables.js";
import { startTools } from "./tools.js";

const kept = 60; // snapshots: one minute
const longest = { seconds: 600, minutes: 1440 };
let snapshots = [], span = "seconds", histogramSpan = "minute";
let history = { times: [], values: {} };
let policies = []; // read now and then, since the server may have to wait for them

function setState(text, level) {
  const pill = byId("state");
  if (pill.textContent !== text) pill.textContent = text;
  pill.className = `pill ${level}`;
}

// A server that has begun anew counts anew.
function take(snapshot) {
  const last = snapshots.at(-1);
  if (last && snapshot.metrics.uptime < last.metrics.uptime) snapshots = [];
  snapshots.push({ ...snapshot, policies, clock: performance.now() / 1000 });
  snapshots = snapshots.slice(-kept - 1);
}

// Of the last minute or hour, whichever is shown.
function trends() {
  const rate = (name) => {
    const values = (history.values[name] ?? []).slice(-61);
    return values.slice(1).map((value, i) => Math.max(0, value - values[i]));
  };
  return { questions: rate("questions"), servfail: rate("servfail-answers"), latency: (history.values["qa-latency"] ?? []).slice(-60) };
}

function draw() {
  const now = snapshots.at(-1);
  if (!now) return;
  const second = new View(now, snapshots.at(-2)), minute = new View(now, snapshots.length > 1 ? snapshots[0] : null);
  showTiles(second, minute, trends());
  showAnswers(minute);
  showCaches(minute);
  showHistogram(minute, histogramSpan === "minute" ? "grown" : "value");
  showPolicy(minute);
  showServers(minute);
  showSystem(second);
}

async function readHistory() {
  const wanted = span;
  const more = await get(`/dashboard/history?span=${wanted}&since=${history.times.at(-1) ?? 0}`);
  if (wanted !== span) return;
  history.times = history.times.concat(more.times).slice(-longest[span]);
  for (const [i, name] of more.names.entries()) {
    history.values[name] = (history.values[name] ?? []).concat(more.values[i]).slice(-longest[span]);
  }
  if (history.times.length > 1) drawCharts(history);
}

// Neither holds up the rest.
async function readSlowly() {
  const [top, lists] = await Promise.allSettled([get("/dashboard/top"), get("/dashboard/policies")]);
  if (top.status === "fulfilled") showTop(top.value);
  if (lists.status === "fulfilled") policies = lists.value;
}

async function step(count) {
  try {
    const [snapshot] = await Promise.all([get("/dashboard"), readHistory()]);
    take(snapshot);
    draw();
    if (count % 5 === 0) readSlowly();
    setState("live", "good");
  } catch (failure) {
    setState(failure.name === "TimeoutError" ? "slow" : "no answer", "bad");
  }
}

function choose(attribute, change) {
  const buttons = document.querySelectorAll(`button[data-${attribute}]`);
  for (const button of buttons) {
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      change(button.dataset[attribute]);
    });
  }
}

const seen = () => new Promise((settle) => {
  if (!document.hidden) settle();
  else document.addEventListener("visibilitychange", () => settle(), { once: true });
});

async function run() {
  makeCharts();
  startTools();
  choose("span", (value) => {
    span = value;
    history = { times: [], values: {} };
    readHistory().catch(() => {});
  });
  choose("window", (value) => {
    histogramSpan = value;
    draw();
  });
  for (let count = 0; ; ++count) {
    const begun = performance.now();
    await step(count);
    await new Promise((settle) => setTimeout(settle, Math.max(100, 1000 - (performance.now() - begun))));
    await seen();
  }
}

run();
