// Elements of the page, made without any text being taken for HTML: names come from strangers.
export const byId = (id) => document.getElementById(id);

// make("td", {class: "number", title: "..."}, "text", child)
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// Puts `rows` in place of the body of a table, and the caption and head where there are none yet. The keyboard's place
// is not lost: nothing in these tables can be focused.
export function fillTable(table, head, rows, empty = "nothing yet") {
  if (head && !table.tHead) {
    table.append(make("thead", {}, make("tr", {}, ...head.map(([text, kind]) => make("th", { scope: "col", class: kind }, text)))));
  }
  const body = make("tbody", {}, ...rows);
  if (rows.length === 0) {
    body.append(make("tr", {}, make("td", { class: "empty", colspan: head ? head.length : 3 }, empty)));
  }
  const old = table.tBodies[0];
  if (old) old.replaceWith(body);
  else table.append(body);
}

// A bar of `share` (0 to 1) in the colour of a class.
export function bar(share, kind = "k-plain") {
  const fill = make("div", { class: `fill ${kind}` });
  fill.style.width = `${Math.max(0, Math.min(1, share || 0)) * 100}%`;
  return make("td", { class: "bar", "aria-hidden": "true" }, make("div", { class: "track" }, fill));
}

// A number that is the server's own: name of the metric, its value as it was told, its value as it is shown.
export function metricCell(name, value, shown, tag = "td") {
  return make(tag, { class: "number", "data-metric": name, "data-value": value, title: `${name} ${value}` }, shown);
}
