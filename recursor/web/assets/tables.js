// The tiles and tables, from one snapshot of the server and one of a minute before.
import { bar, byId, fillTable, make, metricCell } from "./dom.js";
import { bytes, duration, joined, micros, percent, short, whole } from "./format.js";
import { kinds } from "./charts.js";

// What is known of one moment against an earlier one.
export class View {
  constructor(now, before) {
    this.now = now;
    this.before = before;
    this.seconds = before ? Math.max(0.5, now.clock - before.clock) : 0;
  }
  value(name) { return this.now.metrics[name] ?? 0; }
  grown(name) { return this.before ? Math.max(0, this.value(name) - (this.before.metrics[name] ?? 0)) : 0; }
  rate(name) { return this.seconds ? this.grown(name) / this.seconds : NaN; }
}

const sum = (view, names, how) => names.reduce((total, name) => total + view[how](name), 0);
const decisions = ["nxdomain", "nodata", "custom", "drop", "truncate", "refused"].map((kind) => `policy-result-${kind}`);

// The last samples as a line without axes.
function spark(values) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), line = document.createElementNS(svg.namespaceURI, "polyline");
  const most = Math.max(...values, 1e-9);
  line.setAttribute("points", values.map((value, i) => `${(i / Math.max(1, values.length - 1)) * 100},${32 - (value / most) * 30}`).join(" "));
  line.setAttribute("vector-effect", "non-scaling-stroke");
  svg.setAttribute("viewBox", "0 0 100 34");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", "spark");
  svg.setAttribute("aria-hidden", "true");
  svg.append(line);
  return svg;
}

function tile(title, [number, unit], sub, level = "", trend = []) {
  return make("div", { class: `tile ${level}` }, make("h2", {}, title), trend.length > 2 ? spark(trend) : "",
    make("p", { class: "big" }, number, unit ? make("span", { class: "unit" }, unit) : ""), make("p", { class: "sub" }, ...sub));
}

const live = (view, name, shown = whole(view.value(name))) =>
  make("span", { "data-metric": name, "data-value": view.value(name), title: `${name} ${view.value(name)}` }, shown);

// `trends`: recent samples by name.
export function showTiles(second, minute, trends) {
  const asked = minute.grown("questions");
  const hits = sum(minute, ["packetcache-hits", "cache-hits"], "grown");
  const failed = minute.grown("servfail-answers") / asked;
  const level = failed > 0.2 ? "bad" : failed > 0.05 ? "warn" : "";
  byId("tiles").replaceChildren(
    tile("Questions", [short(second.rate("questions")), "/s"], [live(second, "questions"), " in all"], "", trends.questions),
    tile("From caches", asked ? percent(hits / asked).split(" ") : ["–", ""], ["last minute · ", live(second, "cache-misses"), " misses"]),
    tile("Mean time to answer", micros(second.value("qa-latency")), ["own part ", live(second, "x-our-latency", joined(micros(second.value("x-our-latency"))))], "", trends.latency),
    tile("SERVFAIL", asked ? percent(failed).split(" ") : ["–", ""], ["last minute · ", live(second, "servfail-answers"), " in all"], level, trends.servfail),
    tile("Blocked", [short(sum(minute, decisions, "rate")), "/s"], [whole(sum(second, decisions, "value")), " in all · ", live(second, "blocklist-rules"), " rules"]),
    tile("Under way", [whole(second.value("concurrent-queries")), ""], ["TCP clients ", live(second, "tcp-clients")]));
}

// ---- bars

const bounds = Array.from({ length: 12 }, (_, i) => 4 ** i); // microseconds

function histogramOf(view, how) {
  const within = bounds.map((bound) => kinds.reduce((total, [kind]) => total + view[how](`cumul-clientanswers-${kind}-le-${bound}`), 0));
  within.push(kinds.reduce((total, [kind]) => total + view[how](`cumul-clientanswers-${kind}-count`), 0));
  return within.map((count, i) => count - (i ? within[i - 1] : 0));
}

// As if the answers of a bucket were spread evenly in it.
function quantile(counts, share) {
  const total = counts.reduce((a, b) => a + b, 0);
  let left = total * share;
  for (const [i, count] of counts.entries()) {
    if (count > 0 && left <= count) {
      const low = i ? bounds[i - 1] : 0, high = bounds[i] ?? 4 * low;
      return low + ((high - low) * left) / count;
    }
    left -= count;
  }
  return NaN;
}

export function showHistogram(view, how) {
  const counts = histogramOf(view, how), most = Math.max(1, ...counts), total = counts.reduce((a, b) => a + b, 0);
  byId("quantiles").replaceChildren(...[["median", 0.5], ["95 %", 0.95], ["99 %", 0.99]].map(([title, share]) =>
    make("span", {}, `${title} `, make("b", {}, total ? joined(micros(quantile(counts, share))) : "–"))));
  const rows = counts.map((count, i) => make("tr", {},
    make("th", { scope: "row" }, i < bounds.length ? `≤ ${joined(micros(bounds[i]))}` : "more"), bar(count / most),
    make("td", { class: "number" }, whole(count))));
  fillTable(byId("histogram"), null, rows);
}

// Rows of [metric, title, kind]: a bar for the last minute's share, the rate, and the number in all.
function shares(id, view, rows, note = "answers") {
  const total = rows.reduce((all, [name]) => all + view.grown(name), 0);
  const head = [["", ""], ["Last minute", ""], ["/s", "number"], ["In all", "number"]];
  fillTable(byId(id), head, rows.map(([name, title, kind]) => make("tr", {}, make("th", { scope: "row" }, title),
    bar(total ? view.grown(name) / total : 0, kind), make("td", { class: "number" }, short(view.rate(name))),
    metricCell(name, view.value(name), whole(view.value(name))))), `no ${note} yet`);
}

export function showAnswers(view) {
  shares("rcodes", view, [["noerror-answers", "NOERROR", "k-good"], ["nxdomain-answers", "NXDOMAIN", "k-plain"],
    ["servfail-answers", "SERVFAIL", "k-bad"], ["refused-answers", "REFUSED", "k-warn"], ["formerr-answers", "FORMERR", "k-warn"],
    ["notimp-answers", "NOTIMP", "k-warn"], ["truncated-answers", "Truncated", "k-local"], ["stale-answers", "Stale data", "k-stale"]]);
  const reasons = Object.keys(view.now.metrics).filter((name) => name.startsWith("dnssec-result-bogus-") && view.value(name) > 0);
  shares("dnssec", view, [["dnssec-result-secure", "Secure", "k-good"], ["dnssec-result-insecure", "Insecure", "k-local"],
    ["dnssec-result-bogus", "Bogus", "k-bad"], ["dnssec-result-indeterminate", "Indeterminate", "k-warn"], ["dnssec-result-nta", "Not checked (NTA)", "k-warn"],
    ...reasons.map((name) => [name, `· ${name.slice(20).replaceAll("-", " ")}`, "k-bad"])], "validations");
}

export function showCaches(view) {
  const asked = view.grown("questions");
  const later = view.grown("cache-hits") + view.grown("cache-misses");
  const rows = [["packetcache-hits", "Packet cache", view.grown("packetcache-hits") / asked, "k-packetcache"],
    ["cache-hits", "Record cache", view.grown("cache-hits") / later, "k-recordcache"],
    ["aggressive-nsec-cache-nsec-hits", "NSEC proofs", view.grown("aggressive-nsec-cache-nsec-hits") / asked, "k-good"],
    ["aggressive-nsec-cache-nsec3-hits", "NSEC3 proofs", view.grown("aggressive-nsec-cache-nsec3-hits") / asked, "k-good"],
    ["failure-cache-hits", "Failures", view.grown("failure-cache-hits") / asked, "k-failure"],
    ["ecs-cache-hits", "Client networks", view.grown("ecs-cache-hits") / asked, "k-local"],
    ["dnssec-signature-memo-hits", "Signatures", view.grown("dnssec-signature-memo-hits") / (view.grown("dnssec-signature-memo-hits") + view.grown("dnssec-signature-checks")), "k-good"]];
  fillTable(byId("hits"), [["", ""], ["Hit ratio", ""], ["", "number"], ["Hits", "number"]], rows.map(([name, title, ratio, kind]) =>
    make("tr", {}, make("th", { scope: "row" }, title), bar(ratio, kind), make("td", { class: "number" }, percent(ratio)),
      metricCell(name, view.value(name), whole(view.value(name))))));
}

export function showTop(lists) {
  for (const [name, list] of Object.entries(lists)) {
    const table = byId(`top-${name}`);
    if (!table) continue;
    const rows = list.rows.map(([text, count]) => make("tr", {}, make("td", { class: "name", title: text }, text),
      bar(count / Math.max(1, list.rows[0][1])), make("td", { class: "number" }, percent(count / list.total))));
    fillTable(table, null, rows);
  }
}

// ---- policy, servers

const state = (text, good, bad) => make("span", { class: `tag ${text === good ? "good" : text === bad ? "bad" : ""}` }, text);

export function showPolicy(view) {
  const lists = [...view.now.policies].sort((a, b) => b.hits - a.hits);
  fillTable(byId("lists"), [["Name", "name"], ["", ""], ["Rules", "number"], ["Memory", "number"], ["Hits", "number"]], lists.map((list) => make("tr", {},
    make("td", { class: "name", title: list.error || list.name }, list.name),
    make("td", {}, list.error ? state("error", "", "error") : list.shadow ? state("shadow") : make("span", { class: "tag" }, list.kind === "rpz" ? "policy zone" : list.action)),
    make("td", { class: "number" }, whole(list.rules)), make("td", { class: "number" }, joined(bytes(list.bytes))),
    make("td", { class: "number" }, whole(list.hits)))), "there are no lists and no policy zones");
  shares("decisions", view, [["policy-result-nxdomain", "NXDOMAIN", "k-bad"], ["policy-result-nodata", "No data", "k-warn"],
    ["policy-result-custom", "Records", "k-plain"], ["policy-result-refused", "Refused", "k-bad"], ["policy-result-drop", "Dropped", "k-failure"],
    ["policy-result-truncate", "To TCP", "k-local"], ["policy-result-noaction", "Let through", "k-good"], ["policy-shadow-hits", "Only counted", "k-stale"]], "decisions");
  byId("lists").closest(".card").hidden = lists.length === 0;
  const rules = lists.flatMap((list) => list.top || []).sort((a, b) => b[1] - a[1]).slice(0, 10);
  byId("rules").closest(".card").hidden = rules.length === 0;
  fillTable(byId("rules"), null, rules.map(([rule, hits]) => make("tr", {}, make("td", { class: "name", title: rule }, rule),
    bar(hits / rules[0][1], "k-bad"), make("td", { class: "number" }, whole(hits)))), "no rule of a policy zone has decided yet");
}

function numbers(id, view, rows) {
  fillTable(byId(id), [["", ""], ["/s", "number"], ["In all", "number"]], rows.map(([name, title]) => make("tr", {}, make("th", { scope: "row" }, title),
    make("td", { class: "number" }, short(view.rate(name))), metricCell(name, view.value(name), whole(view.value(name))))));
}

export function showServers(view) {
  byId("upstreams").closest(".card").hidden = view.now.upstreams.length === 0;
  const head = [["Upstream", "name"], ["State", ""], ["Usual", "number"], ["95 %", "number"], ["Late", "number"], ["Asked", "number"], ["Failed", "number"], ["Now", "number"]];
  fillTable(byId("upstreams"), head, view.now.upstreams.map((server) => make("tr", {}, make("td", { class: "name", title: server.name }, server.name),
    make("td", {}, state(server.state, "up", "down")), make("td", { class: "number" }, joined(micros(server.usual_ms * 1000))),
    make("td", { class: "number" }, joined(micros(server.p95_ms * 1000))), make("td", { class: "number" }, percent(server.late_percent / 100)),
    make("td", { class: "number" }, whole(server.asked)), make("td", { class: "number" }, whole(server.failed)),
    make("td", { class: "number" }, whole(server.under_way)))), "no forward rule names an upstream: names are resolved from the root");
  numbers("outgoing", view, [["all-outqueries", "All"], ["ipv6-outqueries", "IPv6"], ["tcp-outqueries", "TCP"], ["dot-outqueries", "TLS"],
    ["hedged-outqueries", "Second servers asked"], ["outgoing-timeouts", "Time-outs"], ["throttled-out", "Throttled"], ["unreachables", "Unreachable"], ["server-parse-errors", "Broken answers"]]);
  numbers("drops", view, [["over-capacity-drops", "Over capacity"], ["udp-listener-drops", "Socket full"], ["unauthorized-udp", "Not allowed (UDP)"], ["unauthorized-tcp", "Not allowed (TCP)"],
    ["client-parse-errors", "Broken questions"], ["tcp-client-overflow", "Too many TCP clients"], ["resource-limits", "Work limits"], ["policy-drops", "By policy"], ["spoof-prevents", "Forged answers"]]);
}

// ---- system

const memory = [["cache-bytes", "Record cache", "cache-entries", "k-recordcache"], ["packetcache-bytes", "Packet cache", "packetcache-entries", "k-packetcache"],
  ["negcache-bytes", "Negative cache", "negcache-entries", "k-resolved"], ["delegation-bytes", "Zone cuts", "delegation-entries", "k-stale"],
  ["ecs-cache-bytes", "Client networks", "ecs-cache-entries", "k-good"], ["blocklist-bytes", "Block lists", "blocklist-rules", "k-failure"]];

export function showSystem(view) {
  const resident = view.value("real-memory-usage");
  const known = memory.reduce((total, [name]) => total + view.value(name), 0);
  byId("memory-total").replaceChildren(live(view, "real-memory-usage", joined(bytes(resident))), " resident",
    view.now.max_memory ? ` of ${joined(bytes(view.now.max_memory))}` : "");
  const parts = [...memory.map(([name, title, , kind]) => [title, view.value(name), kind]), ["Everything else", Math.max(0, resident - known), "k-local"]];
  byId("memory-bar").replaceChildren(...parts.map(([title, value, kind]) => {
    const part = make("i", { class: kind, title: `${title} ${joined(bytes(value))}` });
    part.style.width = `${(value / Math.max(1, known, resident)) * 100}%`;
    return part;
  }));
  fillTable(byId("memory"), [["", ""], ["Entries", "number"], ["Memory", "number"]], memory.map(([name, title, entries, kind]) => make("tr", {},
    make("th", { scope: "row" }, make("span", { class: `swatch ${kind}` }), title), metricCell(entries, view.value(entries), whole(view.value(entries))),
    metricCell(name, view.value(name), joined(bytes(view.value(name)))))));
  const threads = Object.keys(view.now.metrics).filter((name) => /^cpu-msec-thread-\d+$/.test(name)).sort((a, b) => a.slice(16) - b.slice(16));
  fillTable(byId("threads"), [["", ""], ["CPU", ""], ["", "number"]], threads.map((name) => make("tr", {}, make("th", { scope: "row" }, `Worker ${name.slice(16)}`),
    bar(view.rate(name) / 1000, view.rate(name) > 900 ? "k-bad" : "k-plain"), make("td", { class: "number" }, percent(view.rate(name) / 1000)))));
  const rows = [["malloc-bytes", "Allocated", (value) => joined(bytes(value))], ["fd-usage", "Descriptors", whole], ["user-msec", "CPU time, own", (value) => joined(micros(value * 1000))],
    ["sys-msec", "CPU time, kernel", (value) => joined(micros(value * 1000))], ["coroutine-frames", "Coroutine frames", whole], ["nsspeeds-entries", "Servers known", whole],
    ["throttle-entries", "Servers throttled", whole], ["zone-trust-entries", "Zones validated", whole], ["aggressive-nsec-cache-entries", "NSEC records", whole]];
  fillTable(byId("process"), [["", ""], ["", "number"]], rows.map(([name, title, format]) => make("tr", {}, make("th", { scope: "row" }, title),
    metricCell(name, view.value(name), format(view.value(name))))));
  byId("uptime").textContent = duration(view.value("uptime"));
  byId("server-id").textContent = view.now.server_id;
  byId("version").textContent = view.now.version;
}
