"""Row on signals: anomalies and reconstruction beside PCA and the nearest row."""

from pathlib import Path

import numpy as np

from zoo.anomaly import Detector, measure
from zoo.datasets.dataset import Dataset
from zoo.datasets.split import Split
from zoo.experiments.reproduce import anomaly_rivals as rivals
from zoo.experiments.reproduce import signal_sets
from zoo.experiments.reproduce.signal_sets import Signals
from zoo.inputs import kinds
from zoo.training import in_memory

VARIANT, CODE = "conv1d_ae", 8  # numbers of a code, and components of PCA


def measure_signals(data: Signals, seed: int, pictures: Path, part: str) -> dict:
    """Measures one set of the row `signals`.

    Of a set with classes, each class in turn is normal: a model learns from its training rows, and
    all test rows are scored. Another model learns from all training rows, and its squared error on
    the test rows is measured. Of a series, windows of it are scored, and the scores of the windows
    that hold a step are its score, as their mean. Everything is in units of the standard deviations
    of the channels of the rows that are learned from.

    Args:
        data: `Signals`.
        seed: Integer. Seed of the draws and of the training.
        pictures: `Path` of the folder for pictures.
        part: String. Name of the set.

    Returns:
        A dict: `auroc`, of the default score of sequences, `pca_auroc`, of the error of PCA of
        equal size, `nearest_auroc`, of the distance to the nearest normal training row; `error` and
        `pca_error`; of sets with few rows the standard deviation of each over the splits, `spread`;
        and how the last model was trained.

    Example:

    >>> data = signal_sets.read("aeon_signals")  # doctest: +SKIP
    >>> measure_signals(data, 0, Path("."), "gunpoint")  # doctest: +SKIP
    """
    arrays = data.sets[part]
    if part == signal_sets.SERIES:
        return _of_series(arrays, seed, pictures)
    splits = signal_sets.splits_of(arrays, seed)
    measured, trained_by = [], {}
    for learn, tested in splits:
        figures, trained_by = _of_classes(learn, tested, seed)
        measured.append(figures)
    names_ = list(measured[0])
    means = {name: float(np.mean([figures[name] for figures in measured])) for name in names_}
    spread = {name: float(np.std([f[name] for f in measured], ddof=1)) for name in names_
              if len(measured) > 1}  # fmt: skip
    learn, tested = splits[0]
    rows = {"train_rows": len(learn), "test_rows": len(tested), "splits": len(splits)}
    return means | {"spread": spread} | rows | trained_by


def combine_signals(lines: list[dict]) -> dict:
    """Returns what the results lines of all sets tell together.

    Args:
        lines: List of dicts. A results line of each set, of one seed.

    Returns:
        A dict of the `seed`; the means over the sets, `value`, `pca` and `nearest`, of the AUROC;
        `error_of_pca`, the mean of the ratio of our error to that of PCA; `errors_below_pca`, the
        number of sets in which it is at most 1; `count`, the number of sets; and `sets`.

    Example:

    >>> aurocs = {"auroc": 0.9, "pca_auroc": 0.8, "nearest_auroc": 0.7}
    >>> line = aurocs | {"part": "a set", "seed": 0, "error": 0.1, "pca_error": 0.2}
    >>> combine_signals([line])["error_of_pca"]
    0.5
    """
    ratios = [line["error"] / line["pca_error"] for line in lines]
    figures = {"value": "auroc", "pca": "pca_auroc", "nearest": "nearest_auroc"}
    means = {
        name: float(np.mean([line[figure] for line in lines])) for name, figure in figures.items()
    }
    return {
        "seed": lines[0]["seed"],
        **means,
        "error_of_pca": float(np.mean(ratios)),
        "errors_below_pca": sum(ratio <= 1 for ratio in ratios),
        "count": len(lines),
        "sets": {line["part"]: line for line in lines},
    }


def _of_classes(learn, tested, seed):
    """Returns the figures of one division of a set, and how the last model was trained."""
    aurocs = []
    for label in np.unique(learn.labels):
        normal, anomalous = learn.inputs[learn.labels == label], tested.labels != label
        model, _ = _trained(normal, seed)
        scores = {"auroc": _detector(model, normal).score(tested.inputs)}
        normal, rows = _scaled(normal, tested.inputs)
        scores["pca_auroc"] = rivals.pca_errors(normal, rows, _components(normal)).sum(axis=(1, 2))
        scores["nearest_auroc"] = rivals.nearest_distance(normal, rows)
        aurocs.append({name: measure(s, anomalous)["auroc"] for name, s in scores.items()})
    figures = {name: float(np.mean([found[name] for found in aurocs])) for name in aurocs[0]}
    model, trained_by = _trained(learn.inputs, seed)
    return figures | _errors(model, learn.inputs, tested.inputs), trained_by


def _of_series(arrays, seed, pictures):
    """Returns the figures of a series, whose anomalies are steps."""
    from zoo import plots

    anomalous = arrays["test_anomalous"].astype(bool)
    learn, _ = signal_sets.windows_of(arrays["train"])
    rows, starts = signal_sets.windows_of(arrays["test"])
    model, trained_by = _trained(learn, seed)
    detector = _detector(model, learn)
    normal, scaled = _scaled(learn, rows)
    distances = rivals.nearest_distance(normal, scaled)
    errors = {
        "auroc": detector.map(rows),
        "pca_auroc": rivals.pca_errors(normal, scaled, _components(normal)).mean(axis=-1),
        "nearest_auroc": np.repeat(distances[:, None], signal_sets.WINDOW, axis=1),
    }
    steps = {
        name: signal_sets.over_steps(values, starts, len(anomalous))
        for name, values in errors.items()
    }
    figures = {name: measure(values, anomalous)["auroc"] for name, values in steps.items()}
    whole = np.array([not anomalous[start : start + signal_sets.WINDOW].any() for start in starts])
    plots.save(
        plots.sequence_anomalies(
            rows, model.reconstruct(rows), detector.score(rows), unit=detector.unit
        ),
        pictures / "sequence_anomalies.png",
    )
    sizes = {"train_rows": len(learn), "test_rows": len(rows), "test_steps": len(anomalous)}
    return figures | _errors(model, learn, rows[whole]) | sizes | trained_by


def _trained(rows, seed):
    return in_memory.train(VARIANT, rows, seed, latent_dim=CODE)


def _detector(model, normal):
    """Returns a detector whose scores count, and not its threshold: all rows are learned from."""
    rows = Split(normal, kind=kinds.SEQUENCES.name)
    return Detector.fit(model, Dataset("normal rows", rows, rows))


def _errors(model, learn, tested):
    """Returns the squared error of the model and of PCA, in variances of the channels."""
    from zoo.evaluation import metrics  # imports TensorFlow

    unit = _scale(learn)[1]
    normal, rows = _scaled(learn, tested)
    return {
        "error": metrics.mse(tested / unit, model.reconstruct(tested) / unit),
        "pca_error": float(rivals.pca_errors(normal, rows, _components(normal)).mean()),
    }


def _components(normal):
    return min(CODE, len(normal) - 1)


def _scale(rows):
    """Returns mean and standard deviation of each channel."""
    deviation = rows.std(axis=(0, 1))
    return rows.mean(axis=(0, 1)), np.where(deviation > 0, deviation, 1)


def _scaled(normal, rows):
    mean, deviation = _scale(normal)
    return (normal - mean) / deviation, (rows - mean) / deviation
