import { button, element } from "./elements.js";
import { codeAt, pointAt } from "./geometry.js";

const ATLAS = 16; // decoded rows along each side

/** Returns a button that shows what the whole plane decodes to, for images without switches. */
export function atlasButton(state, redraw) {
  const { facts } = state.bench.model;
  if (facts.kind !== "images" || facts.codeNames.length > 1) return "";
  const toggle = button(
    "Show decoded images",
    async () => {
      state.atlas = state.atlas ? null : await decodedPlane(state);
      toggle.setAttribute("aria-pressed", state.atlas !== null);
      toggle.textContent = state.atlas ? "Show codes" : "Show decoded images";
      redraw();
    },
    { "aria-pressed": "false" },
  );
  return toggle;
}

async function decodedPlane({ bench, plane }) {
  const { model } = bench;
  const [height, width, channels] = model.facts.inputShape;
  const atlas = element("canvas", { width: ATLAS * width, height: ATLAS * height });
  const image = atlas.getContext("2d").createImageData(atlas.width, atlas.height);
  for (let line = 0; line < ATLAS; line++) {
    const codes = Array.from({ length: ATLAS }, (_, column) =>
      codeAt(plane, pointAt(plane, [(column + 0.5) / ATLAS, 1 - (line + 0.5) / ATLAS])),
    );
    const decoded = await model.decode(codes.flatMap((code) => [...code]));
    for (let place = 0; place < ATLAS * height * width; place++) {
      const [column, y, x] = [
        Math.floor(place / (height * width)),
        Math.floor(place / width) % height,
        place % width,
      ];
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
