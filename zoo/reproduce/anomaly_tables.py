"""Anomalies in many tables, each a file of ADBench's form, with the rivals' scores beside ours."""

import dataclasses
import math
from pathlib import Path

import numpy as np

from zoo.anomaly.defaults import DEFAULTS, SCORES
from zoo.datasets import stored
from zoo.datasets.dataset import Split, split_by_seed
from zoo.errors import UsageError
from zoo.reproduce import anomalies

MOST_ROWS, MOST_ANOMALIES = 10_000, 2_000  # of a table
STEPS = 2_000  # of our training
BATCH = 64


@dataclasses.dataclass(frozen=True)
class Tables:
    """Tables of normal rows and anomalies.

    Attributes:
        name: The folder that they were read from.
        tables: For each name the rows, `(rows, columns)`, and whether each is an anomaly.
    """

    name: str
    tables: dict[str, tuple[np.ndarray, np.ndarray]]


def read(folder: str) -> Tables:
    """Reads every `.npz` of a folder: `X`, `(rows, columns)`, and `y`, 1 for an anomaly.

    Raises:
        UsageError: If there is none, or one lacks `X` or `y`.
    """
    paths = sorted(Path(folder).glob("*.npz"))
    if not paths:
        raise UsageError(
            f"{folder} must be a folder of .npz files with X and y, such as ADBench's. "
            "Received: no such file in it."
        )
    tables = {}
    for path in paths:
        names, found = stored.read(path, lambda _: ["X", "y"])
        if names is None or len(found) < 2:
            raise UsageError(f"{path} must hold X and y. Received: {', '.join(names or ())}.")
        tables[path.stem] = found["X"].astype(np.float32), found["y"].astype(bool)
    return Tables(str(folder), tables)


def measure_tables(data: Tables, seed: int, pictures: Path) -> dict:
    """Measures every table: the anomalies and half of the normal rows are tested.

    Normal rows are drawn until a table has 10,000 rows; of anomalies at most 2,000 are kept.
    Features are standardised on the training rows. PCA has half as many components as features.
    """
    found = {}
    for number, (name, (x, anomalous)) in enumerate(data.tables.items()):
        random = np.random.default_rng((seed, number))
        bad = random.permutation(np.flatnonzero(anomalous))[:MOST_ANOMALIES]
        good = random.permutation(np.flatnonzero(~anomalous))[: MOST_ROWS - len(bad)]
        learnt, held = np.array_split(good, 2)
        tested = np.concatenate([held, bad])
        report, trained_by = anomalies.measure_table(
            split_by_seed(name, Split(x[learnt])),
            x[tested],
            anomalous[tested],
            seed,
            _net(len(learnt), x.shape[1]),
        )
        found[name] = {key: scores["auroc"] for key, scores in report.items()}
    means = {key: float(np.mean([each[key] for each in found.values()])) for key in report}
    wins = [
        name
        for name, each in found.items()
        if each["isolation_forest"] > max(each[score] for score in SCORES)
    ]
    return {
        "value": means[DEFAULTS["features"]["score"]],
        **means,
        "tables": found,
        "isolation_forest_wins": len(wins),
        "where_isolation_forest_wins": wins,
    } | trained_by


def _net(rows, columns):
    return {
        "widths": (64,),
        "latent_dim": max(1, columns // 2),
        "batch_size": BATCH,
        "epochs": math.ceil(STEPS * BATCH / rows),
    }
