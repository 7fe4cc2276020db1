"""Tries the scores of detectors of sequences and volumes on held-out training rows.

The commands

    python -m zoo.experiments.signal_scores sequences aeon_signals
    python -m zoo.experiments.signal_scores volumes

train on two thirds of the normal training rows of each set, score the others and anomalies, and
append the AUROC of each score to `results/tuning.jsonl`. No test row is used. The folder is that of
the row `signals`.
"""

import dataclasses
import sys
from collections.abc import Iterator

import numpy as np

from zoo import datasets
from zoo.anomaly import Detector, measure
from zoo.datasets.dataset import Dataset
from zoo.datasets.split import Split
from zoo.experiments import results
from zoo.experiments.reproduce import signal_sets
from zoo.experiments.reproduce.signals import CODE, VARIANT
from zoo.inputs import kinds
from zoo.training import in_memory

SEED = 100  # of the draws; the rows of the results are measured with others
HELD_OUT = 1 / 3
DIGITS = (0, 1, 2)  # classes of mnist_5k_rows
SETTINGS = {
    kinds.SEQUENCES.name: (
        *({"score": "reconstruction", "top_fraction": fraction} for fraction in (1, 0.5, 0.2, 0.1)),
        {"score": "latent"},
        *({"score": "both", "top_fraction": fraction} for fraction in (1, 0.5, 0.2)),
    ),
    kinds.VOLUMES.name: (
        *({"score": "reconstruction", "top_fraction": part} for part in (1, 0.2, 0.05, 0.01)),
        {"score": "latent"},
        *({"score": "both", "top_fraction": part} for part in (1, 0.05)),
    ),
}


@dataclasses.dataclass(frozen=True)
class Case:
    """Normal rows to learn from, and rows to be scored.

    Attributes:
        name: String. Name of the set.
        learn: Array, `(rows, ...)`.
        normal: Array, `(rows, ...)`. Held-out rows like those.
        anomalies: Dict from the kind of anomaly to an array of rows.

    Example:

    >>> Case("a set", np.zeros((4, 5, 1)), np.zeros((2, 5, 1)), {}).name
    'a set'
    """

    name: str
    learn: np.ndarray
    normal: np.ndarray
    anomalies: dict[str, np.ndarray]


def choose(kind: str, source: str = "aeon_signals", folder=None) -> list[dict]:
    """Measures the scores of a kind of data on held-out training rows, and records them.

    Args:
        kind: String. `"sequences"` or `"volumes"`.
        source: String. The folder of sequences, as for the row `signals`. Defaults to
            `"aeon_signals"`.
        folder: String or `Path`. The folder of `tuning.jsonl`. Defaults to None, the package's.

    Returns:
        The lines of `tuning.jsonl`, one for each of the `SETTINGS` of the kind: the `options`; the
        `value`, the mean AUROC over the kinds of anomalies; `by_kind`, the mean over the sets for
        each of these; and `cases`, the AUROC of each set, mean over its classes.

    Example:

    >>> choose("volumes")  # doctest: +SKIP
    """
    results.require_writable("tuning", folder)
    found = {}  # (setting, kind of anomaly, set): AUROCs, one for each class
    cases = of_sequences(source) if kind == kinds.SEQUENCES.name else of_volumes()
    for case in cases:
        for key, auroc in _measured(case, kind).items():
            found.setdefault(key, []).append(auroc)
    lines = []
    for number, options in enumerate(SETTINGS[kind]):
        own = {key[1:]: float(np.mean(found[key])) for key in found if key[0] == number}
        by_kind = {
            name: float(np.mean([auroc for (of, _), auroc in own.items() if of == name]))
            for name in dict.fromkeys(of for of, _ in own)
        }
        facts = {"scores_of": kind, "options": options, "by_kind": by_kind}
        facts["cases"] = {f"{name}, {of}": auroc for (of, name), auroc in own.items()}
        value = float(np.mean(list(by_kind.values())))
        lines.append(results.append("tuning", folder, **facts, value=value))
    return lines


def of_sequences(source: str) -> Iterator[Case]:
    """Yields the cases of sequences: each class of each set in turn is normal.

    Args:
        source: String. The folder of the row `signals`.

    Yields:
        `Case`s. Rows of other classes are anomalies, and normal rows in which an eighth of the
        steps is replaced by steps of another row. The windows of a series have no classes.

    Example:

    >>> cases = of_sequences("aeon_signals")  # doctest: +SKIP
    """
    sets = signal_sets.read(source).sets
    digits = datasets.load("mnist_5k_rows").train
    digits = digits.take(np.isin(digits.labels, DIGITS))
    sets |= {"mnist_5k_rows": {"train": digits.inputs, "train_labels": digits.labels}}
    for name, arrays in sets.items():
        if name == signal_sets.SERIES:
            series = arrays["train"]
            first = round(len(series) * (1 - HELD_OUT))  # so that no windows share a step
            learn, held_out = (
                signal_sets.windows_of(part)[0] for part in (series[:first], series[first:])
            )
            yield Case(name, learn, held_out, {"piece": with_piece(held_out, learn, 8)})
            continue
        x, labels = arrays["train"].astype(np.float32), arrays["train_labels"]
        held_out = np.zeros(len(x), bool)
        for label in np.unique(labels):
            rows = np.random.default_rng(SEED).permutation(np.flatnonzero(labels == label))
            held_out[rows[: round(len(rows) * HELD_OUT)]] = True
        for label in np.unique(labels):
            normal = x[held_out & (labels == label)]
            anomalies = {
                "class": x[held_out & (labels != label)],
                "piece": with_piece(normal, x[~held_out], 8),
            }
            yield Case(name, x[~held_out & (labels == label)], normal, anomalies)


def of_volumes() -> Iterator[Case]:
    """Yields the case of volumes: blocks of a brain with a piece of another block.

    Yields:
        A `Case`. The piece has a quarter or half of the block's side.

    Example:

    >>> cases = of_volumes()  # doctest: +SKIP
    """
    x = datasets.load("mni152").train.inputs
    rows = np.random.default_rng(SEED).permutation(len(x))
    held_out, learn = np.split(x[rows], [round(len(x) * HELD_OUT)])
    anomalies = {
        f"piece, 1/{part} of the side": with_piece(held_out, learn, part) for part in (4, 2)
    }
    yield Case("mni152", learn, held_out, anomalies)


def with_piece(rows: np.ndarray, others: np.ndarray, part: int) -> np.ndarray:
    """Returns rows in which a piece is replaced by a piece of another row, from another place.

    Args:
        rows: Array, `(rows, ..., channels)`.
        others: Array, `(others, ..., channels)`.
        part: Integer. The piece is this part of each axis.

    Returns:
        Array in the shape of `rows`.

    Example:

    >>> with_piece(np.zeros((1, 8, 1)), np.ones((2, 8, 1)), 4).sum()
    np.float64(2.0)
    """
    random = np.random.default_rng(SEED)
    result, sizes = rows.copy(), rows.shape[1:-1]
    for row in result:
        places = [
            tuple(
                slice(start, start + max(2, size // part))
                for size in sizes
                for start in [int(random.integers(size - max(2, size // part) + 1))]
            )
            for _ in range(2)
        ]
        row[places[0]] = others[random.integers(len(others))][places[1]]
    return result


def _measured(case, kind):
    """Returns the AUROC by the number of the setting, the kind of anomaly and the set."""
    of_sequences = kind == kinds.SEQUENCES.name
    code = {"latent_dim": min(CODE, len(case.learn) // 2)} if of_sequences else {}
    variant = VARIANT if of_sequences else "conv3d_ae"
    model, _ = in_memory.train(variant, case.learn, 0, **code)
    data = Dataset(case.name, *(Split(rows, kind=kind) for rows in (case.learn, case.normal)))
    found = {}
    for number, options in enumerate(SETTINGS[kind]):
        detector = Detector.fit(model, data, **options)
        normal = detector.score(case.normal)
        for name, rows in case.anomalies.items():
            scores = np.concatenate([normal, detector.score(rows)])
            anomalous = np.arange(len(scores)) >= len(normal)
            found[number, name, case.name] = measure(scores, anomalous)["auroc"]
    return found


if __name__ == "__main__":
    for line in choose(*sys.argv[1:]):
        print(line["options"], line["by_kind"], line["value"])
