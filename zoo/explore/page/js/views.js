import { element } from "./elements.js";
import { unitOf } from "./errors.js";

const CHART = { width: 320, height: 160 };
const WORDS = 10;
const SLICES = [
  [9, 3],
  [8, 4],
  [6, 3],
  [4, 2],
  [2, 2],
  [1, 1],
]; // how many, in how many columns
// Dark to bright, for the square root of an error.
const HEAT = [
  [12, 8, 38],
  [87, 16, 110],
  [188, 55, 84],
  [249, 142, 9],
  [252, 255, 164],
];

/** Returns a view that draws rows of a model's kind of data: `element` and `draw(values)`. */
export function rowView(facts, label, { small = false, errors = false } = {}) {
  if (facts.kind === "documents") return wordsView(facts, label);
  if (facts.kind === "images") return imageView(facts.inputShape, label, facts.range, errors);
  if (facts.kind === "volumes") return volumeView(facts.inputShape, label, errors);
  const channels = facts.kind === "sequences" ? facts.inputShape[1] : 0;
  return chartView(label, channels, small, errors ? null : facts);
}

/** Returns a view of images, each number a pixel of the canvas. */
function imageView([height, width, channels], label, range, heat) {
  const canvas = element("canvas", {
    width,
    height,
    class: "pixels",
    role: "img",
    "aria-label": label,
  });
  return {
    element: canvas,
    draw: (values) => paint(canvas, scaled(values, range, heat), channels, heat),
  };
}

/** Returns a view of volumes: slices at even distances, row by row. */
function volumeView([depth, height, width, channels], label, heat) {
  const [count, columns] = SLICES.find(([number]) => number <= depth);
  const size = { width: columns * width, height: Math.ceil(count / columns) * height };
  const canvas = element("canvas", { ...size, class: "pixels", role: "img", "aria-label": label });
  const slice = height * width * channels;
  const draw = (values) => {
    const shown = scaled(values, [0, 1], heat);
    for (let number = 0; number < count; number++) {
      const level = Math.floor(((number + 0.5) * depth) / count);
      const place = [(number % columns) * width, Math.floor(number / columns) * height];
      const part = shown.subarray(level * slice, (level + 1) * slice);
      paint(canvas, part, channels, heat, { place, width, height });
    }
  };
  return { element: canvas, draw };
}

/** Returns values from 0 to 1; errors, and values without a range, by their own extremes. */
function scaled(values, range, heat) {
  if (range && !heat) return values;
  const high = Math.max(1e-6, ...values);
  const low = heat ? 0 : Math.min(...values);
  const map = heat
    ? (value) => Math.sqrt(value / high)
    : (value) => (value - low) / (high - low || 1);
  return Float32Array.from(values, map);
}

function paint(canvas, values, channels, heat, part = null) {
  const { width, height, place } = part ?? { ...size(canvas), place: [0, 0] };
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const first = values[pixel * channels];
    const color = heat ? hot(mean(values, pixel * channels, channels)) : null;
    for (let band = 0; band < 3; band++) {
      const value = channels === 3 ? values[pixel * channels + band] : first;
      image.data[pixel * 4 + band] = color ? color[band] : Math.round(value * 255);
    }
    image.data[pixel * 4 + 3] = 255;
  }
  context.putImageData(image, ...place);
}

function size({ width, height }) {
  return { width, height };
}

function mean(values, start, count) {
  let sum = 0;
  for (let place = start; place < start + count; place++) sum += values[place];
  return sum / count;
}

function hot(value) {
  const place = Math.min(Math.max(value, 0), 1) * (HEAT.length - 1);
  const left = Math.min(Math.floor(place), HEAT.length - 2);
  return HEAT[left].map((low, band) => low + (HEAT[left + 1][band] - low) * (place - left));
}

/** Returns a chart: a line for each channel of a sequence, or, without channels, bars. */
function chartView(label, channels, small, facts) {
  const scale = small ? 0.5 : 1;
  const attributes = { width: CHART.width * 2 * scale, height: CHART.height * 2 * scale };
  const canvas = element("canvas", {
    ...attributes,
    class: "chart",
    role: "img",
    "aria-label": label,
  });
  let shown = null;
  const draw = (row) => {
    shown = row;
    const known = facts?.scale ? standardised(row, facts) : row;
    const values = known.map((value) => (Number.isNaN(value) ? 0 : value)); // missing cells
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    const extremes = [Math.min(0, ...values), Math.max(0, ...values)];
    if (channels) drawLines(context, values, channels, extremes);
    else drawBars(context, values, extremes);
  };
  onTheme(() => shown && draw(shown));
  return { element: canvas, draw };
}

function standardised(row, facts) {
  const unit = unitOf(facts);
  const { mean } = facts.scale;
  return row.map((value, place) => (value - mean[place % mean.length]) / unit(place));
}

function drawLines(context, values, channels, [low, high]) {
  const { width, height } = context.canvas;
  const steps = values.length / channels;
  context.lineWidth = 3;
  for (let channel = 0; channel < channels; channel++) {
    context.strokeStyle = color(`--class-${channel % 10}`);
    context.beginPath();
    for (let step = 0; step < steps; step++) {
      const share = (values[step * channels + channel] - low) / (high - low || 1);
      context.lineTo((step / Math.max(1, steps - 1)) * width, (1 - share) * (height - 6) + 3);
    }
    context.stroke();
  }
}

function drawBars(context, values, [low, high]) {
  const { width, height } = context.canvas;
  const y = (value) => (1 - (value - low) / (high - low || 1)) * (height - 6) + 3;
  context.fillStyle = color("--accent");
  values.forEach((value, place) => {
    const left = (place / values.length) * width;
    const top = Math.min(y(value), y(0));
    context.fillRect(
      left,
      top,
      Math.max(1, width / values.length - 2),
      Math.abs(y(value) - y(0)) + 1,
    );
  });
}

/** Returns a view of documents: the words that weigh most. */
function wordsView(facts, label) {
  const list = element("ol", { class: "words", "aria-label": label });
  const words = facts.vocabulary?.words ?? facts.columns ?? [];
  const draw = (values) => {
    const places = [...values.keys()].sort((a, b) => values[b] - values[a]).slice(0, WORDS);
    const most = values[places[0]] || 1;
    list.replaceChildren(
      ...places
        .filter((place) => values[place] > 0)
        .map((place) => {
          const share = element("meter", { min: 0, max: 1, value: values[place] / most });
          return element("li", {}, element("span", {}, words[place] || `word ${place}`), share);
        }),
    );
  };
  return { element: list, draw };
}

/** Returns a colour of the style sheet. */
export function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Calls a function whenever the browser changes between light and dark. */
export function onTheme(action) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", action);
}
