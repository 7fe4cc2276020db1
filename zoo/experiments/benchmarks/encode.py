"""Milliseconds to encode images: by onnxruntime, `zoo.load`, the SavedModel, Keras's `predict`."""

import functools
import statistics
import tempfile
from pathlib import Path

import tensorflow as tf

from zoo import datasets, exporting, registry
from zoo.experiments.benchmarks.lines import record
from zoo.experiments.benchmarks.timing import median_ratio, seconds, take_turns

REPEATS = 15  # calls in a turn


def measure(folder=None, *, names=("conv_ae", "deep_ae", "vae"), batches=(1, 64), rounds: int = 40):
    """Measures the time to encode and returns one line for each variant and batch size.

    A line has the medians, how many times as fast onnxruntime and `zoo.load` are as the SavedModel,
    and the time of `zoo.load` relative to onnxruntime's, as the median of the rounds.

    Args:
        folder: String or `Path`. The folder of `bench.jsonl`. Defaults to None, the package's.
        names: Tuple of strings. Names of variants. Defaults to `("conv_ae", "deep_ae", "vae")`.
        batches: Tuple of integers. Numbers of images in a call. Defaults to `(1, 64)`.
        rounds: Integer. Number of turns of each runtime, after a tenth of that number to warm up.
            In a turn its call is repeated, except `predict`, and the median counts: the threads of
            one runtime go on for a while and would slow down the next one's first call. Defaults to
            40.

    Returns:
        A list of the lines that were appended to `bench.jsonl`, each a dict.

    Example:

    >>> measure(folder=".")  # doctest: +SKIP
    """
    lines = []
    for name in names:
        model = registry.build(name)
        with tempfile.TemporaryDirectory() as work:
            bundle = exporting.export(model, Path(work) / "bundle")
            session = bundle.runtime.models["encode"]
            loaded = tf.saved_model.load(str(bundle.folder / "saved_model"))
            for batch in batches:
                images = datasets.load("mnist_5k").test.images[:batch]
                runtimes = _runtimes(model, bundle, session, loaded.signatures["encode"], images)
                turns = {
                    key: functools.partial(_repeated, run, 1 if key == "predict" else REPEATS)
                    for key, run in runtimes.items()
                }
                answers = take_turns(turns, rounds + rounds // 10)[rounds // 10 :]
                p50 = {
                    key: 1e3 * statistics.median(answer[key] for answer in answers)
                    for key in runtimes
                }
                lines.append(record(
                    folder, bench="encode", variant=name, batch=batch,
                    unit="times as fast as the SavedModel",
                    value=round(p50["saved_model"] / p50["onnxruntime"], 2),
                    zoo_load_times=round(p50["saved_model"] / p50["zoo_load"], 2),
                    loader=round(median_ratio(answers, "zoo_load", "onnxruntime"), 3),
                    **{f"{key}_ms": round(value, 3) for key, value in p50.items()},
                ))  # fmt: skip
    return lines


def _repeated(run, times):
    return statistics.median(seconds(run) for _ in range(times))


def _runtimes(model, bundle, session, signature, images):
    tensor = tf.constant(images)
    return {
        "onnxruntime": lambda: session.run(["latent"], {"image": images}),
        "zoo_load": lambda: bundle.encode(images),
        "saved_model": lambda: signature(image=tensor)["latent"].numpy(),
        "predict": lambda: model.encoder.predict(images, batch_size=len(images), verbose=0),
    }
