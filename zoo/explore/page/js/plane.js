import { atlasButton } from "./atlas.js";
import { element } from "./elements.js";
import { codeAt, pointAt, pointOf, share } from "./geometry.js";
import { color, onTheme } from "./views.js";

const STEP = 0.02; // of the width, for an arrow key
const CLASSES = 10; // colours

/** Returns the plane of a model's codes, over which a pointer or the arrow keys move. */
export function codePlane(bench) {
  const { plane } = bench.model.facts;
  const label = "Plane of codes: drag, or press the arrow keys, to move the code.";
  const canvas = element("canvas", {
    class: "plane",
    tabindex: 0,
    role: "application",
    "aria-label": label,
  });
  const background = document.createElement("canvas");
  const state = { canvas, background, bench, plane, atlas: null };

  const redraw = () => {
    const scale = Math.min(2, devicePixelRatio || 1);
    for (const each of [canvas, background]) {
      each.width = each.height = Math.max(1, Math.round(canvas.clientWidth * scale));
    }
    drawBackground(state);
    drawCursor(state);
  };
  new ResizeObserver(redraw).observe(canvas);
  onTheme(redraw);
  bench.addEventListener("code", () => drawCursor(state));
  listen(state);
  return element("div", { class: "plane-box" }, canvas, atlasButton(state, redraw));
}

function toPixels({ plane, canvas }, point) {
  const [u, v] = point.map((value, axis) => share(value, plane.bounds[axis]));
  return [u * canvas.width, (1 - v) * canvas.height];
}

function listen(state) {
  const { canvas, plane, bench } = state;
  const move = (event) => {
    const box = canvas.getBoundingClientRect();
    const shares = [
      (event.clientX - box.left) / box.width,
      1 - (event.clientY - box.top) / box.height,
    ];
    go(shares.map((part) => Math.min(1, Math.max(0, part))));
  };
  const go = (shares) => {
    bench.setCode(codeAt(plane, pointAt(plane, shares)));
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    move(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) move(event);
  });
  const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  canvas.addEventListener("keydown", (event) => {
    const direction = keys[event.key];
    if (!direction || !bench.code) return;
    event.preventDefault();
    const step = event.shiftKey ? 5 * STEP : STEP;
    const shares = pointOf(plane, bench.code).map((value, axis) =>
      share(value, plane.bounds[axis]),
    );
    go(shares.map((part, axis) => Math.min(1, Math.max(0, part + step * direction[axis]))));
  });
}

function drawBackground(state) {
  const { background, bench, atlas, plane } = state;
  const { model } = bench;
  const context = background.getContext("2d");
  const { width } = background;
  context.fillStyle = color("--well");
  context.fillRect(0, 0, width, width);
  if (atlas) {
    context.imageSmoothingEnabled = false;
    context.drawImage(atlas, 0, 0, width, width);
    return;
  }
  const radius = Math.max(1.5, width / 260) * (model.count < 100 ? 2 : 1);
  const palette = Array.from({ length: CLASSES }, (_, label) => color(`--class-${label}`));
  const single = color("--accent");
  context.globalAlpha = 0.75;
  for (let number = 0; number < model.count; number++) {
    const [x, y] = toPixels(state, pointOf(plane, model.code(number)));
    const label = model.facts.labels?.[number];
    context.fillStyle = label === undefined ? single : palette[label % CLASSES];
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}

function drawCursor(state) {
  const { canvas, background, bench, plane } = state;
  const context = canvas.getContext("2d");
  context.drawImage(background, 0, 0);
  if (!bench.code) return;
  const [x, y] = toPixels(state, pointOf(plane, bench.code));
  const radius = canvas.width / 45;
  for (const [width, name] of [
    [canvas.width / 90, "--paper"],
    [canvas.width / 220, "--ink"],
  ]) {
    context.lineWidth = width;
    context.strokeStyle = color(name);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.moveTo(x - 2 * radius, y);
    context.lineTo(x + 2 * radius, y);
    context.moveTo(x, y - 2 * radius);
    context.lineTo(x, y + 2 * radius);
    context.stroke();
  }
}

/** Returns the names of the classes beside their colours, or nothing without labels. */
export function legend({ labels, classNames }) {
  if (!labels) return "";
  const present = [...new Set(labels)].sort((a, b) => a - b);
  if (present.length > 2 * CLASSES) return "";
  return element(
    "ul",
    { class: "legend", "aria-label": "Classes" },
    ...present.map((label) =>
      element("li", { class: `class-${label % CLASSES}` }, classNames?.[label] ?? String(label)),
    ),
  );
}
