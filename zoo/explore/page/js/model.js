import { addressOf, bytesOf, jsonOf } from "./files.js";

/** Returns onnxruntime-web, ready to open models, on the one thread that every page may use. */
export async function openRuntime() {
  const [main, mjs, wasm] = await Promise.all([
    addressOf("runtime/ort.wasm.min.mjs"),
    addressOf("runtime/ort-wasm-simd-threaded.mjs"),
    addressOf("runtime/ort-wasm-simd-threaded.wasm", "application/wasm"),
  ]);
  const runtime = await import(main);
  runtime.env.wasm.numThreads = 1;
  runtime.env.wasm.wasmPaths = { mjs, wasm };
  return runtime;
}

/** A model of the page: its facts, its arrays, and a session for each of its endpoints. */
export class Model {
  /** Opens a model; `runtime` is the promise of onnxruntime-web, which loads meanwhile. */
  static async open(runtime, name) {
    const place = `models/${name}`;
    const facts = await jsonOf(`${place}/model.json`);
    const endpoints = Object.entries(facts.endpoints);
    const files = [`${place}/arrays.bin`, ...endpoints.map(([, { file }]) => `${place}/${file}`)];
    const [arrays, ...models] = await Promise.all(files.map(bytesOf));
    const model = new Model(await runtime, facts, arrays.buffer);
    const options = { executionProviders: ["wasm"], logSeverityLevel: 3 };
    for (const [number, [endpoint]] of endpoints.entries()) {
      const session = model.runtime.InferenceSession.create(models[number], options);
      model.sessions[endpoint] = await session;
    }
    return model;
  }

  constructor(runtime, facts, buffer) {
    this.runtime = runtime;
    this.facts = facts;
    this.sessions = {};
    this.inputSize = size(facts.inputShape);
    this.codeSize = size(facts.codeShapes[0]);
    this.codes = this.#array(buffer, "codes");
    this.examples = this.#array(buffer, "examples");
    this.rows = facts.arrays.rows ? this.#array(buffer, "rows") : null;
    this.last = Promise.resolve();
  }

  #array(buffer, name) {
    const { offset, shape, type } = this.facts.arrays[name];
    const Type = type === "uint8" ? Uint8Array : Float32Array;
    return new Type(buffer, offset, size(shape));
  }

  /** Returns one row of an array of rows, as numbers that a view draws. */
  row(array, number) {
    const values = array.subarray(number * this.inputSize, (number + 1) * this.inputSize);
    return values instanceof Uint8Array ? Float32Array.from(values, (byte) => byte / 255) : values;
  }

  /** Returns the number of codes. */
  get count() {
    return this.codes.length / this.codeSize;
  }

  /** Returns the code of a training row. */
  code(number) {
    return this.codes.subarray(number * this.codeSize, (number + 1) * this.codeSize);
  }

  /** Returns the code and the switches of rows that lie one after the other in `values`. */
  async encode(values) {
    const found = await this.run("encode", { [this.facts.input]: this.tensor(values) });
    const [latent, ...others] = this.facts.codeNames.map((name) => found[name]);
    return { code: latent.data, switches: others };
  }

  /** Returns the reconstructions of codes; `switches` are those of `encode` for as many rows. */
  async decode(code, switches = []) {
    const [latent, ...others] = this.facts.codeNames;
    const feeds = { [latent]: this.tensor(code, this.facts.codeShapes[0]) };
    others.forEach((name, place) => (feeds[name] = switches[place]));
    return (await this.run("decode", feeds)).reconstruction.data;
  }

  /** Returns the anomaly scores of rows. */
  async score(values) {
    const found = await this.run("score", { [this.facts.input]: this.tensor(values) });
    return Object.values(found)[0].data;
  }

  /** Returns a tensor of 32-bit floats with as many rows as `values` has. */
  tensor(values, shape = this.facts.inputShape) {
    const rows = values.length / size(shape);
    return new this.runtime.Tensor("float32", Float32Array.from(values), [rows, ...shape]);
  }

  /** Runs an endpoint after those that were called before; a session computes one at a time. */
  run(endpoint, feeds) {
    const result = this.last.then(() => this.sessions[endpoint].run(feeds));
    this.last = result.catch(() => {});
    return result;
  }
}

function size(shape) {
  return shape.reduce((product, length) => product * length, 1);
}
