"""Tries the scores of a detector of sequences on held-out training rows, never on test rows.

The command

    python -m zoo.experiments.signal_scores aeon_signals

takes each class of each set of the row `signals` as normal in turn, learns from two thirds of its
training rows, scores the other third of all training rows, and appends the mean AUROC of every
score and set to `results/tuning.jsonl`.
"""

import sys

import numpy as np

from zoo.anomaly import Detector, measure
from zoo.datasets.dataset import Dataset
from zoo.datasets.split import Split
from zoo.errors import UsageError
from zoo.experiments import results
from zoo.experiments.reproduce import signals
from zoo.inputs import kinds
from zoo.training import in_memory

SETTINGS = (
    {"score": "reconstruction", "top_fraction": 1.0},
    {"score": "reconstruction", "top_fraction": 0.5},
    {"score": "reconstruction", "top_fraction": 0.2},
    {"score": "reconstruction", "top_fraction": 0.05},
    {"score": "latent"},
    {"score": "both", "top_fraction": 1.0},
)
HELD_OUT = 1 / 3


def choose(signals_folder: str, folder=None) -> list[dict]:
    """Measures the scores of sequences on held-out training rows of each set, and records them.

    Args:
        signals_folder: String. The folder of the sets, as for `signals.read`.
        folder: String or `Path`. The folder of `tuning.jsonl`. Defaults to None, the package's.

    Returns:
        The lines of `tuning.jsonl`, one for each set: its `value` is a list of the AUROC by each
        of the `options`, None where a class has too few rows for a score.

    Example:

    >>> choose("aeon_signals")  # doctest: +SKIP
    """
    lines = []
    for name, arrays in signals.read(signals_folder).sets.items():
        if name in signals.CLASSES:
            data = Split(arrays["train"], arrays["train_labels"], kind=kinds.SEQUENCES.name)
            value, facts = _measured(Dataset(name, data, data))
            lines.append(
                results.append(
                    "tuning", folder, scores=name, options=list(SETTINGS), value=value, **facts
                )
            )
    return lines


def _measured(data):
    """Returns the AUROC of each score, mean over the classes, and how a model was trained."""
    learn, tested = data.hold_out(HELD_OUT, seed=0)
    found, facts = [], {}
    for label in np.unique(learn.labels):
        rows = learn.inputs[learn.labels == label]
        rows = Split(rows, kind=data.kind)
        known, normal = Dataset(data.name, rows, rows).hold_out(0.2, seed=0)
        model, facts = in_memory.train(signals.VARIANT, known.inputs, 0, latent_dim=signals.CODE)
        anomalous = tested.labels != label
        found.append(
            [_auroc(model, Dataset(data.name, known, normal), setting, tested.inputs, anomalous)
             for setting in SETTINGS]
        )  # fmt: skip
    columns = zip(*found, strict=True)
    return [None if None in column else float(np.mean(column)) for column in columns], facts


def _auroc(model, normal, setting, x, anomalous):
    try:
        scores = Detector.fit(model, normal, **setting).score(x)
    except UsageError:  # as many numbers in a code as rows: no distance of codes
        return None
    return measure(scores, anomalous)["auroc"]


if __name__ == "__main__":
    for line in choose(sys.argv[1]):
        print(line["scores"], dict(zip(map(str, line["options"]), line["value"], strict=True)))
