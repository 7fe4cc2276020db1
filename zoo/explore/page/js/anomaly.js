import { latest } from "./bench.js";
import { mean, squaredErrors } from "./errors.js";
import { element, figure, panel } from "./elements.js";
import { rowView } from "./views.js";

/** Returns the panel that shows where a reconstruction differs from the input. */
export function anomalyPanel(input) {
  const maps = input.benches.map((bench) => map(bench, input));
  const hint =
    {
      images: "Bright is where the model could not reproduce the input: draw on it, and see.",
      volumes: "Bright is where the model could not reproduce the input.",
    }[input.model.facts.kind] ?? "High is where the model could not reproduce the input.";
  const outputs = element("div", { class: "outputs" }, ...maps);
  return panel("anomaly", "Anomaly map", hint, outputs);
}

function map(bench, input) {
  const { model } = bench;
  const view = rowView(model.facts, "Map of squared errors", { errors: true });
  const line = element("span", { class: "number" });
  const name = input.benches.length > 1 ? `squared error of ${model.facts.name}` : "squared error";
  const show = latest(async (row) => {
    const { code, switches } = await model.encode(row);
    const decoded = await model.decode(code, switches);
    const errors = squaredErrors(decoded, row, model.facts);
    view.draw(errors);
    line.textContent = await verdict(model, row, errors);
  });
  input.addEventListener("row", () => show(input.row));
  return figure(view, element("span", {}, name, element("br"), line));
}

/** Returns what a detector says of a row, or its mean error where the model is none. */
async function verdict(model, row, errors) {
  const { detection, endpoints } = model.facts;
  if (!detection || !endpoints.score) {
    return `mean ${mean(errors).toFixed(4)}, largest ${Math.max(...errors).toFixed(2)}`;
  }
  const [score] = await model.score(row);
  const word = score > detection.threshold ? "anomaly" : "normal";
  return `${word}: score ${score.toFixed(4)}, threshold ${detection.threshold.toFixed(4)}`;
}
