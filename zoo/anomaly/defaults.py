"""The default anomaly score for each kind of data, chosen by measurement."""

from zoo.autoencoder.scores import SCORES
from zoo.errors import UsageError, no_such
from zoo.inputs.arguments import check_fraction

# Images: AUROC of the reconstruction error of a small `deep_ae`, one seed, by `top_fraction`.
#
# | anomalies                                           | 1    | 0.1  | 0.05 | 0.02 | 0.01 |
# |-----------------------------------------------------|------|------|------|------|------|
# | other digits, three normal classes of mnist_5k      | .896 | .905 | .906 | .897 | .884 |
# | other clothes, three normal classes of Fashion      | .935 | .923 | .911 | .890 | .873 |
# | faces (Olivetti) with a patch of 11 x 11 of another | .636 | .662 | .676 | .679 | .673 |
# | pieces of a photograph with such a patch            | .622 | .683 | .715 | .732 | .727 |
# | mean                                                | .772 | .793 | .802 | .799 | .789 |
#
# `both` is below the reconstruction error on the digits and the patches, equal to it on the
# clothes, and above it with thousands of digits of a class: row `anomaly` of the results.
# Features: `both` is the best of the three on the tables of that row.
DEFAULTS = {
    "image": {"score": "reconstruction", "top_fraction": 0.05},
    "features": {"score": "both", "top_fraction": 1.0},
}
UNMEASURED = {"score": "reconstruction", "top_fraction": 1.0}  # any other kind of data


def settings(kind: str, score: str | None = None, top_fraction: float | None = None) -> dict:
    """Returns a detector's `score` and `top_fraction`, with defaults in place of None.

    Args:
        kind: String. The name of the model's input, such as `"image"` or `"features"`.
        score: String. A key of `SCORES`. Defaults to None, which takes the default of the kind.
        top_fraction: Float in (0, 1]. Defaults to None, which takes the default of the kind.

    Returns:
        A dict, without `top_fraction` if the score has no reconstruction error.

    Raises:
        UsageError: If the score is unknown, if the fraction is out of range, or if there is a
            fraction but no reconstruction error.

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
