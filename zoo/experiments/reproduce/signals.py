"""Rows on signals and volumes: anomalies and reconstruction beside PCA and the nearest row."""

import dataclasses
from pathlib import Path

import numpy as np

from zoo.anomaly import Detector, measure
from zoo.datasets.dataset import Dataset
from zoo.datasets.readers import npz
from zoo.datasets.split import Split
from zoo.errors import UsageError
from zoo.experiments.reproduce import anomaly_rivals as rivals
from zoo.inputs import kinds
from zoo.training import in_memory

CLASSES = ("gunpoint", "italy_power_demand", "osuleaf", "basic_motions", "japanese_vowels")
SERIES = "internal_bleeding"
VARIANT, CODE = "conv1d_ae", 8  # numbers of a code, and components of PCA
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

    >>> measure_signals(read("aeon_signals"), 0, Path("."), "gunpoint")  # doctest: +SKIP
    """
    arrays = data.sets[part]
    if part == SERIES:
        return _of_series(arrays, seed, pictures)
    splits = splits_of(arrays, seed)
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


def measure_volumes(data: Dataset, seed: int, pictures: Path) -> dict:
    """Measures the row `volumes`: the error of `conv3d_ae` beside PCA of equal size.

    Args:
        data: `Dataset` of volumes.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder that a picture is written to.

    Returns:
        A dict: the `value`, the mean squared error of the test rows, that of `pca`, that of the
        `mean_row`, and how the model was trained.

    Example:

    >>> measure_volumes(zoo.datasets.load("mni152"), 0, Path("."))  # doctest: +SKIP
    """
    from zoo import evaluation, plots

    model, trained_by = in_memory.train(
        "conv3d_ae", data.train.inputs, seed, input_shape=data.input_shape
    )
    pca, x = evaluation.pca_of_equal_size(model, data), data.test.inputs
    shown = slice(0, len(x), max(1, len(x) // 4))
    rows = {"original": x[shown], "conv3d_ae": model.reconstruct(x[shown])}
    plots.save(plots.slices(rows | {"PCA": pca.reconstruct(x[shown])}), pictures / "slices.png")
    return {
        "value": _mse(x, model.reconstruct(x)),
        "pca": _mse(x, pca.reconstruct(x)),
        "mean_row": _mse(x, data.train.inputs.mean(axis=0)),
        "code_size": model.code_shapes[0][0],
    } | trained_by


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
    learn, _ = windows_of(arrays["train"])
    rows, starts = windows_of(arrays["test"])
    model, trained_by = _trained(learn, seed)
    detector = _detector(model, learn)
    normal, scaled = _scaled(learn, rows)
    distances = rivals.nearest_distance(normal, scaled)
    errors = {
        "auroc": detector.map(rows),
        "pca_auroc": rivals.pca_errors(normal, scaled, _components(normal)).mean(axis=-1),
        "nearest_auroc": np.repeat(distances[:, None], WINDOW, axis=1),
    }
    steps = {name: over_steps(values, starts, len(anomalous)) for name, values in errors.items()}
    figures = {name: measure(values, anomalous)["auroc"] for name, values in steps.items()}
    whole = np.array([not anomalous[start : start + WINDOW].any() for start in starts])
    plots.save(
        plots.sequence_anomalies(
            rows, model.reconstruct(rows), detector.score(rows), unit=detector.unit
        ),
        pictures / "sequence_anomalies.png",
    )
    sizes = {"train_rows": len(learn), "test_rows": len(rows), "test_steps": len(anomalous)}
    return figures | _errors(model, learn, rows[whole]) | sizes | trained_by


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


def _trained(rows, seed):
    return in_memory.train(VARIANT, rows, seed, latent_dim=CODE)


def _detector(model, normal):
    """Returns a detector whose scores count, and not its threshold: all rows are learned from."""
    rows = Split(normal, kind=kinds.SEQUENCES.name)
    return Detector.fit(model, Dataset("normal rows", rows, rows))


def _errors(model, learn, tested):
    """Returns the squared error of the model and of PCA, in variances of the channels."""
    unit = _scale(learn)[1]
    normal, rows = _scaled(learn, tested)
    return {
        "error": _mse(tested / unit, model.reconstruct(tested) / unit),
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


def _mse(x, y):
    return float(np.square(x - y).mean())
