"""The memory that `zoo.train` needs beside the array of its data."""

import concurrent.futures
import multiprocessing
import re
import shutil
import tempfile
import time
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
    on_disk: tuple[float, ...] = (1, 8),
    **arguments,
) -> list[dict]:
    """Measures the peak memory of `zoo.train`, of rows in memory and of rows that stay on disk.

    In memory, the peak is relative to the size of the array.

    It is the peak of the resident memory during the call, minus that before it, divided by the
    bytes of the array. The call runs in a process of its own that has trained on a few rows before.

    Args:
        folder: String or `Path`. The folder of `bench.jsonl`. Defaults to None, the package's.
        variant: String. Name of the variant. Defaults to `"deep_ae"`.
        rows: Integer. Number of rows of the array. Defaults to 152,750, which is 479 MB.
        input_shape: Tuple of integers. Shape of a row. Defaults to `(28, 28, 1)`.
        classes: Integer. Number of classes of the labels; 0 for no labels. Defaults to 0.
        epochs: Integer. Number of epochs. Defaults to 1.
        on_disk: Tuple of floats. Gigabytes of the files of digits, written to the system's
            temporary folder, on which `linear_ae` is trained, evaluated and used to encode.
            Defaults to `(1, 8)`.
        **arguments: Arguments of the variant.

    Returns:
        A list of the lines that were appended to `bench.jsonl`, each a dict.

    Raises:
        UsageError: If the system is not Linux, the only one that reports the peak of a single call,
            or if the files do not fit on the disk.

    Example:

    >>> measure(folder=".")  # doctest: +SKIP
    """
    if not (PROC / "clear_refs").exists():
        raise UsageError("`zoo bench memory` needs Linux, which reports memory in /proc.")
    call = {"variant": variant, "epochs": epochs} | arguments
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=spawn) as process:
        size, peak = process.submit(_peak, call, rows, input_shape, classes).result()
    lines = [record(
        folder, bench="memory", variant=variant, unit="times the array",
        value=round(peak / size, 2),
        rows=rows, input_shape=list(input_shape), classes=classes, epochs=epochs,
        arguments=arguments, array_mb=round(size / 1e6), peak_mb=round(peak / 1e6),
    )]  # fmt: skip
    for gigabytes in on_disk:
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=spawn) as process:
            peak, seconds = process.submit(_peak_on_disk, gigabytes).result()
        lines.append(record(
            folder, bench="memory", variant=f"linear_ae on {gigabytes:g} GB", unit="MB",
            value=round(peak / 1e6), file_gb=gigabytes, seconds=round(seconds),
        ))  # fmt: skip
    return lines


def _peak_on_disk(gigabytes):
    """Returns the bytes that a training on a file of digits adds at the peak, and its seconds."""
    import numpy as np

    import zoo

    digits = np.round(zoo.datasets.load("mnist_5k").train.images * 255).astype(np.uint8)
    large = np.tile(digits, (1, 3, 3, 1))  # 84 x 84, so that reading takes the longer part
    with tempfile.TemporaryDirectory() as folder:
        needed, free = gigabytes * 1e9, shutil.disk_usage(folder).free
        if needed > 0.9 * free:
            raise UsageError(
                f"`on_disk` must be at most {0.9 * free / 1e9:.1f} GB, what fits on the disk of "
                f"{folder}. Received: {gigabytes} GB."
            )

        def run(rows):
            path = Path(folder) / f"{rows}.npy"
            header = {"descr": "|u1", "fortran_order": False, "shape": (rows, *large.shape[1:])}
            with open(path, "wb") as file:
                np.lib.format.write_array_header_1_0(file, header)
                for start in range(0, rows, len(large)):
                    file.write(large[: rows - start])
            data = zoo.datasets.load(path, in_memory=False)
            run = zoo.train("linear_ae", data, epochs=1, batch_size=256,
                            folder=Path(folder) / f"run-{rows}")  # fmt: skip
            zoo.encode(run, data.train, path.with_suffix(".codes.npy"))

        run(WARMED_BY)
        (PROC / "clear_refs").write_text("5")  # resets the peak to the memory resident now
        before, started = _resident("VmRSS"), time.perf_counter()
        run(round(gigabytes * 1e9 / large[0].size))
        return _resident("VmHWM") - before, time.perf_counter() - started


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
