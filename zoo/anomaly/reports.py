"""What `zoo detect` tells: a detector from a folder, and its scores of a data set's test rows."""

from pathlib import Path

import numpy as np

from zoo import manifest, runs
from zoo.anomaly.detector import Detector
from zoo.anomaly.measuring import measure
from zoo.anomaly.normal_rows import rows_of_run
from zoo.errors import UsageError

SHOWN = 10


def open_detector(
    folder: str | Path,
    *,
    normal: int | None = None,
    score: str | None = None,
    contamination: float | None = None,
) -> tuple[Detector, str | None]:
    """The detector that a folder holds, or one fitted on what a run held out of its training.

    Args:
        folder: of a finished run, or of a detector's export.
        normal: of a run: the class that is normal; by default all rows are.
        score, contamination: of a run: as of `Detector.fit`, by default its own.

    Returns:
        The detector, and the name of the data that the model learnt from, or None.

    Raises:
        UsageError: for anything else; an exported detector keeps its score and its threshold.
    """
    given = {"score": score, "contamination": contamination}
    given = {name: value for name, value in given.items() if value is not None}
    if not manifest.is_export(folder):
        run = runs.Run.open(folder)
        detector = Detector.fit(run, rows_of_run(run, normal), **given)
        return detector, run.config["data"]["name"]
    if given:
        told = " and ".join(f"{name}={value!r}" for name, value in given.items())
        raise UsageError(
            f"The detector in {folder} keeps the score and the threshold it was exported with. "
            f"Received: {told}."
        )
    detector = Detector.load(folder)
    return detector, (detector.model.manifest["data"] or {}).get("name")


def report(detector: Detector, data, normal: int | None = None) -> dict:
    """Scores the test rows of a data set.

    Args:
        detector: any.
        data: a `Dataset`.
        normal: the class of its normal rows, if it has labels.

    Returns:
        `threshold`; `rows` and `anomalies`, how many there are; with `normal`, what `measure`
        tells; `most_anomalous`, the ten highest scores by row, from 0; and all `scores`.
    """
    split = data.test
    if normal is not None and split.labels is None:
        raise UsageError(f"{data.name} has no labels to find class {normal!r} by.")
    scores = detector.score(split)
    worst = np.argsort(-scores, kind="stable")[:SHOWN]
    return {
        "threshold": detector.threshold,
        "rows": len(scores),
        "anomalies": int(np.sum(scores > detector.threshold)),
        **({} if normal is None else measure(scores, split.labels != normal)),
        "most_anomalous": {str(row): float(scores[row]) for row in worst},
        "scores": scores.tolist(),
    }
