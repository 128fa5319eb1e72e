// The forms: search the query log, explain a name, clear a name from the caches.
import { guarded } from "./api.js";
import { byId, fillTable, make } from "./dom.js";
import { joined, micros, whole } from "./format.js";

const fieldsOf = (form) => new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));

// The button rests until the answer is there; a failure is told where the answer would be.
function onSubmit(id, place, work) {
  byId(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.target.querySelector("button");
    button.disabled = true;
    try {
      byId(place).replaceChildren(await work(fieldsOf(event.target)));
    } catch (failure) {
      byId(place).replaceChildren(make("p", { class: "failed" }, failure.message));
    }
    button.disabled = false;
  });
}

const columns = [["Time (UTC)", ""], ["Client", ""], ["Name", ""], ["Type", ""], ["Result", ""], ["From", ""], ["Time", "number"], ["Asked", "number"],
  ["DNSSEC", ""], ["Policy", ""], ["Answers", ""]];

function recordRow(record) {
  const bad = record.rcode === "SERVFAIL" || record.security === "bogus";
  const result = make("span", { class: `tag ${bad ? "bad" : record.rcode === "NOERROR" ? "good" : ""}` }, record.rcode);
  const cells = [record.time.slice(0, 23), record.client, record.name, record.type, result, record.kind];
  return make("tr", {}, ...cells.map((cell) => make("td", {}, cell)), make("td", { class: "number" }, joined(micros(record.latency_us))),
    make("td", { class: "number" }, whole(record.upstream_queries)), make("td", {}, record.security),
    make("td", {}, record.rule ? `${record.policy}: ${record.rule}` : record.policy), make("td", {}, record.answers.join(" ")));
}

function foundTable(answer) {
  const table = make("table", {});
  fillTable(table, columns, answer.records.map(recordRow), "no record matches");
  const note = `${whole(answer.records.length)} records; ${whole(answer.looked_at)} looked at, ${whole(answer.skipped)} of ${whole(answer.blocks)} blocks skipped` +
    (answer.cut ? "; the search took too long and was ended" : "");
  return make("div", {}, make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Records found" }, table), make("p", { class: "muted" }, note));
}

export function startTools() {
  onSubmit("search", "found", async (fields) => foundTable(await guarded(`/dashboard/log?${fields}`)));
  for (const button of document.querySelectorAll("button[data-search]")) {
    button.addEventListener("click", () => {
      byId("search").elements.q.value = button.dataset.search;
      byId("search").requestSubmit();
    });
  }
  onSubmit("explain", "explanation", async (fields) => {
    const answer = await guarded(`/dashboard/explain?${fields}`);
    return make("pre", { tabindex: "0", "aria-label": "Explanation" }, answer.text);
  });
  onSubmit("flush", "flushed", async (fields) => {
    const answer = await guarded(`/dashboard/flush?${fields}`, { method: "PUT" });
    return make("span", { class: "done" }, `${answer.count} entries cleared.`);
  });
}
