"""Row on anomalies in many tables, in the file format of ADBench, beside other detectors."""

import dataclasses
import math
from pathlib import Path

import numpy as np

from zoo.autoencoder.scores import SCORES
from zoo.datasets.dataset import split_by_seed
from zoo.datasets.readers import npz
from zoo.datasets.split import Split
from zoo.errors import UsageError
from zoo.experiments.reproduce import anomalies
from zoo.inputs import kinds

MOST_ROWS, MOST_ANOMALIES = 10_000, 2_000  # the largest numbers in a table
STEPS = 2_000  # training steps of our model
BATCH = 64


@dataclasses.dataclass(frozen=True)
class Tables:
    """Tables of normal rows and anomalies.

    Attributes:
        name: String. The folder that they were read from.
        tables: Dict from the name of each table to a pair: the rows, `(rows, columns)`, and
            booleans, `(rows,)`, whether each row is an anomaly.

    Example:

    >>> Tables("a folder", {"table": (np.zeros((2, 3)), np.array([False, True]))}).name
    'a folder'
    """

    name: str
    tables: dict[str, tuple[np.ndarray, np.ndarray]]


def read(folder: str, names: tuple[str, ...] | None = None) -> Tables:
    """Reads every `.npz` file of a folder, or some of them.

    A file holds `X`, `(rows, columns)`, and `y`, `(rows,)`, which is 1 for an anomaly.

    Args:
        folder: String. The folder.
        names: Tuple of strings. The names of the files, without `.npz`. Defaults to None, for all.

    Returns:
        `Tables`.

    Raises:
        UsageError: If there is no such file, or if one lacks `X` or `y`.

    Example:

    >>> np.savez("table.npz", X=np.zeros((2, 3)), y=np.array([0, 1]))
    >>> list(read(".").tables)
    ['table']
    """
    paths = sorted(Path(folder).glob("*.npz"))
    if names is not None:
        paths = [path for path in paths if path.stem in names]
    if not paths or (names is not None and len(paths) < len(names)):
        raise UsageError(
            f"{folder} must be a folder of .npz files with X and y, such as ADBench's"
            f"{'' if names is None else ', with ' + ', '.join(names)}. "
            "Received: no such file in it."
        )
    tables = {}
    for path in paths:
        names, arrays = npz.read(path, lambda _: ["X", "y"])
        if names is None or len(arrays) < 2:
            raise UsageError(f"{path} must hold X and y. Received: {', '.join(names or ())}.")
        tables[path.stem] = arrays["X"].astype(np.float32), arrays["y"].astype(bool)
    return Tables(str(folder), tables)


def measure_tables(data: Tables, seed: int, pictures: Path) -> dict:
    """Measures the row `anomaly-tables`: every table is scored by our detectors and by others.

    The anomalies and half of the normal rows are tested. Normal rows are drawn until a table has
    10,000 rows; at most 2,000 anomalies are kept. Features are standardised on the training rows.
    PCA has half as many components as there are features.

    Args:
        data: `Tables`.
        seed: Integer. Seed of the draws and of the training.
        pictures: `Path` of the folder for pictures; none are drawn.

    Returns:
        A dict: the `value`, which is the mean AUROC of the default score for features, the means of
        the other scores, the AUROC of each table, the tables in which an isolation forest is better
        than each of our scores, and how the last model was trained.

    Example:

    >>> measure_tables(read("adbench"), seed=0, pictures=Path("."))["value"]  # doctest: +SKIP
    """
    aurocs = {}
    for number, (name, (x, anomalous)) in enumerate(data.tables.items()):
        random = np.random.default_rng((seed, number))
        outliers = random.permutation(np.flatnonzero(anomalous))[:MOST_ANOMALIES]
        normal = random.permutation(np.flatnonzero(~anomalous))[: MOST_ROWS - len(outliers)]
        train, held_out = np.array_split(normal, 2)
        tested = np.concatenate([held_out, outliers])
        report, trained_by = anomalies.measure_table(
            split_by_seed(name, Split(x[train])),
            x[tested],
            anomalous[tested],
            seed,
            _net(len(train), x.shape[1]),
        )
        aurocs[name] = {key: scores["auroc"] for key, scores in report.items()}
    means = {key: float(np.mean([table[key] for table in aurocs.values()])) for key in report}
    wins = [
        name
        for name, table in aurocs.items()
        if table["isolation_forest"] > max(table[score] for score in SCORES)
    ]
    return {
        "value": means[kinds.FEATURES.anomaly_score],
        **means,
        "tables": aurocs,
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
