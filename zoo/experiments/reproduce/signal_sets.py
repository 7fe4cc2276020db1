"""The sets of the row `signals`: read, divided, and cut into windows."""

import dataclasses
from pathlib import Path

import numpy as np

from zoo.datasets.readers import npz
from zoo.datasets.split import Split
from zoo.errors import UsageError
from zoo.inputs import kinds

CLASSES = ("gunpoint", "italy_power_demand", "osuleaf", "basic_motions", "japanese_vowels")
SERIES = "internal_bleeding"
FEW, SPLITS = 100, 5  # sets of fewer training rows are divided several times
WINDOW, STRIDE = 64, 4  # steps of a window of a series, and from one window to the next
ARRAYS = ("train", "train_labels", "test", "test_labels", "test_anomalous")


@dataclasses.dataclass(frozen=True)
class Signals:
    """Sets of signals.

    Attributes:
        name: String. The folder that they were read from.
        sets: Dict from the name of each set to a dict of its arrays.

    Example:

    >>> Signals("a folder", {"gunpoint": {"train": np.zeros((2, 3, 1))}}).name
    'a folder'
    """

    name: str
    sets: dict[str, dict[str, np.ndarray]]


def read(folder: str) -> Signals:
    """Reads the files that `make_signals.py` writes.

    Args:
        folder: String. The folder.

    Returns:
        `Signals`.

    Raises:
        UsageError: If a file is missing, or lacks an array.

    Example:

    >>> read("aeon_signals")  # doctest: +SKIP
    """
    sets = {}
    for name in names():
        path = Path(folder) / f"{name}.npz"
        needed = ARRAYS[:4] if name in CLASSES else ("train", "test", "test_anomalous")
        if not path.exists():
            raise UsageError(
                f"{folder} must be a folder of the files that "
                "zoo/experiments/reproduce/make_signals.py writes. Received: a folder without "
                f"{path.name}."
            )
        found, arrays = npz.read(path, lambda _: ARRAYS)
        if found is None or not {*needed} <= {*arrays}:
            raise UsageError(
                f"{path} must hold {', '.join(needed)}. Received: {', '.join(found or ())}."
            )
        sets[name] = arrays
    return Signals(str(folder), sets)


def names() -> list[str]:
    """Returns the names of the sets, which are the parts of the row `signals`."""
    return [*CLASSES, SERIES]


def splits_of(arrays: dict[str, np.ndarray], seed: int) -> list[tuple[Split, Split]]:
    """Returns the divisions of a set into rows to learn from and rows to test on.

    The first is the set's own. Where that has fewer than 100 training rows there are four more: as
    many rows of each class are drawn from all rows, and those of the set's test rows are tested
    that were not drawn. So no row is tested on which settings were chosen.

    Args:
        arrays: Dict of `train`, `train_labels`, `test` and `test_labels`.
        seed: Integer. Seed of the draws.

    Returns:
        A list of pairs of `Split`s.

    Example:

    >>> x, labels = np.zeros((20, 5, 1), np.float32), np.arange(20) % 2
    >>> arrays = {"train": x[:8], "train_labels": labels[:8], "test": x, "test_labels": labels}
    >>> [(len(learn), len(tested)) for learn, tested in splits_of(arrays, seed=0)][:1]
    [(8, 20)]
    """
    x, labels = (np.concatenate([arrays[f"train{end}"], arrays[f"test{end}"]])
                 for end in ("", "_labels"))  # fmt: skip
    own = np.arange(len(arrays["train"]))
    drawn, random = [own], np.random.default_rng(seed)
    for _ in range(SPLITS - 1 if len(own) < FEW else 0):
        rows = [random.permutation(np.flatnonzero(labels == label))[: np.sum(labels[own] == label)]
                for label in np.unique(labels)]  # fmt: skip
        drawn.append(np.sort(np.concatenate(rows)))
    result = []
    for learn in drawn:
        tested = np.setdiff1d(np.arange(len(own), len(x)), learn)
        parts = [Split(x[rows].astype(np.float32), labels[rows], kind=kinds.SEQUENCES.name)
                 for rows in (learn, tested)]  # fmt: skip
        result.append(tuple(parts))
    return result


def windows_of(series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the windows of a series, and the step that each begins at.

    Args:
        series: Array of shape `(steps, channels)`.

    Returns:
        A pair: float32 array, `(windows, 64, channels)`, and integers, `(windows,)`. The last
        window ends with the series.

    Example:

    >>> windows, starts = windows_of(np.zeros((70, 1)))
    >>> windows.shape, starts.tolist()
    ((3, 64, 1), [0, 4, 6])
    """
    last = len(series) - WINDOW
    starts = np.unique([*range(0, last + 1, STRIDE), last])
    return np.stack([series[start : start + WINDOW] for start in starts]).astype(np.float32), starts


def over_steps(values: np.ndarray, starts: np.ndarray, steps: int) -> np.ndarray:
    """Returns the mean over the windows that hold it of each step's value.

    Args:
        values: Array of shape `(windows, window)`.
        starts: Integers, `(windows,)`. The step that each window begins at.
        steps: Integer. Number of steps of the series.

    Returns:
        Array of shape `(steps,)`.

    Example:

    >>> over_steps(np.array([[1.0, 2.0], [4.0, 5.0]]), np.array([0, 1]), 3).tolist()
    [1.0, 3.0, 5.0]
    """
    places = starts[:, None] + np.arange(values.shape[1])
    sums = np.bincount(places.ravel(), values.ravel(), steps)
    return sums / np.bincount(places.ravel(), minlength=steps)
