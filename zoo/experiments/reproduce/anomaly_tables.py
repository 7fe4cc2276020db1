"""Row on anomalies in many tables, in the file format of ADBench, beside other detectors."""

import dataclasses
import math
from pathlib import Path

import numpy as np

from zoo.anomaly import Detector, measure
from zoo.datasets.dataset import Dataset
from zoo.datasets.readers import npz
from zoo.datasets.split import Split
from zoo.errors import UsageError
from zoo.experiments.reproduce import anomaly_halves, anomaly_rivals

STEPS, BATCH = 2_000, 64  # training steps of our model, and rows in each
EPOCH = 2_000  # rows of an epoch, at least: those of a small table are repeated
HELD_OUT = 10  # one training row in ten is kept for the scales of the scores
# Chosen on one half of the tables by `zoo.experiments.table_scores` (results/tuning.jsonl).
NET = {"widths": (256,), "latent_dim": 128, "hidden": 0.3, "learning_rate": 3e-3}
OURS = "neighbours"
SCORES = ("reconstruction", "neighbours", "hidden", "combined")  # for any number of rows


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


def measure_tables(data: Tables, seed: int, pictures: Path, part: str) -> dict:
    """Measures a half of the row `anomaly-tables`: our scores and other detectors in every table.

    The anomalies and half of the normal rows are tested, as `anomaly_halves.drawn` draws them; the
    other half trains. Columns are standardised on the training rows. PCA has its best size: the
    number of components with the highest AUROC on the test rows.

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
    for name, (x, anomalous) in anomaly_halves.tables_of(data.tables, part).items():
        train, rows, labels = anomaly_halves.drawn(name, x, anomalous, seed)
        ours, trained_by = measure_ours(train, rows, labels, seed, **NET)
        rivals, components[name] = anomaly_rivals.measure_rivals(train, rows, labels, seed)
        aurocs[name] = ours | rivals
    return {"tables": aurocs, "pca_components": components} | trained_by


def combine(lines: list[dict]) -> dict:
    """Returns what the results lines of both halves say together about the chosen score.

    Args:
        lines: List of dicts. The results lines of the halves, of one seed.

    Returns:
        A dict, as `anomaly_halves.combine_halves` describes it.

    Example:

    >>> line = {"seed": 0, "part": "judging", "tables": {"14_glass": {OURS: 0.5, "knn": 0.75}}}
    >>> combine([line])["above_knn"]
    -0.25
    """
    return anomaly_halves.combine_halves(lines, OURS)


def measure_ours(train, x, anomalous, seed: int, **net) -> tuple[dict[str, float], dict]:
    """Measures each of our scores on rows of a table.

    Args:
        train: Float32 array of shape `(training rows, columns)`, of normal rows in any order. The
            first tenth is held out of the training, for the scales of the scores.
        x: Float32 array of shape `(rows, columns)`. The rows to test.
        anomalous: Array of booleans, `(rows,)`. Whether each row is an anomaly.
        seed: Integer. Seed of the training.
        **net: Arguments of `deep_ae`, and fields of its recipe.

    Returns:
        A pair: the AUROC of each score, and how the model was trained.

    Example:

    >>> rows = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    >>> anomalous = np.arange(10) < 5
    >>> measure_ours(rows[:50], rows[50:], anomalous, 0, **NET)  # doctest: +SKIP
    """
    from zoo.training import in_memory

    count = max(1, len(train) // HELD_OUT)
    held_out, learn = train[:count], train[count:]
    normal = Dataset("normal rows", Split(learn), Split(held_out))
    learn = np.tile(learn, (math.ceil(EPOCH / len(learn)), 1))  # short epochs would take longer
    own = {"missing": "mask", "standardise": True, "batch_size": BATCH}
    own["epochs"] = math.ceil(STEPS * BATCH / len(learn))
    model, trained_by = in_memory.train("deep_ae", learn, seed, **own | net)
    aurocs = {}
    for score in SCORES:
        detector = Detector.fit(model, normal, score=score)
        aurocs[score] = measure(detector.score(x), anomalous)["auroc"]
    return aurocs, trained_by
