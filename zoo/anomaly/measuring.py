"""Measures how well scores separate anomalies from normal rows."""

import numpy as np
from numpy.typing import ArrayLike

from zoo.errors import UsageError


def measure(scores: ArrayLike, anomalous: ArrayLike) -> dict[str, float]:
    """Returns how well scores separate rows that are known to be anomalies from normal rows.

    Args:
        scores: Array of shape `(rows,)`. Finite numbers; the higher, the less normal.
        anomalous: Array of booleans, `(rows,)`. Whether each row is an anomaly.

    Returns:
        A dict: `auroc`, the share of pairs of an anomaly and a normal row in which the anomaly has
        the higher score; `auprc`, the mean precision over the anomalies in the order of their
        scores; and `anomalous`, the share of anomalies, which is the `auprc` of scores that carry
        no information.

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
        came = "anomalies" if anomalous.any() else "normal rows"
        raise UsageError(
            f"Anomalies and normal rows must both be there. Received: {len(scores)} {came} only."
        )
    return {
        "auroc": float(roc_auc_score(anomalous, scores)),
        "auprc": float(average_precision_score(anomalous, scores)),
        "anomalous": float(anomalous.mean()),
    }
