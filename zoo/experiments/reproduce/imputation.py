"""Row on missing cells in tables: how well hidden cells are filled, beside other imputers."""

import math
from pathlib import Path

import numpy as np

from zoo.experiments.reproduce import anomaly_tables, imputers
from zoo.experiments.reproduce.anomaly_tables import Tables

OF_SCIKIT_LEARN = ("breast_cancer", "wine", "diabetes", "digits")
OF_FOLDER = ("6_cardio", "22_magic.gamma", "30_satellite", "28_pendigits")
MOST_ROWS = 5_000  # of a table, drawn by seed
TESTED = 0.2  # fraction of the rows
HIDDEN = 0.2  # fraction of the cells
MECHANISMS = ("random", "by_value")
DIVISION = 0  # seed of the rows, which are divided in the same way for every seed of a row
EPOCH = 2_000  # rows of an epoch, at least: those of a small table are repeated
BATCHES, SMALLEST, LARGEST = 8, 32, 128  # batches of a pass over the rows, and their sizes
NET = {
    "members": 2,
    "passes": 250,
    "widths": (256, 256),
    "latent_dim": 128,
    "hidden": 0.4,
    "learning_rate": 3e-3,
}


def read(folder: str) -> Tables:
    """Reads four tables of scikit-learn, and four of a folder of ADBench's files.

    Args:
        folder: String. The folder, as for `anomaly_tables.read`.

    Returns:
        `Tables`; the booleans of the rows are not used.

    Raises:
        UsageError: If there is no such folder, or if a table is not in it.

    Example:

    >>> list(read("adbench").tables)[:2]  # doctest: +SKIP
    ['breast_cancer', 'wine']
    """
    from sklearn import datasets

    stored = anomaly_tables.read(folder, OF_FOLDER)
    own = {name: getattr(datasets, f"load_{name}")().data for name in OF_SCIKIT_LEARN}
    own = {name: (x.astype(np.float32), np.zeros(len(x), bool)) for name, x in own.items()}
    return Tables(stored.name, own | stored.tables)


def measure_imputation(data: Tables, seed: int, pictures: Path) -> dict:
    """Measures the row `imputation`: a fifth of the cells of each table is hidden, and filled.

    At most 5,000 rows of a table are drawn, of which a fifth is tested; these are the same rows for
    every seed. Cells are hidden in training and test rows: once at random, and once by value, where
    the probability grows with the rank of the cell in its column, from 0 to 0.4. Every imputer
    learns from the training rows with gaps. Columns are standardised by the observed cells of the
    training rows, and the error is that of the hidden cells of the test rows.

    Args:
        data: `Tables`.
        seed: Integer. Seed of the cells and the training.
        pictures: `Path` of the folder for pictures; none are drawn.

    Returns:
        A dict: the `value`, which is our root mean squared error, mean over the tables and both
        ways of hiding, and the same of the `mean`, `knn` and `iterative`; `below_knn` and
        `below_both`, the numbers of tables in which ours, mean over both ways of hiding, is below
        `knn`, or below the better of it and `iterative`; these numbers for each way of hiding; the
        errors in each table; and how the last model was trained.

    Example:

    >>> measure_imputation(read("adbench"), 0, Path("."))["below_knn"]  # doctest: +SKIP
    """
    errors, neighbours = {}, {}
    for number, (name, (x, _)) in enumerate(data.tables.items()):
        for mechanism in MECHANISMS:
            scaled, hidden, train = with_gaps(x, mechanism, (seed, number))
            gaps = np.where(hidden, np.nan, scaled)
            filled, count = imputers.fill(gaps[train], gaps[~train], seed)
            filled["ours"], trained_by = fill(gaps[train], gaps[~train], seed, **NET)
            key = f"{name}, {mechanism}"
            neighbours[key] = count
            errors[key] = {
                imputer: imputers.hidden_error(scaled[~train], cells, hidden[~train])
                for imputer, cells in filled.items()
            }
    means = {key: _mean(errors.values(), key) for key in ("ours", "mean", "knn", "iterative")}
    tables = {
        name: {key: _mean([errors[f"{name}, {way}"] for way in MECHANISMS], key) for key in means}
        for name in data.tables
    }
    counts = _counts(tables.values())
    for way in MECHANISMS:
        of_way = _counts(errors[f"{name}, {way}"] for name in data.tables)
        counts |= {f"{key}_{way}": value for key, value in of_way.items()}
    return {
        "value": means.pop("ours"),
        **means,
        **counts,
        "tables": errors,
        "neighbours": neighbours,
    } | trained_by


def with_gaps(x, mechanism: str, seed) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns standardised rows, which of their cells are hidden, and which rows are for training.

    Args:
        x: Array of shape `(rows, columns)`.
        mechanism: String, one of `MECHANISMS`.
        seed: Integer or tuple of integers. Seed of the cells; the rows are the same for every one.

    Returns:
        A triple: float32 array of at most `MOST_ROWS` rows, in the standard deviations of the
        observed cells of the training rows; booleans of its shape; and booleans of its rows.

    Example:

    >>> scaled, hidden, train = with_gaps(np.random.default_rng(0).random((50, 4)), "random", 0)
    >>> scaled.shape, hidden.shape, train.shape
    ((50, 4), (50, 4), (50,))
    """
    division = np.random.default_rng(DIVISION)
    x = x[division.permutation(len(x))[:MOST_ROWS]].astype(np.float64)
    train = division.random(len(x)) >= TESTED
    hidden = _hidden(x, mechanism, np.random.default_rng(seed))
    seen = np.where(hidden[train], np.nan, x[train])
    deviation = np.nanstd(seen, axis=0)
    scaled = (x - np.nanmean(seen, axis=0)) / np.where(deviation > 0, deviation, 1)
    return scaled.astype(np.float32), hidden, train


def _hidden(x, mechanism, random):
    """Returns which cells are hidden: each with the same probability, or large ones more often."""
    draw = random.random(x.shape)
    if mechanism == "random":
        return draw < HIDDEN
    ranks = x.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")  # rows are shuffled
    return draw < 2 * HIDDEN * (ranks + 0.5) / len(x)


def fill(train, test, seed: int, *, members: int, passes: int, **net) -> tuple[np.ndarray, dict]:
    """Returns test rows filled by our models, which learn from training rows with gaps.

    Args:
        train: Float32 array of shape `(rows, columns)`, with NaN in missing cells.
        test: Float32 array of shape `(other rows, columns)`, like `train`.
        seed: Integer. Seed of the training.
        members: Integer. Number of models, which differ in their seed alone; the mean of what they
            fill is taken.
        passes: Integer. Number of passes over the training rows.
        **net: Arguments of `deep_ae`, and fields of its recipe.

    Returns:
        A pair: an array in the shape of `test`, and how the last model was trained.

    Example:

    >>> x = np.random.default_rng(0).random((50, 4), np.float32)
    >>> filled, trained_by = fill(x, np.full((1, 4), np.nan), 0, **NET)  # doctest: +SKIP
    """
    from zoo.training import in_memory

    batch = min(max(len(train) // BATCHES, SMALLEST), LARGEST)
    own = {"missing": "mask", "standardise": True, "batch_size": batch}
    copies = math.ceil(EPOCH / len(train))  # short epochs would take longer
    own["epochs"] = math.ceil(passes / copies)
    train = np.tile(train, (copies, 1))
    filled = []
    for member in range(members):
        model, trained_by = in_memory.train("deep_ae", train, seed * members + member, **own | net)
        filled.append(model.impute(test))
    return np.mean(filled, axis=0), trained_by | {"members": members}


def _mean(reports, key):
    return float(np.mean([report[key] for report in reports]))


def _counts(reports):
    """Returns in how many reports our error is below that of others."""
    reports = list(reports)
    return {
        "below_knn": sum(report["ours"] < report["knn"] for report in reports),
        "below_both": sum(
            report["ours"] < min(report["knn"], report["iterative"]) for report in reports
        ),
    }
