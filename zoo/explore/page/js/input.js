import { button, element, panel } from "./elements.js";
import { pad } from "./pad.js";
import { textBox } from "./texts.js";
import { rowView } from "./views.js";

/** Returns the panel of the input: a drawing, a text, or one of the examples. */
export function inputPanel(input) {
  const { facts } = input.model;
  const editor = { images: pad, documents: textBox }[facts.kind] ?? viewer;
  const hint =
    {
      images: "Draw with mouse, finger or arrow keys, or choose an example and draw over it.",
      documents: "Write a text, or choose an example.",
      features: "Choose an example. Each bar is a column, in standard deviations from its mean.",
    }[facts.kind] ?? "Choose an example.";
  return panel("input", "Input", hint, editor(input), examples(input));
}

/** Returns a view of the row, for kinds of data that are not edited here. */
function viewer(input) {
  const view = rowView(input.model.facts, "The input");
  input.addEventListener("row", () => view.draw(input.row));
  return view.element;
}

function examples(input) {
  const { model } = input;
  const count = model.examples.length / model.inputSize;
  const buttons = Array.from({ length: count }, (_, number) => {
    const row = model.row(model.examples, number);
    const text = model.facts.exampleTexts?.[number] ?? null;
    return button(...face(model, row, number, () => input.set(Float32Array.from(row), text)));
  });
  const name = model.facts.exampleTexts ? "examples texts" : "examples";
  const attributes = { class: name, role: "group", "aria-label": "Examples" };
  return element("div", attributes, ...buttons);
}

function face(model, row, number, action) {
  const { exampleTexts, exampleLabels, classNames } = model.facts;
  const label = exampleLabels
    ? `, ${classNames?.[exampleLabels[number]] ?? exampleLabels[number]}`
    : "";
  const attributes = { "aria-label": `Example ${number + 1}${label}`, class: "example" };
  if (exampleTexts) return [exampleTexts[number], action, attributes];
  const view = rowView(model.facts, "", { small: true });
  view.draw(row);
  return [view.element, action, attributes];
}
