import { element, short } from "./elements.js";
import { rowView } from "./views.js";

const COUNT = 6;
const QUIET = 60; // milliseconds without a new code, before neighbours are searched

/** Returns the rows whose codes are nearest to the code that is shown. */
export function neighbours(bench) {
  const { model } = bench;
  const list = element("ol", { class: "neighbours", "aria-label": "Nearest neighbours" });
  let timer = null;
  const show = () => {
    list.replaceChildren(...nearest(model, bench.code).map((found) => entry(model, found)));
  };
  bench.addEventListener("code", () => {
    clearTimeout(timer);
    timer = setTimeout(show, QUIET);
  });
  return element("div", {}, element("h3", {}, "Nearest neighbours"), list);
}

/** Returns the places and the distances of the nearest codes, by Euclidean distance. */
function nearest(model, code) {
  const found = [];
  for (let number = 0; number < model.count; number++) {
    const other = model.code(number);
    let sum = 0;
    for (let place = 0; place < code.length; place++) sum += (code[place] - other[place]) ** 2;
    found.push({ number, distance: Math.sqrt(sum) });
  }
  return found.sort((a, b) => a.distance - b.distance).slice(0, COUNT);
}

function entry(model, { number, distance }) {
  const { labels, classNames, texts } = model.facts;
  const label = labels ? (classNames?.[labels[number]] ?? String(labels[number])) : "";
  const caption = element(
    "span",
    { class: "caption" },
    label,
    " ",
    element("small", {}, short(distance)),
  );
  const attributes = { "data-row": number };
  if (texts) return element("li", attributes, caption, element("p", {}, texts[number]));
  const view = rowView(model.facts, `Neighbour ${number}`, { small: true });
  view.draw(model.row(model.rows, number));
  return element("li", attributes, view.element, caption);
}
