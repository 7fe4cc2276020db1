/** Returns a new element with attributes, listeners (`onclick`) and children. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null)
      node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** Returns a section of the page with a heading and one sentence on what to do. */
export function panel(name, title, hint, ...children) {
  const heading = element("h2", { id: `${name}-title` }, title);
  const lines = hint ? [element("p", { class: "hint" }, hint)] : [];
  const attributes = { class: `panel ${name}`, "aria-labelledby": `${name}-title` };
  return element("section", attributes, heading, ...lines, ...children);
}

/** Returns a figure: a view with a caption below it. */
export function figure(view, caption) {
  const text = element("figcaption", {}, caption);
  return element("figure", {}, view.element, text);
}

/** Returns a labelled slider; `changed` is called with its value while it moves. */
export function slider(label, { min, max, value, step = "any" }, changed) {
  const output = element("output", {}, short(value));
  const input = element("input", { type: "range", min, max, step, value, "aria-label": label });
  input.addEventListener("input", () => {
    output.value = short(input.valueAsNumber);
    changed(input.valueAsNumber);
  });
  const set = (number) => {
    input.min = Math.min(input.min, number); // a number beyond the range is shown as it is
    input.max = Math.max(input.max, number);
    input.value = number;
    output.value = short(number);
  };
  const name = element("span", { class: "name" }, label);
  return { element: element("label", { class: "slider" }, name, input, output), input, set };
}

/** Returns a number with as many digits as a reader needs. */
export function short(number) {
  return Math.abs(number) >= 100 ? number.toFixed(0) : number.toFixed(2);
}

/** Returns a button. */
export function button(text, action, attributes = {}) {
  return element("button", { type: "button", onclick: action, ...attributes }, text);
}
