"""The settings of a detector's score, by default those of the kind of data."""

from zoo.autoencoder.scores import SCORES
from zoo.errors import UsageError, no_such
from zoo.inputs import kinds
from zoo.inputs.arguments import check_fraction


def settings(tensor_name: str, score: str | None = None, top_fraction: float | None = None) -> dict:
    """Returns a detector's `score` and `top_fraction`, with defaults in place of None.

    Args:
        tensor_name: String. The name of the model's input, such as `"image"` or `"features"`.
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
    kind = kinds.of_tensor(tensor_name)
    score = kind.anomaly_score if score is None else score
    if score not in SCORES:
        raise no_such("score", score, list(SCORES))
    if top_fraction is not None:
        check_fraction("top_fraction", top_fraction, 1)
    if "reconstruction" in SCORES[score]:
        return {"score": score, "top_fraction": float(top_fraction or kind.top_fraction)}
    if top_fraction is not None:
        raise UsageError(
            f"`top_fraction` belongs to the reconstruction error, which the score {score!r} does "
            f"not have. Received: top_fraction={top_fraction!r}."
        )
    return {"score": score}
