"""How well scores tell anomalies from normal rows."""

import numpy as np
from numpy.typing import ArrayLike

from zoo.errors import UsageError


def measure(scores: ArrayLike, anomalous: ArrayLike) -> dict[str, float]:
    """What scores are worth where it is known which rows are anomalies.

    Args:
        scores: `(rows,)`, finite; higher is less normal.
        anomalous: `(rows,)`, booleans.

    Returns:
        `auroc`, the share of pairs of an anomaly and a normal row in which the anomaly scores
        higher; `auprc`, the mean precision over the anomalies in the order of their scores; and
        `anomalous`, the share of anomalies, which is what `auprc` is of scores that tell nothing.

    Raises:
        UsageError: if there is not one truth for each score, or not both kinds of rows.
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
        came = "anomalies" if anomalous.any() else "normal rows"
        raise UsageError(
            f"Anomalies and normal rows must both be there. Received: {len(scores)} {came} only."
        )
    return {
        "auroc": float(roc_auc_score(anomalous, scores)),
        "auprc": float(average_precision_score(anomalous, scores)),
        "anomalous": float(anomalous.mean()),
    }
