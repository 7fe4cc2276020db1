import { element } from "./elements.js";

const PAUSE = 150; // milliseconds after a key before the text is encoded

/** Returns a box for a text, which is encoded while it is written. */
export function textBox(input) {
  const { facts, inputSize } = input.model;
  const box = element("textarea", { rows: 6, "aria-label": "Text", spellcheck: "false" });
  const known = element("p", { class: "hint", role: "status" });
  let timer = null;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const document_ = weigh(facts.vocabulary, box.value, inputSize);
      const count = document_.filter((weight) => weight > 0).length;
      known.textContent = `${count} words of the vocabulary`;
      if (count) input.set(document_, box.value);
    }, PAUSE);
  });
  input.addEventListener("row", () => {
    if (input.text !== null && input.text !== box.value) box.value = input.text;
  });
  return element("div", {}, box, known);
}

/** Returns a text as the model's input: the weighted shares of the words of the vocabulary. */
export function weigh({ words, weights, weighting, unspaced }, text, size) {
  const places = new Map(words.map((word, place) => [word, place]));
  const values = new Float32Array(size);
  for (const word of wordsOf(text, unspaced)) {
    const place = word && places.get(word);
    if (place !== undefined) values[place] += 1;
  }
  for (let place = 0; place < size; place++) {
    if (values[place] && weighting === "tf-idf") values[place] = 1 + Math.log(values[place]);
    values[place] *= weights[place];
  }
  const total = values.reduce((sum, value) => sum + value, 0);
  return total ? values.map((value) => value / total) : values;
}

/** Returns the words of a text by the rules of `zoo.inputs.words.words_of`. */
function wordsOf(text, unspaced) {
  const lower = [...text]
    .map((letter) => (/[\p{L}\p{M}\p{N}]/u.test(letter) ? letter.toLowerCase() : " "))
    .join("")
    .replace(new RegExp(`((?:${unspaced})+)`, "gu"), " $1 ")
    .replace(/([^ ])σ( |$)/g, "$1ς$2");
  const letters = new RegExp(unspaced, "gu");
  return lower.split(" ").flatMap((word) => {
    const found = word.match(letters) ?? [];
    if (found.length < 2) return found.length ? found : [word];
    return found.slice(1).map((letter, place) => found[place] + letter);
  });
}
