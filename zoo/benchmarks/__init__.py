"""`zoo bench`: what is fast here, and small, measured against doing without this library."""

import importlib

from zoo import results
from zoo.benchmarks import machine
from zoo.errors import no_such

# Each is a module here with a function `measure(folder)` that appends its lines, and returns them.
BENCHES = {
    "fit": "images a second of `fit` beside bare Keras, PyTorch and pythae",
    "recipe": "`fit` by every recipe beside other batches, precision, steps a call, Keras's feed",
    "overhead": "`fit` of every variant beside the same net in bare Keras",
    "encode": "milliseconds to encode: onnxruntime, SavedModel, `predict`",
    "boltzmann": "images a second of contrastive divergence beside scikit-learn",
    "contractive": "a training step with the random-probe penalty over one without",
    "search": "milliseconds to find the nearest of a million codes, exactly and by faiss's graph",
    "memory": "peak memory of `zoo.train`, in sizes of the array it is given",
    "main_job": "seconds of the README's first command",
}


def bench(name: str, folder=None) -> list[dict]:
    """Runs one of `BENCHES` and appends its lines to `bench.jsonl`; returns them."""
    if name not in BENCHES:
        raise no_such("bench", name, list(BENCHES))
    results.require_writable("bench", folder)
    machine.warn_if_busy()
    return importlib.import_module(f"zoo.benchmarks.{name}").measure(folder)


def newest(folder=None) -> dict[tuple, dict]:
    """The newest line of each (bench, variant, batch), in the order of their first ones."""
    return {
        (line["bench"], line["variant"], line.get("batch")): line
        for line in results.read("bench", folder)
    }
