import { element } from "./elements.js";

/** Returns the head of the page: what the models are, and a choice where there are several. */
export function header(names, models) {
  const title = element("h1", {}, models.map(({ facts }) => facts.name).join(" and "));
  const lines = models.map(({ facts }) => {
    const source = facts.source ?? "random rows, by which the export was verified";
    return element("p", {}, `${facts.summary} Codes and examples: ${source}.`);
  });
  return [
    element("div", {}, title, ...lines),
    ...(names.length > 1 ? [choice(names, models)] : []),
  ];
}

function choice(names, models) {
  const [model, compare] = models.map(({ facts }) => facts.name);
  const first = select("Model", names, model);
  const second = select("Compare with", ["", ...names], compare ?? "");
  const open = () => {
    const query = new URLSearchParams({ model: first.value });
    if (second.value && second.value !== first.value) query.set("compare", second.value);
    location.search = query;
  };
  for (const each of [first, second]) each.addEventListener("change", open);
  const labelled = [
    ["Model", first],
    ["Compare with", second],
  ].map(([text, each]) => element("label", {}, text, " ", each));
  return element("nav", { "aria-label": "Models" }, ...labelled);
}

function select(label, names, chosen) {
  const options = names.map((name) =>
    element("option", { value: name, selected: name === chosen }, name || "none"),
  );
  return element("select", { "aria-label": label }, ...options);
}
