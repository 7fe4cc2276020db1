/** Returns a function that runs `task` for its newest argument; older ones that wait are dropped. */
export function latest(task) {
  let waiting = null;
  let running = false;
  return async (value) => {
    waiting = { value };
    if (running) return;
    running = true;
    try {
      while (waiting) {
        const next = waiting.value;
        waiting = null;
        await task(next);
      }
    } finally {
      running = false;
    }
  };
}

/** One model at work: the code that is shown, its reconstruction, and who is informed of them. */
export class Bench extends EventTarget {
  constructor(model) {
    super();
    this.model = model;
    this.code = null;
    this.switches = [];
    this.encodeLatest = latest((row) => this.#encode(row));
    this.decodeLatest = latest((code) => this.#decode(code));
  }

  /** Encodes a row, and decodes its code. */
  setRow(row) {
    return this.encodeLatest(row);
  }

  /** Decodes a code, with the switches of the newest row if the model needs them. */
  setCode(code) {
    this.code = code;
    return this.decodeLatest(code);
  }

  async #encode(row) {
    const { code, switches } = await this.model.encode(row);
    this.switches = switches;
    await this.setCode(code);
    this.dispatchEvent(new Event("row"));
  }

  async #decode(code) {
    const start = performance.now();
    this.dispatchEvent(new Event("code"));
    this.decoded = await this.model.decode(code, this.switches);
    this.dispatchEvent(new Event("decoded"));
    const { duration } = performance.measure("decode and draw", { start, end: performance.now() });
    this.dispatchEvent(new CustomEvent("timed", { detail: duration }));
  }
}

/** The row that all models of the page have as their input. */
export class Input extends EventTarget {
  constructor(benches) {
    super();
    this.benches = benches;
    this.row = null;
  }

  /** Returns the model that stands for all where only the input matters. */
  get model() {
    return this.benches[0].model;
  }

  /** Shows another row, which all models encode; `text` is the text that it stands for, if any. */
  async set(row, text = null) {
    this.row = row;
    this.text = text;
    this.dispatchEvent(new Event("row"));
    await Promise.all(this.benches.map((bench) => bench.setRow(row)));
  }
}
