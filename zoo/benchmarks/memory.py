"""The memory that `zoo.train` needs beside the array that it is given."""

import concurrent.futures
import multiprocessing
import re
import tempfile
from pathlib import Path

from zoo.benchmarks.lines import record
from zoo.errors import UsageError

PROC = Path("/proc/self")
WARMED_BY = 1000  # rows, whose training loads every library and allocates what stays


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
    """Returns one line: the peak memory of `zoo.train`, in sizes of the array.

    It is the peak of the resident memory during the call, less that before it, over the bytes of
    the array; in a process of its own, which has trained on a few rows before.

    Args:
        folder: The folder of the results. Defaults to the package's.
        variant: The name of the variant.
        rows: The number of rows of the array; by default it has 479 MB.
        input_shape: The shape of a row.
        classes: The number of classes that the rows have labels of; 0 for no labels.
        epochs: The number of epochs.
        **arguments: Arguments of the variant.

    Raises:
        UsageError: if the system is not Linux, which alone tells the peak of a single call.
    """
    if not (PROC / "clear_refs").exists():
        raise UsageError("`zoo bench memory` needs Linux, with its folder /proc.")
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
    """Returns the bytes of the array, and those that the peak of its training adds."""
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
    (PROC / "clear_refs").write_text("5")  # the peak begins anew at what is resident now
    before = _resident("VmRSS")
    train(rows)
    return inputs.nbytes, _resident("VmHWM") - before


def _resident(field):
    return 1024 * int(re.search(rf"{field}:\s*(\d+) kB", (PROC / "status").read_text())[1])
