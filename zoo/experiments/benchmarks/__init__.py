"""`zoo bench`: measures speed and memory, compared with doing without this library."""

import importlib

from zoo.errors import no_such
from zoo.experiments import results
from zoo.experiments.benchmarks import machine

# Each name is a module here with a function `measure(folder)` that appends and returns its lines.
BENCHES = {
    "fit": "images per second of `fit`, compared with bare Keras, PyTorch, pythae and JAX",
    "recipe": "`fit` by every recipe, compared with other batch sizes, precision, steps per call",
    "overhead": "`fit` of every variant, compared with the same net in bare Keras",
    "encode": "milliseconds to encode: onnxruntime, `zoo.load`, SavedModel, `predict`",
    "unpooling": "milliseconds to reconstruct by MaxUnpool, a scatter and one-hot products",
    "boltzmann": "images per second of contrastive divergence, compared with scikit-learn",
    "contractive": "time of a training step with the random-probe penalty, relative to one without",
    "search": "milliseconds to find the nearest of a million codes, exactly and with faiss",
    "memory": "peak memory of `zoo.train`, relative to its array, and of rows that stay on disk",
    "photos": "images per second of `fit` on photos that stay on disk, compared with memory",
    "interrupts": "commands that end properly when a signal comes at a random time",
    "main_job": "seconds of the README's first command",
}


def bench(name: str, folder=None) -> list[dict]:
    """Runs a benchmark and appends its lines to `bench.jsonl`.

    Args:
        name: String. A key of `BENCHES`.
        folder: String or `Path`. The folder of `bench.jsonl`. Defaults to None, the package's.

    Returns:
        A list of the lines that were appended to `bench.jsonl`, each a dict.

    Raises:
        UsageError: If there is no such benchmark, or if the file cannot be written.

    Example:

    >>> bench("contractive", folder=".")[0]["value"]  # doctest: +SKIP
    """
    if name not in BENCHES:
        raise no_such("bench", name, list(BENCHES))
    results.require_writable("bench", folder)
    machine.warn_if_busy()
    return importlib.import_module(f"zoo.experiments.benchmarks.{name}").measure(folder)


def newest(folder=None) -> dict[tuple, dict]:
    """Returns the newest line of each benchmark, variant and batch size.

    Args:
        folder: String or `Path`. The folder of `bench.jsonl`. Defaults to None, the package's.

    Returns:
        A dict from the triple of benchmark, variant and batch size (or None) to the line, in the
        order of the oldest lines.

    Example:

    >>> newest(folder=".")
    {}
    """
    return {
        (line["bench"], line["variant"], line.get("batch")): line
        for line in results.read("bench", folder)
    }
