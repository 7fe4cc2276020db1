import { button, element, figure, panel, slider } from "./elements.js";
import { latest } from "./bench.js";
import { mean, squaredErrors, unitOf } from "./errors.js";
import { rowView } from "./views.js";

/** Returns the panel that adds noise to the input, and shows what the models make of it. */
export function noisePanel(input) {
  const { facts, inputSize } = input.model;
  const state = { seed: 1, sigma: 0.3 };
  const noisy = rowView(facts, "The noisy input");
  const noisyError = element("span", { class: "number" });
  const results = input.benches.map(({ model }) => {
    const view = rowView(model.facts, "The reconstruction of the noisy input");
    const error = element("span", { class: "number" });
    const name =
      input.benches.length > 1 ? `reconstruction by ${model.facts.name}` : "reconstruction";
    const caption = element("span", {}, name, element("br"), error);
    return { model, view, error, element: figure(view, caption) };
  });
  const show = latest(async () => {
    if (!input.row) return;
    const row = withNoise(input.row, state, facts);
    noisy.draw(row);
    noisyError.textContent = `error ${error(row, input.row, facts)}`;
    for (const result of results) {
      const { code, switches } = await result.model.encode(row);
      const decoded = await result.model.decode(code, switches);
      result.view.draw(decoded);
      result.error.textContent = `error ${error(decoded, input.row, facts)}`;
    }
  });
  input.addEventListener("row", show);
  const amount = slider("noise", { min: 0, max: 1, value: state.sigma, step: 0.01 }, (value) => {
    state.sigma = value;
    show();
  });
  const other = button("Other noise", () => {
    state.seed += 1;
    show();
  });
  const first = figure(noisy, element("span", {}, "with noise", element("br"), noisyError));
  const outputs = element(
    "div",
    { class: "outputs" },
    first,
    ...results.map((each) => each.element),
  );
  const hint = "Errors are mean squared errors against the clean input.";
  return panel(
    "noise",
    "Noise and denoise",
    hint,
    amount.element,
    element("div", { class: "buttons" }, other),
    outputs,
  );
}

/** Returns a row with normal noise, within the range of values. */
function withNoise(row, { seed, sigma }, facts) {
  const random = normal(seed);
  const unit = unitOf(facts);
  const { range } = facts;
  return row.map((value, place) => {
    const moved = value + sigma * unit(place) * random();
    return range ? Math.min(range[1], Math.max(range[0], moved)) : moved;
  });
}

/** Returns a function of normal random numbers: Box and Muller's, of the generator mulberry32. */
function normal(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

function error(row, clean, facts) {
  return mean(squaredErrors(row, clean, facts)).toFixed(4);
}
