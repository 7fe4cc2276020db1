"""What `zoo detect` prints: a detector from a folder, and its scores of rows."""

from pathlib import Path

import numpy as np

from zoo import datasets, manifest, runs
from zoo.anomaly.detector import Detector
from zoo.anomaly.measuring import measure
from zoo.anomaly.normal_rows import rows_of_run
from zoo.errors import UsageError

SHOWN = 10


def open_detector(
    folder: str | Path,
    *,
    normal: int | str | None = None,
    score: str | None = None,
    top_fraction: float | None = None,
    false_alarms: float | None = None,
) -> tuple[Detector, str | None]:
    """The detector that a folder holds, or one fitted on what a run held out of its training.

    Args:
        folder: of a finished run, or of a detector's export.
        normal: of a run: the class that is normal, or its name; by default all rows are.
        score, top_fraction, false_alarms: Of a run: as for `Detector.fit`, with its defaults.

    Returns:
        The detector, and the name of the data that the model learnt from, or None.

    Raises:
        UsageError: for anything else; an exported detector keeps its score and its threshold.
    """
    given = {"score": score, "top_fraction": top_fraction, "false_alarms": false_alarms}
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


def report(detector: Detector, data, normal: int | str | None = None) -> dict:
    """Returns the scores of every row of some data.

    Args:
        detector: A `Detector`.
        data: Whatever `zoo.datasets.rows` accepts: of a folder of images every file is scored, of
            a file or an array every row; of a `Dataset`, or the name of one, the test rows.
        normal: The class of the normal rows, or its name, if the data have labels. Defaults to
            None.

    Returns:
        A dict: `threshold`; `rows` and `anomalies`, their numbers; with `normal`, what `measure`
        returns; `most_anomalous`, the ten highest scores by name; and `names` and `scores` of all
        rows. A row's name is its file's path within the folder, or else its number, from 0.

    Raises:
        UsageError: For data that the model does not take, and for `normal` without labels.
    """
    rows = datasets.rows(data)
    label = None if normal is None else rows.label_of(normal)
    scores = detector.score(rows)
    names = list(range(len(rows)) if rows.names is None else rows.names)
    worst = np.argsort(-scores, kind="stable")[:SHOWN]
    return {
        "threshold": detector.threshold,
        "rows": len(scores),
        "anomalies": int(np.sum(scores > detector.threshold)),
        **({} if normal is None else measure(scores, rows.labels != label)),
        "most_anomalous": {str(names[row]): float(scores[row]) for row in worst},
        "names": names,
        "scores": scores.tolist(),
    }
