"""Row on anomalies in many tables, in the file format of ADBench, beside other detectors."""

import dataclasses
from pathlib import Path

import numpy as np

from zoo.datasets.dataset import split_by_seed
from zoo.datasets.readers import npz
from zoo.datasets.split import Split
from zoo.errors import UsageError
from zoo.experiments.reproduce import anomalies

BATCH, LEAST_ROWS = 64, 8_000  # rows in a batch, and in an epoch
MOST_ROWS, MOST_ANOMALIES = 10_000, 2_000  # the largest numbers in a table
# The score is the one with the highest mean AUROC on one half of the tables, and is judged on the
# other; the numbers are those that the files' names begin with.
CHOOSING, JUDGING = "choosing", "judging"
CHOSEN_ON = (1, 6, 11, 16, 20, 24, 28, 32, 37, 41, 45)
NEAR = 0.005  # an AUROC that is at most this much lower counts as near
NET = {"widths": (128,), "epochs": 12, "batch_size": BATCH}
HIDE = 0.3  # the fraction of the numbers that are hidden in training
OURS = "hidden_and_neighbours"


@dataclasses.dataclass(frozen=True)
class Tables:
    """Tables of normal rows and anomalies.

    Attributes:
        name: String. The folder that they were read from.
        tables: Dict from the name of each table to a pair: the rows, `(rows, columns)`, and
            booleans, `(rows,)`, whether each row is an anomaly.

    Example:

    >>> Tables("a folder", {"1_table": (np.zeros((2, 3)), np.array([False, True]))}).name
    'a folder'
    """

    name: str
    tables: dict[str, tuple[np.ndarray, np.ndarray]]


def read(folder: str, names: tuple[str, ...] | None = None) -> Tables:
    """Reads every `.npz` file of a folder, or some of them.

    A file holds `X`, `(rows, columns)`, and `y`, `(rows,)`, which is 1 for an anomaly. Its name
    begins with a number, as ADBench's do: `14_glass.npz`.

    Args:
        folder: String. The folder.
        names: Tuple of strings. The names of the files, without `.npz`. Defaults to None, for all.

    Returns:
        `Tables`.

    Raises:
        UsageError: If there is no such file, or if one lacks `X` or `y`.

    Example:

    >>> np.savez("1_table.npz", X=np.zeros((2, 3)), y=np.array([0, 1]))
    >>> list(read(".").tables)
    ['1_table']
    """
    paths = sorted(Path(folder).glob("[0-9]*_*.npz"), key=lambda path: _number(path.stem))
    if names is not None:
        paths = [path for path in paths if path.stem in names]
    if not paths or (names is not None and len(paths) < len(names)):
        raise UsageError(
            f"{folder} must be a folder of files such as 14_glass.npz, with X and y, as ADBench's "
            f"are{'' if names is None else ', with ' + ', '.join(names)}. Received: no such file."
        )
    tables = {}
    for path in paths:
        names, arrays = npz.read(path, lambda _: ["X", "y"])
        if names is None or len(arrays) < 2:
            raise UsageError(f"{path} must hold X and y. Received: {', '.join(names or ())}.")
        tables[path.stem] = arrays["X"].astype(np.float32), arrays["y"].astype(bool)
    return Tables(str(folder), tables)


def halves() -> list[str]:
    """Returns the names of the two halves of the tables.

    Example:

    >>> halves()
    ['choosing', 'judging']
    """
    return [CHOOSING, JUDGING]


def measure_tables(data: Tables, seed: int, pictures: Path, part: str) -> dict:
    """Measures a half of the row `anomaly-tables`: our detectors and others score every table.

    The anomalies and half of the normal rows are tested; the other half trains. Normal rows are
    drawn until a table has 10,000 rows; at most 2,000 anomalies are kept. Features are standardised
    on the training rows. One net is trained for each table, with hidden numbers, and its code has
    half as many numbers as the table has columns.

    Args:
        data: `Tables`.
        seed: Integer. Seed of the draws and of the training.
        pictures: `Path` of the folder for pictures; none are drawn.
        part: String. `"choosing"` or `"judging"`, the half of the tables.

    Returns:
        A dict: the AUROC of each score and of each other detector in each of the `tables`, the
        `pca_components` of each, and how the last model was trained.

    Example:

    >>> measure_tables(read("adbench"), 0, Path("."), "judging")["tables"]  # doctest: +SKIP
    """
    aurocs, components = {}, {}
    for name, (x, anomalous) in tables_of(data, part).items():
        train, rows, labels = drawn(name, x, anomalous, seed)
        normal = split_by_seed(name, Split(train))
        net = NET | {"latent_dim": max(1, x.shape[1] // 2)}
        report, trained_by = anomalies.measure_table(
            normal, rows, labels, seed, net, hide=HIDE, least_rows=LEAST_ROWS
        )
        components[name] = trained_by.pop("pca_components")
        aurocs[name] = {key: scores["auroc"] for key, scores in report.items()}
    return {"tables": aurocs, "pca_components": components} | trained_by


def tables_of(data: Tables, part: str) -> dict:
    """Returns the tables of a half.

    Args:
        data: `Tables`.
        part: String. `"choosing"` or `"judging"`.

    Example:

    >>> rows = np.zeros((2, 3)), np.array([False, True])
    >>> list(tables_of(Tables("a folder", {"1_a": rows, "2_b": rows}), "judging"))
    ['2_b']
    """
    chosen = part == CHOOSING
    return {name: t for name, t in data.tables.items() if (_number(name) in CHOSEN_ON) == chosen}


def drawn(name: str, x: np.ndarray, anomalous: np.ndarray, seed: int):
    """Returns the training rows of a table, its test rows, and which of these are anomalies.

    Args:
        name: String. Name of the table, which begins with its number.
        x: Array of shape `(rows, columns)`.
        anomalous: Array of booleans, `(rows,)`.
        seed: Integer. Seed of the draw.

    Returns:
        A tuple of three arrays.

    Example:

    >>> x, anomalous = np.arange(12).reshape(6, 2), np.arange(6) > 3
    >>> [len(part) for part in drawn("1_table", x, anomalous, seed=0)]
    [2, 4, 4]
    """
    random = np.random.default_rng((seed, _number(name)))
    outliers = random.permutation(np.flatnonzero(anomalous))[:MOST_ANOMALIES]
    normal = random.permutation(np.flatnonzero(~anomalous))[: MOST_ROWS - len(outliers)]
    train, held_out = np.array_split(normal, 2)
    tested = np.concatenate([held_out, outliers])
    return x[train], x[tested], anomalous[tested]


def combine_halves(lines: list[dict]) -> dict:
    """Returns what the results lines of both halves tell together.

    Args:
        lines: List of dicts. The results lines of the halves, of one seed.

    Returns:
        A dict of the `seed`; the `value`, the mean AUROC of the chosen score over all tables; the
        means of all scores and detectors; `choosing` and `judging`, the chosen score's means in
        each half, and `choosing_knn` and `judging_knn`, those of the nearest neighbours;
        `above_knn`, the value minus their mean; `near_knn`, the number of tables in which our AUROC
        is at least theirs minus 0.005; and the tables of each of the `halves`.

    Example:

    >>> table = {OURS: 0.5, "knn": 0.75}
    >>> line = {"seed": 0, "part": "judging", "tables": {"14_glass": table}}
    >>> found = combine_halves([line])
    >>> found["value"], found["above_knn"], found["near_knn"]
    (0.5, -0.25, 0)
    """
    ours = OURS
    tables = {name: table for line in lines for name, table in line["tables"].items()}
    means = _means(tables)
    of_halves = {}
    for line in lines:
        half = _means(line["tables"])
        of_halves |= {line["part"]: half[ours], f"{line['part']}_knn": half["knn"]}
    return {
        "seed": lines[0]["seed"],
        "value": means[ours],
        **means,
        **of_halves,
        "above_knn": means[ours] - means["knn"],
        "near_knn": sum(table[ours] >= table["knn"] - NEAR for table in tables.values()),
        "halves": {line["part"]: line["tables"] for line in lines},
    }


def _number(name):
    return int(name.partition("_")[0])


def _means(tables):
    names = next(iter(tables.values()))
    return {name: float(np.mean([table[name] for table in tables.values()])) for name in names}
