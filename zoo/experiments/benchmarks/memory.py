"""The memory that `zoo.train` needs beside the array of its data."""

import concurrent.futures
import multiprocessing
import re
import tempfile
from pathlib import Path

from zoo.errors import UsageError
from zoo.experiments.benchmarks.lines import record

PROC = Path("/proc/self")
WARMED_BY = 1000  # rows of a first training, which loads libraries and allocates lasting memory


def measure(
    folder=None,
    *,
    variant: str = "deep_ae",
    rows: int = 152_750,
    input_shape: tuple[int, ...] = (28, 28, 1),
    classes: int = 0,
    epochs: int = 1,
    **arguments,
) -> list[dict]:
    """Measures the peak memory of `zoo.train`, relative to the size of the array.

    It is the peak of the resident memory during the call, minus that before it, divided by the
    bytes of the array. The call runs in a process of its own that has trained on a few rows before.

    Args:
        folder: String or `Path`. The folder of `bench.jsonl`. Defaults to None, the package's.
        variant: String. Name of the variant. Defaults to `"deep_ae"`.
        rows: Integer. Number of rows of the array. Defaults to 152,750, which is 479 MB.
        input_shape: Tuple of integers. Shape of a row. Defaults to `(28, 28, 1)`.
        classes: Integer. Number of classes of the labels; 0 for no labels. Defaults to 0.
        epochs: Integer. Number of epochs. Defaults to 1.
        **arguments: Arguments of the variant.

    Returns:
        A list of the lines that were appended to `bench.jsonl`, each a dict.

    Raises:
        UsageError: If the system is not Linux, the only one that reports the peak of a single call.

    Example:

    >>> measure(folder=".")  # doctest: +SKIP
    """
    if not (PROC / "clear_refs").exists():
        raise UsageError("`zoo bench memory` needs Linux, which reports memory in /proc.")
    call = {"variant": variant, "epochs": epochs} | arguments
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=spawn) as process:
        size, peak = process.submit(_peak, call, rows, input_shape, classes).result()
    return [record(
        folder, bench="memory", variant=variant, unit="times the array",
        value=round(peak / size, 2),
        rows=rows, input_shape=list(input_shape), classes=classes, epochs=epochs,
        arguments=arguments, array_mb=round(size / 1e6), peak_mb=round(peak / 1e6),
    )]  # fmt: skip


def _peak(call, rows, input_shape, classes):
    """Returns the bytes of the array, and those that its training adds at the peak."""
    import numpy as np

    import zoo

    random = np.random.default_rng(0)
    inputs = random.random((rows, *input_shape), dtype=np.float32)
    labels = random.integers(classes, size=rows) if classes else None

    def train(count):
        data = inputs[:count] if labels is None else (inputs[:count], labels[:count])
        with tempfile.TemporaryDirectory() as folder:
            zoo.train(data=data, folder=folder, **call)

    train(WARMED_BY)
    (PROC / "clear_refs").write_text("5")  # resets the peak to the memory resident now
    before = _resident("VmRSS")
    train(rows)
    return inputs.nbytes, _resident("VmHWM") - before


def _resident(field):
    return 1024 * int(re.search(rf"{field}:\s*(\d+) kB", (PROC / "status").read_text())[1])
