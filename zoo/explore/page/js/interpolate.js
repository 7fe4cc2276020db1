import { button, element, figure, panel, slider } from "./elements.js";
import { latest } from "./bench.js";
import { rowView } from "./views.js";

const STEPS = 9;

/** Returns the panel that goes from the code of one row to that of another. */
export function interpolatePanel(input) {
  const { model } = input;
  const ends = { start: null, end: null };
  const paths = input.benches.map((bench) => path(bench.model, input.benches.length > 1));
  const update = latest(async (share) => {
    for (const each of paths) await each.show(share);
  });
  const way = slider("position", { min: 0, max: 1, value: 0.5, step: 0.01 }, update);
  const views = {};
  const set = async (end, row) => {
    ends[end] = row;
    views[end].draw(row);
    if (!ends.start || !ends.end) return;
    for (const each of paths) await each.prepare(ends.start, ends.end);
    await update(way.input.valueAsNumber);
  };
  const choices = ["start", "end"].map((end) => {
    views[end] = rowView(model.facts, `The ${end}`, { small: true });
    const take = button("Use input", () => set(end, Float32Array.from(input.row)), {
      "aria-label": `Use the input as ${end}`,
    });
    return element("div", { class: "end" }, figure(views[end], end), take);
  });
  const count = model.examples.length / model.inputSize;
  const begin = () => {
    set("start", model.row(model.examples, 0));
    set("end", model.row(model.examples, Math.min(1, count - 1)));
  };
  const outputs = element("div", { class: "outputs" }, ...paths.map((each) => each.element));
  const content = [element("div", { class: "ends" }, ...choices), way.element, outputs];
  return {
    element: panel("interpolate", "Interpolate", "Decode the codes between two rows.", ...content),
    begin,
  };
}

/** Returns the codes between two rows of one model: a strip of them, and the one at the slider. */
function path(model, named) {
  const view = rowView(model.facts, "The row between");
  const strip = element("div", { class: "strip", "aria-hidden": "true" });
  const caption = named ? `between, by ${model.facts.name}` : "between";
  let ends = null;
  const decoded = (share) => {
    const [first, last] = ends;
    const code = first.code.map((value, place) => value + share * (last.code[place] - value));
    return model.decode(code, (share < 0.5 ? first : last).switches);
  };
  const prepare = async (start, end) => {
    ends = [await model.encode(start), await model.encode(end)];
    if (model.facts.kind === "documents") return;
    const views = [];
    for (let step = 0; step < STEPS; step++) {
      const each = rowView(model.facts, "", { small: true });
      each.draw(await decoded(step / (STEPS - 1)));
      views.push(each.element);
    }
    strip.replaceChildren(...views);
  };
  const show = async (share) => {
    if (ends) view.draw(await decoded(share));
  };
  return { element: element("div", {}, figure(view, caption), strip), prepare, show };
}
