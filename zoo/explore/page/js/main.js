import { anomalyPanel } from "./anomaly.js";
import { Bench, Input } from "./bench.js";
import { codePanel } from "./code.js";
import { element } from "./elements.js";
import { jsonOf } from "./files.js";
import { header } from "./header.js";
import { inputPanel } from "./input.js";
import { interpolatePanel } from "./interpolate.js";
import { Model, openRuntime } from "./model.js";
import { noisePanel } from "./noise.js";
import { switchesPanel } from "./switches.js";

/** Opens the models that the address names, and builds the page. */
async function start() {
  const runtime = openRuntime();
  const names = await jsonOf("models.json");
  const chosen = chosenOf(names, new URLSearchParams(location.search));
  const models = await Promise.all(chosen.map((name) => Model.open(runtime, name)));
  requireSameInput(models);
  const benches = models.map((model) => new Bench(model));
  const input = new Input(benches);
  document.querySelector("#top").append(...header(names, models));
  document.title = `Explore ${chosen.join(" and ")}`;
  const path = interpolatePanel(input);
  const extras = [
    path.element,
    ...(models[0].facts.kind === "documents" ? [] : [noisePanel(input), anomalyPanel(input)]),
    switchesPanel(input),
  ].filter((each) => each !== null);
  const bench = element("div", { class: `bench models-${models.length}` });
  bench.append(inputPanel(input), ...benches.map(codePanel));
  document
    .querySelector("#page")
    .replaceChildren(bench, element("div", { class: "extras" }, ...extras));
  const [{ facts, examples }] = models;
  await input.set(Float32Array.from(models[0].row(examples, 0)), facts.exampleTexts?.[0] ?? null);
  performance.mark("first decode");
  path.begin();
  document.body.dataset.state = "ready";
}

/** Returns the names of one model, or of two that are compared. */
function chosenOf(names, query) {
  const model = query.get("model") ?? names[0];
  const compare = query.get("compare");
  const chosen = compare === null || compare === model ? [model] : [model, compare];
  for (const name of chosen) {
    if (!names.includes(name)) {
      throw new Error(`There is no model ${name} on this page; there are ${names.join(", ")}.`);
    }
  }
  return chosen;
}

function requireSameInput(models) {
  const [first, second] = models.map(
    ({ facts }) => `${facts.kind} of ${facts.inputShape.join(" × ")}`,
  );
  if (second !== undefined && first !== second) {
    throw new Error(`Models are compared on the same input. Received: ${first}, and ${second}.`);
  }
}

start().catch((error) => {
  document
    .querySelector("#page")
    .replaceChildren(element("p", { id: "status", role: "alert" }, error.message));
  document.body.dataset.state = "failed";
});
