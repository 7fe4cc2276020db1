"""The score that a detector has by default for each kind of data, chosen by measurement."""

from zoo.arguments import check_fraction
from zoo.errors import UsageError, no_such

SCORES = {
    "reconstruction": ("reconstruction",),
    "latent": ("latent",),
    "both": ("reconstruction", "latent"),
}

# TODO measured
DEFAULTS = {
    "image": {"score": "both", "top_fraction": 0.1},
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
