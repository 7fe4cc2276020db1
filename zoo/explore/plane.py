"""Finds the plane of codes that is drawn, and the ranges and the activity of the codes."""

import numpy as np

MARGIN = 0.08  # of the drawn range, on each side
PRIOR = 3.0  # standard deviations of a normal code that are drawn at least


def facts(codes: np.ndarray, prior: str | None = None) -> dict:
    """Returns the plane of codes, and each number's range and activity.

    Codes of two numbers are their own plane. Of others it is the plane of the two principal
    components.

    Args:
        codes: Array of shape `(rows, ...)`.
        prior: String. `"normal"` for codes that the loss draws to N(0, 1), else None.

    Returns:
        Dict for JSON: `plane` with `origin`, two `axes` and the `bounds` on each; `low`, `high` and
        `activity`, the standard deviation, of each number of a code; and `order`, the numbers by
        falling activity.

    Example:

    >>> found = facts(np.array([[0.0, 0.0], [1.0, 4.0]]))
    >>> found["order"], found["plane"]["kind"]
    ([1, 0], 'code')
    """
    flat = np.asarray(codes, np.float64).reshape(len(codes), -1)
    low, high = flat.min(axis=0), flat.max(axis=0)
    if prior == "normal":
        low, high = np.minimum(low, -PRIOR), np.maximum(high, PRIOR)
    level = low == high  # a slider of a number that never changes still moves
    low, high = low - 0.5 * level, high + 0.5 * level
    activity = flat.std(axis=0)
    return {
        "plane": _plane(flat, prior),
        "low": low.tolist(),
        "high": high.tolist(),
        "activity": activity.tolist(),
        "order": np.argsort(-activity, kind="stable").tolist(),
    }


def _plane(flat, prior):
    size = flat.shape[1]
    if size <= 2:
        origin, axes = np.zeros(size), np.eye(2, size)
    else:
        origin = flat.mean(axis=0)
        axes = np.linalg.svd(flat - origin, full_matrices=False)[2][:2]
        axes *= np.where(axes.sum(axis=1) < 0, -1.0, 1.0)[:, None]  # one of two signs
        axes = np.pad(axes, ((0, 2 - len(axes)), (0, 0)))
    points = (flat - origin) @ axes.T
    if prior == "normal" and size <= 2:
        points = np.concatenate([points, [[-PRIOR, -PRIOR], [PRIOR, PRIOR]]])
    low, high = points.min(axis=0), points.max(axis=0)
    margin = MARGIN * (high - low) + 1e-3
    bounds = np.stack([low - margin, high + margin], axis=1)
    return {
        "kind": "code" if size <= 2 else "principal",
        "origin": origin.tolist(),
        "axes": axes.tolist(),
        "bounds": bounds.tolist(),
    }
