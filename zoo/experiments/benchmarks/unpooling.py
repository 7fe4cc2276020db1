"""Milliseconds to reconstruct images by MaxUnpool, a scatter and one-hot products."""

import functools
import tempfile
from pathlib import Path

import numpy as np

from zoo import registry
from zoo.experiments.benchmarks.lines import record
from zoo.experiments.benchmarks.timing import median, median_ratio, seconds, take_turns
from zoo.exporting import onnx_files
from zoo.layers.unpooling_forms import FORMS
from zoo.serving import runtimes, sessions

SHAPES = (28, 28, 1), (29, 31, 1)  # the second has remainders that the pooling drops


def measure(folder=None, *, shapes=SHAPES, filters=(32, 64), batches=(1, 64), rounds: int = 60):
    """Measures the time to reconstruct by each form, and returns one line for each shape and batch.

    The forms take turns on one thread. A line's `value` is how many times as fast MaxUnpool is as
    one-hot products, the median of the rounds; and `difference` the largest between the outputs.

    Args:
        folder: String or `Path`. The folder of `bench.jsonl`. Defaults to None, the package's.
        shapes: Tuple of shapes of an image. Defaults to an even and an odd one.
        filters: Tuple of integers. Filters of the net. Defaults to `(32, 64)`, the variant's own.
        batches: Tuple of integers. Numbers of images in a call. Defaults to `(1, 64)`.
        rounds: Integer. Number of calls of each form. Defaults to 60.

    Returns:
        A list of the lines that were appended to `bench.jsonl`, each a dict.

    Example:

    >>> measure(folder=".")  # doctest: +SKIP
    """
    lines = []
    for shape in shapes:
        model = registry.build("conv_ae", input_shape=shape, filters=filters, unpooling="argmax")
        runs = _runs(model)
        for batch in batches:
            images = np.random.default_rng(0).random((batch, *shape), dtype=np.float32)
            outputs = {name: run(images) for name, run in runs.items()}
            calls = {name: functools.partial(run, images) for name, run in runs.items()}
            turns = {name: functools.partial(seconds, call) for name, call in calls.items()}
            answers = take_turns(turns, rounds)
            first = outputs[FORMS[0]]
            worst = max(float(np.abs(first - output).max()) for output in outputs.values())
            lines.append(record(
                folder, bench="unpooling", variant=f"conv_ae {shape[0]} × {shape[1]}", batch=batch,
                unit="times as fast as one-hot products",
                value=round(median_ratio(answers, "one-hot", "native"), 2),
                scatter=round(median_ratio(answers, "scatter", "native"), 2),
                **{f"{name}_ms": round(1e3 * median(answers, name), 3) for name in runs},
                difference=worst,
            ))  # fmt: skip
    return lines


def _runs(model):
    """Returns a function of images for each form, and for those that OpenVINO can run there."""
    runs = {}
    for form in FORMS:
        with tempfile.TemporaryDirectory() as work:
            onnx_files.write(model, Path(work), {"name": model.variant}, form)
            data = (Path(work) / "autoencoder.onnx").read_bytes()
        runs[form] = _by_onnxruntime(data)
        if form != "native":
            openvino = _by_openvino(data, model)
            runs |= {f"openvino_{form}": openvino} if openvino else {}
    return runs


def _by_onnxruntime(data):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 3, 1
    session = sessions.open_session(data, session_options=options)
    return lambda images: session.run(["reconstruction"], {"image": images})[0]


def _by_openvino(data, model):
    from zoo import dependencies

    if not dependencies.installed("openvino"):
        return None
    opened = runtimes.OpenVINO({"reconstruct": data}, model.signatures, threads=1)
    return lambda images: opened.run("reconstruct", {"image": images})["reconstruction"]
