import { button, element } from "./elements.js";
import { rowView } from "./views.js";

const PEN = 1 / 18; // radius, as a share of the height
const SOFT = 0.6; // share of the radius over which a stroke fades

/** Returns a pad on which images are drawn, pixel by pixel of the model's input. */
export function pad(input) {
  const { facts, inputSize } = input.model;
  const [height, width, channels] = facts.inputShape;
  const view = rowView(
    facts,
    "Pad: drag to draw, or move the pen by arrow keys and press space to lower it.",
  );
  const canvas = view.element;
  canvas.classList.add("pad");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  const cursor = element("div", { class: "pen", hidden: true });
  const pen = { x: width / 2, y: height / 2, down: false, ink: 1 };
  let row = new Float32Array(inputSize);

  const stroke = (from, to) => {
    const steps = Math.max(1, Math.ceil(2 * Math.hypot(to.x - from.x, to.y - from.y)));
    for (let step = 0; step <= steps; step++) {
      const part = step / steps;
      dab(from.x + part * (to.x - from.x), from.y + part * (to.y - from.y));
    }
    input.set(Float32Array.from(row));
  };
  const dab = (x, y) => {
    const radius = height * PEN;
    for (let line = Math.floor(y - radius - 1); line <= y + radius + 1; line++) {
      for (let column = Math.floor(x - radius - 1); column <= x + radius + 1; column++) {
        if (line < 0 || column < 0 || line >= height || column >= width) continue;
        const distance = Math.hypot(column + 0.5 - x, line + 0.5 - y);
        const strength = Math.min(1, Math.max(0, (radius - distance) / (SOFT * radius)));
        mix((line * width + column) * channels, strength);
      }
    }
  };
  const mix = (start, strength) => {
    for (let place = start; place < start + channels; place++) {
      row[place] = pen.ink ? Math.max(row[place], strength) : Math.min(row[place], 1 - strength);
    }
  };
  const pointed = (event) => {
    const box = canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * width,
      y: ((event.clientY - box.top) / box.height) * height,
    };
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    Object.assign(pen, pointed(event));
    stroke(pen, pen);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    const next = pointed(event);
    stroke(pen, next);
    Object.assign(pen, next);
  });
  const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    if (event.key === " ") pen.down = !pen.down;
    else if (!keys[event.key]) return;
    event.preventDefault();
    const [across, down] = keys[event.key] ?? [0, 0];
    const next = {
      x: Math.min(width, Math.max(0, pen.x + across)),
      y: Math.min(height, Math.max(0, pen.y + down)),
    };
    if (pen.down) stroke(pen, next);
    Object.assign(pen, next);
    showPen();
  });
  const showPen = () => {
    cursor.hidden = false;
    cursor.classList.toggle("down", pen.down);
    cursor.style.left = `${(100 * pen.x) / width}%`;
    cursor.style.top = `${(100 * pen.y) / height}%`;
  };
  canvas.addEventListener("blur", () => {
    cursor.hidden = true;
    pen.down = false;
  });
  input.addEventListener("row", () => {
    row = Float32Array.from(input.row);
    view.draw(row);
  });
  const erase = button(
    "Erase",
    () => {
      pen.ink = 1 - pen.ink;
      erase.setAttribute("aria-pressed", pen.ink === 0);
    },
    { "aria-pressed": "false" },
  );
  const clear = button("Clear", () => input.set(new Float32Array(inputSize)));
  const box = element("div", { class: "pad-box" }, canvas, cursor);
  return element("div", {}, box, element("div", { class: "buttons" }, clear, erase));
}
