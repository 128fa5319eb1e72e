// The forms: explain a name, clear a name from the caches.
import { guarded } from "./api.js";
import { byId, make } from "./dom.js";

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

export function startTools() {
  onSubmit("explain", "explanation", async (fields) => {
    const answer = await guarded(`/dashboard/explain?${fields}`);
    return make("pre", { tabindex: "0", "aria-label": "Explanation" }, answer.text);
  });
  onSubmit("flush", "flushed", async (fields) => {
    const answer = await guarded(`/dashboard/flush?${fields}`, { method: "PUT" });
    return make("span", { class: "done" }, `${answer.count} entries cleared.`);
  });
}
