"""Measures how well scores separate anomalies, and reports the scores of a detector."""

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from zoo import datasets, runs
from zoo.anomaly import explanations
from zoo.anomaly.data import rows_of_run
from zoo.anomaly.detector import Detector
from zoo.datasets.readers import preparation
from zoo.errors import UsageError
from zoo.storage import manifest

SHOWN = 10


def open_detector(
    folder: str | Path,
    *,
    normal: int | str | None = None,
    score: str | None = None,
    top_fraction: float | None = None,
    false_alarms: float | None = None,
) -> tuple[Detector, str | None]:
    """Returns the detector in a folder, or one fitted on the rows that a run held out.

    Args:
        folder: String or `Path`. The run directory of a finished run, an exported detector, or the
            name of a detector that ships.
        normal: Integer or string. Only for a run: the normal class, or its name. Defaults to None,
            which takes all rows as normal.
        score: String. Only for a run, as for `Detector.fit`. Defaults to None.
        top_fraction: Float. Only for a run, as for `Detector.fit`. Defaults to None.
        false_alarms: Float. Only for a run, as for `Detector.fit`. Defaults to None, which is the
            default of `Detector.fit`.

    Returns:
        A pair: the `Detector`, and the name of the data that the model learned from, or None.

    Raises:
        UsageError: If the folder holds neither, if an argument is not accepted, or if there is a
            `score`, `top_fraction` or `false_alarms` for an exported detector, which keeps its own.

    Example:

    >>> detector, data = open_detector("runs/deep_ae-mnist_5k-seed0")  # doctest: +SKIP
    """
    options = {"score": score, "top_fraction": top_fraction, "false_alarms": false_alarms}
    options = {name: value for name, value in options.items() if value is not None}
    if Path(folder).exists() and not manifest.is_export(folder):
        run = runs.Run.open(folder)
        detector = Detector.fit(run, rows_of_run(run, normal), **options)
        return detector, run.config["data"]["name"]
    if options:
        received = " and ".join(f"{name}={value!r}" for name, value in options.items())
        raise UsageError(
            f"The detector in {folder} keeps the score and the threshold it was exported with. "
            f"Received: {received}."
        )
    detector = Detector.load(folder)
    return detector, (detector.model.manifest["data"] or {}).get("name")


def measure(scores: ArrayLike, anomalous: ArrayLike) -> dict[str, float]:
    """Returns how well scores separate rows that are known to be anomalies from normal rows.

    Args:
        scores: Array of shape `(rows,)`. Finite numbers; the higher, the less normal.
        anomalous: Array of booleans, `(rows,)`. Whether each row is an anomaly.

    Returns:
        A dict: `auroc`, the fraction of pairs of an anomaly and a normal row in which the anomaly
        has the higher score; `auprc`, the mean precision over the anomalies in the order of their
        scores; and `anomalous`, the fraction of anomalies, which is the `auprc` of random scores.

    Raises:
        UsageError: If there is not one boolean for each score, if a score is not finite, or if the
            rows are not of both kinds.

    Example:

    >>> measure([0.1, 0.9, 0.8], [False, True, False])
    {'auroc': 1.0, 'auprc': 1.0, 'anomalous': 0.3333333333333333}
    """
    from sklearn.metrics import average_precision_score, roc_auc_score

    scores, anomalous = np.asarray(scores), np.asarray(anomalous)
    if scores.ndim != 1 or anomalous.shape != scores.shape or anomalous.dtype != bool:
        raise UsageError(
            "`scores` and `anomalous` must be a number and a boolean for each row. Received: "
            f"{scores.dtype} {scores.shape} and {anomalous.dtype} {anomalous.shape}."
        )
    if not np.isfinite(scores).all():
        raise UsageError("`scores` must be finite numbers. Received: some that are not.")
    if anomalous.all() or not anomalous.any():
        kind = "anomalies" if anomalous.any() else "normal rows"
        raise UsageError(
            f"The rows must include anomalies and normal rows. Received: {len(scores)} {kind} only."
        )
    return {
        "auroc": float(roc_auc_score(anomalous, scores)),
        "auprc": float(average_precision_score(anomalous, scores)),
        "anomalous": float(anomalous.mean()),
    }


def report(
    detector: Detector, data, normal: int | str | None = None, *, explain: bool = False
) -> dict:
    """Returns the scores of every row of some data.

    Args:
        detector: A `Detector`.
        data: Anything that `zoo.datasets.rows` accepts. Every file of a folder of images is scored,
            and every row of a file or an array; of a `Dataset`, or the name of one, the test rows.
            Images of a folder without options of its own are prepared as those that the model was
            trained on.
        normal: Integer or string. The class of the normal rows, or its name, if the data have
            labels. Defaults to None.
        explain: Boolean. Also return which column, pixel or step of a row has the largest share of
            its error, as `Detector.explain` does for all of them. Defaults to False.

    Returns:
        A dict: `threshold`; `rows` and `anomalies`, their numbers; if `normal` is set, the metrics
        of `measure`; `most_anomalous`, the ten highest scores by name; and `names` and `scores` of
        all rows. The name of a row is the path of its file within the folder, or else its number,
        from 0. With `explain` it also has `explanations`, for the ten the name of the column, pixel
        or step with the largest share, and the share; and `places` and `shares`, the same of all
        rows.

    Raises:
        UsageError: If the model does not take the data, or if `normal` is set and the data have no
            labels.

    Example:

    >>> rows = np.random.default_rng(0).normal(size=(500, 4)).astype("float32")
    >>> pca = zoo.build("pca", input_shape=(4,), latent_dim=2, standardise=True).adapt(rows)
    >>> report(Detector.fit(pca, rows), rows)["rows"]
    500
    """
    given = preparation.recorded(data, detector.model)
    given |= {"kind": detector.model.kind_of_arrays, "missing": detector.model.missing}
    rows = datasets.rows(data, **given)
    label = None if normal is None else rows.label_of(normal)
    scores = detector.score(rows)
    names = list(range(len(rows)) if rows.names is None else rows.names)
    worst = np.argsort(-scores, kind="stable")[:SHOWN]
    explained = {}
    if explain:
        places, shares = explanations.largest(detector.model, rows)
        by_name = {str(names[row]): {places[row]: float(shares[row])} for row in worst}
        explained = {"explanations": by_name, "places": places, "shares": shares.tolist()}
    return {
        "threshold": detector.threshold,
        "rows": len(scores),
        "anomalies": int(np.sum(scores > detector.threshold)),
        **({} if normal is None else measure(scores, rows.labels != label)),
        "most_anomalous": {str(names[row]): float(scores[row]) for row in worst},
        "names": names,
        "scores": scores.tolist(),
        **explained,
    }
