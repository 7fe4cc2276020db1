"""The score that a detector has by default for each kind of data, chosen by measurement."""

from zoo.arguments import check_fraction
from zoo.errors import UsageError, no_such

SCORES = {
    "reconstruction": ("reconstruction",),
    "latent": ("latent",),
    "both": ("reconstruction", "latent"),
}

# Mean AUROC of a small `deep_ae`. Images: an odd digit among digits of one class by the mean error
# .896, by the largest tenth .905, twentieth .906, hundredth .883; an 11 x 11 patch of another image
# pasted in faces and photographs of 64 x 64 by the mean .63, .67, .70 and .70; both scores together
# are below the reconstruction error there, and above it where a class has thousands of digits.
# Features: row `anomaly-tables` of the results, and the tables of row `anomaly`.
DEFAULTS = {
    "image": {"score": "reconstruction", "top_fraction": 0.05},
    "features": {"score": "both", "top_fraction": 1.0},
}
UNMEASURED = {"score": "reconstruction", "top_fraction": 1.0}  # any other kind of data


def settings(kind: str, score: str | None = None, top_fraction: float | None = None) -> dict:
    """Returns a detector's `score` and `top_fraction`: those given, else the defaults.

    Args:
        kind: The name of the model's input, such as `"image"` or `"features"`.
        score: A key of `SCORES`, or None for the default.
        top_fraction: A number in (0, 1], or None for the default.

    Returns:
        A dict; without `top_fraction` where the score has no reconstruction error.

    Raises:
        UsageError: For another score, another fraction, or a fraction of a score without errors.

    Example:

    >>> settings("image", "reconstruction", 0.01)
    {'score': 'reconstruction', 'top_fraction': 0.01}
    """
    default = DEFAULTS.get(kind, UNMEASURED)
    score = default["score"] if score is None else score
    if score not in SCORES:
        raise no_such("score", score, list(SCORES))
    if top_fraction is not None:
        check_fraction("top_fraction", top_fraction, 1)
    if "reconstruction" in SCORES[score]:
        return {"score": score, "top_fraction": float(top_fraction or default["top_fraction"])}
    if top_fraction is not None:
        raise UsageError(
            "`top_fraction` belongs to the reconstruction error, which the score 'latent' does "
            f"not have. Received: top_fraction={top_fraction!r}."
        )
    return {"score": score}
