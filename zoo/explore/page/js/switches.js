import { element, figure, panel } from "./elements.js";
import { color, onTheme } from "./views.js";

const PIXEL = 12; // of the canvas, for a pixel of the image

/** Returns the panel that shows where the maxima of the first pooling are, or null without any. */
export function switchesPanel(input) {
  const benches = input.benches.filter(({ model }) => model.facts.codeNames.length > 1);
  if (!benches.length || input.model.facts.kind !== "images") return null;
  const hint =
    "A dot stands where a window of the first pooling found its maximum; decoding puts values back there.";
  const maps = benches.map((bench) => map(bench, input));
  return panel("switches", "Switches", hint, element("div", { class: "outputs" }, ...maps));
}

function map(bench, input) {
  const [height, width, channels] = bench.model.facts.inputShape;
  const size = { width: width * PIXEL, height: height * PIXEL };
  const label = "The input, with the place of each window's maximum";
  const canvas = element("canvas", { ...size, class: "overlay", role: "img", "aria-label": label });
  const select = element("select", { "aria-label": "Channel" });
  const draw = () => {
    const [first] = bench.switches;
    if (!first || !input.row) return;
    const context = canvas.getContext("2d");
    drawImage(context, input.row, width, channels);
    drawDots(context, first, Number(select.value) || 0, width);
  };
  bench.addEventListener("row", () => {
    if (!select.options.length) select.append(...options(bench.switches[0]));
    draw();
  });
  select.addEventListener("change", draw);
  onTheme(draw);
  const caption = element("span", {}, `${bench.model.facts.name}, channel `, select);
  return figure({ element: canvas }, caption);
}

/** Returns the channels, those whose switches vary most first. */
function options({ data, dims }) {
  const channels = dims[3];
  const spread = Array.from({ length: channels }, (_, channel) => {
    const values = data.filter((_, place) => place % channels === channel);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { channel, spread: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) };
  });
  return spread
    .sort((a, b) => b.spread - a.spread)
    .map(({ channel }) => element("option", { value: channel }, String(channel + 1)));
}

function drawImage(context, row, width, channels) {
  for (let place = 0; place < row.length / channels; place++) {
    const bands = [0, 1, 2].map(
      (band) => 255 * row[place * channels + (channels === 3 ? band : 0)],
    );
    context.fillStyle = `rgb(${bands.map((value) => Math.round(60 + 0.6 * value)).join(" ")})`;
    context.fillRect((place % width) * PIXEL, Math.floor(place / width) * PIXEL, PIXEL, PIXEL);
  }
}

function drawDots(context, { data, dims }, channel, width) {
  const [, lines, columns, channels] = dims;
  const pool = Math.floor(width / columns);
  context.strokeStyle = "rgb(255 255 255 / 0.18)";
  context.fillStyle = color("--dot");
  for (let line = 0; line < lines; line++) {
    for (let column = 0; column < columns; column++) {
      const offset = data[(line * columns + column) * channels + channel];
      const x = column * pool + (offset % pool) + 0.5;
      const y = line * pool + Math.floor(offset / pool) + 0.5;
      context.strokeRect(column * pool * PIXEL, line * pool * PIXEL, pool * PIXEL, pool * PIXEL);
      context.beginPath();
      context.arc(x * PIXEL, y * PIXEL, PIXEL / 3.2, 0, 2 * Math.PI);
      context.fill();
    }
  }
}
