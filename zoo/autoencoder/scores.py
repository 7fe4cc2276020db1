"""The anomaly scores that a scorer can compute, each the sum of one or more parts."""

import numpy as np

from zoo.errors import UsageError

SCORES = {
    "reconstruction": ("reconstruction",),
    "latent": ("latent",),
    "both": ("reconstruction", "latent"),
    "neighbours": ("neighbours",),
    "hidden": ("hidden",),
    "combined": ("reconstruction", "neighbours", "hidden"),
}
MOST_KNOWN = 5000  # the most normal rows that a score of nearest neighbours keeps


def require_finite(values):
    """Returns scores, or other values computed from normal rows, if all are finite.

    A threshold of NaN would never raise an alarm.

    Args:
        values: Array of numbers.

    Returns:
        The array.

    Raises:
        UsageError: If a value is NaN or infinite.

    Example:

    >>> require_finite(np.array([1.0, 2.0]))
    array([1., 2.])
    """
    if not np.isfinite(values).all():
        raise UsageError(
            "`model` must give finite scores of normal rows: train it again. "
            "Received: a model whose weights are NaN or too large."
        )
    return values
