import { element, figure, panel, slider } from "./elements.js";
import { neighbours } from "./neighbours.js";
import { codePlane, legend } from "./plane.js";
import { rowView } from "./views.js";

const SHOWN = 6; // sliders that are always there
const MOST = 48; // sliders in all

/** Returns the panel of one model: its plane and sliders, the decoded row, and the neighbours. */
export function codePanel(bench) {
  const { facts, codeSize } = bench.model;
  const view = rowView(facts, "The decoded row");
  const time = element("p", { class: "time" });
  bench.addEventListener("decoded", () => view.draw(bench.decoded));
  bench.addEventListener("timed", ({ detail }) => {
    time.textContent = `decoded and drawn in ${detail.toFixed(1)} ms`;
  });
  const hint =
    facts.plane.kind === "code"
      ? "Drag over the plane of codes, or move the sliders."
      : `Drag over the plane of the two principal components of the ${codeSize} numbers, or move the sliders.`;
  const decoded = element(
    "div",
    { class: "decoded" },
    figure(view, "decoded"),
    time,
    neighbours(bench),
  );
  const left = element("div", {}, codePlane(bench), legend(facts));
  const title = `Code of ${facts.name}`;
  return panel(
    "code",
    title,
    hint,
    element("div", { class: "pair" }, left, decoded),
    sliders(bench),
  );
}

/** Returns a slider for each number of the code, the most active first. */
function sliders(bench) {
  const { facts } = bench.model;
  const rows = facts.order.slice(0, MOST).map((place) => {
    const range = { min: facts.low[place], max: facts.high[place], value: 0 };
    return {
      place,
      ...slider(`z${place + 1}`, range, (value) => {
        const code = Float32Array.from(bench.code);
        code[place] = value;
        bench.setCode(code);
      }),
    };
  });
  bench.addEventListener("code", () => {
    for (const { place, set, input } of rows) {
      if (document.activeElement !== input) set(bench.code[place]);
    }
  });
  const [first, rest] = [rows.slice(0, SHOWN), rows.slice(SHOWN)].map((some) =>
    some.map((row) => row.element),
  );
  const more = facts.order.length - MOST;
  const note =
    more > 0
      ? [element("p", { class: "hint" }, `${more} less active numbers have no slider.`)]
      : [];
  const others = element(
    "details",
    {},
    element("summary", {}, `${rest.length} less active numbers`),
    ...rest,
    ...note,
  );
  return element(
    "div",
    { class: "sliders", role: "group", "aria-label": "Code" },
    ...first,
    rest.length ? others : "",
  );
}
