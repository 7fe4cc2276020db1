import { button, element } from "./elements.js";
import { color, onTheme } from "./views.js";

const STEP = 0.02; // of the width, for an arrow key
const CLASSES = 10; // colours
const ATLAS = 16; // decoded rows along each side

/** Returns the plane of a model's codes, over which a pointer or the arrow keys move. */
export function codePlane(bench) {
  const { plane } = bench.model.facts;
  const label = "Plane of codes: drag, or press the arrow keys, to move the code.";
  const canvas = element("canvas", { class: "plane", tabindex: 0, role: "application", "aria-label": label });
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

/** Returns the code at a point of the plane. */
function codeAt({ origin, axes }, [u, v]) {
  return Float32Array.from(origin, (value, place) => value + u * axes[0][place] + v * axes[1][place]);
}

/** Returns the point of the plane that is nearest to a code. */
function pointOf({ origin, axes }, code) {
  return axes.map((axis) =>
    axis.reduce((sum, part, place) => sum + part * (code[place] - origin[place]), 0),
  );
}

function toPixels({ plane, canvas }, point) {
  const [u, v] = point.map((value, axis) => share(value, plane.bounds[axis]));
  return [u * canvas.width, (1 - v) * canvas.height];
}

function share(value, [low, high]) {
  return (value - low) / (high - low);
}

function listen(state) {
  const { canvas, plane, bench } = state;
  const move = (event) => {
    const box = canvas.getBoundingClientRect();
    const shares = [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height];
    go(shares.map((part) => Math.min(1, Math.max(0, part))));
  };
  const go = (shares) => {
    const point = shares.map((part, axis) => {
      const [low, high] = plane.bounds[axis];
      return low + part * (high - low);
    });
    bench.setCode(codeAt(plane, point));
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
    const shares = pointOf(plane, bench.code).map((value, axis) => share(value, plane.bounds[axis]));
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
  context.globalAlpha = 0.75;
  for (let number = 0; number < model.count; number++) {
    const [x, y] = toPixels(state, pointOf(plane, model.code(number)));
    const label = model.facts.labels?.[number];
    context.fillStyle = color(label === undefined ? "--accent" : `--class-${label % CLASSES}`);
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
  for (const [width, name] of [[canvas.width / 90, "--paper"], [canvas.width / 220, "--ink"]]) {
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

/** Returns a button that shows what the whole plane decodes to, for images without switches. */
function atlasButton(state, redraw) {
  const { facts } = state.bench.model;
  if (facts.kind !== "images" || facts.codeNames.length > 1) return "";
  const toggle = button("Show decoded images", async () => {
    state.atlas = state.atlas ? null : await decodedPlane(state);
    toggle.setAttribute("aria-pressed", state.atlas !== null);
    toggle.textContent = state.atlas ? "Show codes" : "Show decoded images";
    redraw();
  }, { "aria-pressed": "false" });
  return toggle;
}

async function decodedPlane({ bench, plane }) {
  const { model } = bench;
  const [height, width, channels] = model.facts.inputShape;
  const atlas = element("canvas", { width: ATLAS * width, height: ATLAS * height });
  const image = atlas.getContext("2d").createImageData(atlas.width, atlas.height);
  for (let line = 0; line < ATLAS; line++) {
    const codes = Array.from({ length: ATLAS }, (_, column) =>
      codeAt(plane, [(column + 0.5) / ATLAS, 1 - (line + 0.5) / ATLAS].map((part, axis) => {
        const [low, high] = plane.bounds[axis];
        return low + part * (high - low);
      })),
    );
    const decoded = await model.decode(codes.flatMap((code) => [...code]));
    for (let place = 0; place < ATLAS * height * width; place++) {
      const [column, y, x] = [Math.floor(place / (height * width)), Math.floor(place / width) % height, place % width];
      const target = 4 * ((line * height + y) * atlas.width + column * width + x);
      for (let band = 0; band < 3; band++) {
        image.data[target + band] = 255 * decoded[place * channels + (channels === 3 ? band : 0)];
      }
      image.data[target + 3] = 255;
    }
  }
  atlas.getContext("2d").putImageData(image, 0, 0);
  return atlas;
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
