"""Trains and measures the detectors that ship, beside PCA.

All rows of the data are normal. Anomalies are rows of other data, which the declaration names, and
rows derived from the normal ones: what is measured on was never seen in training.
"""

import numpy as np

from zoo.anomaly import Detector, measure
from zoo.anomaly.data import HELD_OUT
from zoo.datasets.dataset import Dataset
from zoo.experiments.reproduce.anomaly_rivals import COMPONENTS
from zoo.training import negatives

SEED = 0  # of the derived anomalies
# What a declaration names and what a record holds beside the options of `Detector.fit`.
NO_OPTIONS = ("unseen", "threshold", "held_out_rows")


def normal_rows(data) -> Dataset:
    """Returns the training rows of a dataset, a fifth of them held out for the threshold.

    Args:
        data: `Dataset`. Its test rows are not used.

    Returns:
        A `Dataset` whose test split is the held-out fifth.

    Example:

    >>> len(normal_rows(zoo.datasets.load("mnist_5k")).test)
    800
    """
    return Dataset(data.name, *data.hold_out(HELD_OUT, seed=0), data.licence)


def fit(model, data, options: dict):
    """Returns the model behind a detector of a trained auto-encoder.

    Args:
        model: `AutoEncoder` that learned from the training rows of `normal_rows(data)`.
        data: `Dataset`.
        options: Dict. The options of `Detector.fit`, as they are declared or recorded; what is none
            of them is left out.

    Returns:
        A `Scorer`.

    Example:

    >>> data = zoo.datasets.load("mnist_5k")
    >>> model = zoo.build("pca").adapt(normal_rows(data).train.images)
    >>> fit(model, data, {"false_alarms": 0.05}).detection["held_out_rows"]
    800
    """
    options = {key: value for key, value in options.items() if key not in NO_OPTIONS}
    return Detector.fit(model, normal_rows(data), **options).model


def anomalies(rows, unseen) -> dict[str, np.ndarray]:
    """Returns the rows that a detector should find, by the names of their metrics.

    Args:
        rows: Array of normal rows, `(rows, ...)`.
        unseen: Array of the rows of other data.

    Returns:
        Dict of arrays: `unseen`; `shuffled`, images whose tiles are in a random order, or features
        of which each column is; and for images `inverted` and `noise`.

    Example:

    >>> rows = np.zeros((3, 28, 28, 1), "float32")
    >>> list(anomalies(rows, rows))
    ['unseen', 'shuffled', 'inverted', 'noise']
    """
    random = np.random.default_rng(SEED)
    if rows.ndim == 2:
        return {"unseen": unseen, "shuffled": random.permuted(rows, axis=0)}
    return {
        "unseen": unseen,
        "shuffled": negatives.shuffled_tiles(rows, None, random),
        "inverted": negatives.inverted(rows, None, random),
        "noise": negatives.noise(rows, None, random),
    }


def metrics(model, data, declaration: dict, *, held_out: bool = False) -> dict[str, float]:
    """Returns how well a detector separates test rows from anomalies, beside PCA.

    PCA is fitted to the same rows, and has the number of components that separates the held-out
    rows best, as the mean over the kinds of anomalies. Its threshold is found as the detector's.

    Args:
        model: `Scorer`.
        data: `Dataset`.
        declaration: Dict of the set; `detector` has the name of the `unseen` data.
        held_out: Boolean. Measure on the held-out training rows and the training rows of the other
            data, to choose settings. Defaults to False.

    Returns:
        Dict of floats: the area under the ROC curve for each kind of anomaly, the fraction of
        normal rows that score above the threshold, and the same with the prefix `pca_`.

    Example:

    >>> data = zoo.datasets.load("mnist_5k")
    >>> declaration = {"detector": {"unseen": "mnist_5k"}}
    >>> model = zoo.build("pca").adapt(normal_rows(data).train.images)
    >>> report = metrics(fit(model, data, {}), data, declaration)
    >>> sorted(report)[:4]
    ['false_alarms', 'inverted_auroc', 'noise_auroc', 'pca_components']
    """
    from zoo import datasets

    normal, unseen = normal_rows(data), datasets.load(declaration["detector"]["unseen"])
    rows = normal.test.inputs
    kinds = anomalies(rows, unseen.train.inputs[: len(rows)])
    errors = _errors(normal.train.inputs)
    known = errors(rows)
    aurocs = {
        count: _aurocs(known[count], {name: errors(x)[count] for name, x in kinds.items()})
        for count in known
    }
    components = max(aurocs, key=lambda count: sum(aurocs[count].values()))
    limit = np.quantile(known[components], 1 - model.detection["false_alarms"], method="higher")
    if not held_out:
        rows, kinds = data.test.inputs, anomalies(data.test.inputs, unseen.test.inputs)
    report = {}
    for prefix, score, threshold in (
        ("", model.score, model.detection["threshold"]),
        ("pca_", lambda x: errors(x)[components], limit),
    ):
        scores = score(rows)
        found = _aurocs(scores, {name: score(x) for name, x in kinds.items()})
        found["false_alarms"] = float(np.mean(scores > threshold))
        report |= {prefix + name: value for name, value in found.items()}
    return report | {"pca_components": components, "test_rows": len(rows)}


def _errors(rows):
    """Returns a function from rows to the error of their PCA by each number of components."""
    rows = rows.reshape(len(rows), -1)
    mean, (_, vectors) = rows.mean(axis=0), np.linalg.eigh(np.cov(rows, rowvar=False))
    counts = [count for count in COMPONENTS if count < min(rows.shape)]
    vectors = vectors[:, ::-1][:, : max(counts)].astype(rows.dtype)  # the largest variance first

    def errors(x):
        centred = x.reshape(len(x), -1) - mean
        kept = np.cumsum(np.square(centred @ vectors, dtype=np.float64), axis=1)
        total = np.square(centred, dtype=np.float64).sum(axis=1)
        return {count: total - kept[:, count - 1] for count in counts}

    return errors


def _aurocs(normal, kinds):
    result = {}
    for name, others in kinds.items():
        scores = np.concatenate([normal, others])
        result[f"{name}_auroc"] = measure(scores, np.arange(len(scores)) >= len(normal))["auroc"]
    return result
