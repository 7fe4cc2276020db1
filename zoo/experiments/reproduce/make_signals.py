"""Makes the files of the row `signals` from the data in aeon 1.6: `python make_signals.py FOLDER`.

aeon needs an older numpy, so that it is installed by itself, and this file imports no `zoo`:

    python3 -m venv aeon && aeon/bin/pip install aeon==1.6.0
    aeon/bin/python zoo/experiments/reproduce/make_signals.py aeon_signals

Only what aeon's package holds is read; nothing is downloaded.
"""

import sys
from pathlib import Path

import numpy as np

CLASSES = {  # file: loader of aeon
    "gunpoint": "load_gunpoint",
    "italy_power_demand": "load_italy_power_demand",
    "osuleaf": "load_osuleaf",
    "basic_motions": "load_basic_motions",
    "japanese_vowels": "load_japanese_vowels",
}


def make(folder):
    """Writes a file for each set, with steps before channels.

    Sets with classes have `train`, `(rows, steps, channels)`, `train_labels`, `(rows,)`, and `test`
    and `test_labels` of the same form. Japanese vowels differ in length: each is repeated from its
    start up to the length of the longest. `internal_bleeding` is one series, `train` and `test`,
    `(steps, 1)`, with `test_anomalous`, `(steps,)`, which is 1 at an anomaly.

    Args:
        folder: Path of the folder, which is created.

    Example:

    >>> make("aeon_signals")  # doctest: +SKIP
    """
    from aeon import datasets

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, loader in CLASSES.items():
        parts = {split: getattr(datasets, loader)(split=split) for split in ("train", "test")}
        steps = max(row.shape[-1] for rows, _ in parts.values() for row in rows)
        classes = np.unique(parts["train"][1])
        arrays = {}
        for split, (rows, labels) in parts.items():
            arrays[split] = np.stack([whole(row, steps) for row in rows]).astype(np.float32)
            arrays[f"{split}_labels"] = np.searchsorted(classes, labels)
        np.savez_compressed(folder / f"{name}.npz", **arrays)
    (train, _), (test, anomalous) = map(datasets.load_kdd_tsad_135, ("train", "test"))
    np.savez_compressed(
        folder / "internal_bleeding.npz",
        train=np.reshape(train, (-1, 1)).astype(np.float32),
        test=np.reshape(test, (-1, 1)).astype(np.float32),
        test_anomalous=np.reshape(anomalous, -1).astype(np.uint8),
    )


def whole(row, steps):
    """Returns a row, `(channels, steps)`, repeated up to a number of steps, with channels last.

    Args:
        row: Array of shape `(channels, own steps)`.
        steps: Integer. The number of steps of the result.

    Returns:
        Array of shape `(steps, channels)`.

    Example:

    >>> whole(np.array([[1, 2, 3]]), 5).ravel().tolist()
    [1, 2, 3, 1, 2]
    """
    return row[:, np.arange(steps) % row.shape[-1]].T


if __name__ == "__main__":
    make(sys.argv[1])
