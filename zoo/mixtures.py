"""A Gaussian mixture over codes: a distribution to draw from, where training promised none."""

import math
import warnings

import numpy as np

from zoo.arguments import check_seed, positive_integer
from zoo.errors import UsageError

WIDEST = 128  # numbers of a code, up to which a component's covariance is a full matrix


def draw(codes: np.ndarray, n: int, components: int = 10, seed: int = 0) -> np.ndarray:
    """`n` codes from a mixture fitted on some, by expectation and maximisation from k-means.

    Each component has a full covariance where a code has at most 128 numbers and there are more
    codes a component than that; else a diagonal one.

    Args:
        codes: finite numbers, `(rows, ...)`; two rows or more for each component.
        n: how many to draw.
        components: Gaussians in the mixture.
        seed: of the fit and of the draw.

    Returns:
        float32, `(n, ...)`, in no order.

    Raises:
        UsageError: for too few codes.
    """
    from sklearn.mixture import GaussianMixture

    n, components = positive_integer("n", n), positive_integer("components", components)
    z = codes.reshape(len(codes), math.prod(codes.shape[1:])).astype(np.float64)
    rows, numbers = z.shape
    if rows < 2 * components:
        raise UsageError(
            f"A mixture of {components} components is fitted on {2 * components} codes or more. "
            f"Received: {rows}."
        )
    # To one scale: what is added to the variances, for stability, is meant for numbers near 1.
    mean, deviation = z.mean(axis=0), z.std(axis=0)
    z = (z - mean) / np.where(deviation > 0, deviation, 1)
    full = numbers <= WIDEST and rows > components * numbers
    mixture = GaussianMixture(
        components, covariance_type="full" if full else "diag", random_state=check_seed(seed)
    )
    with warnings.catch_warnings():
        # That there are fewer different codes than components, or the last step was still one of
        # progress, is no fault of a sample.
        warnings.simplefilter("ignore", UserWarning)
        drawn, _ = mixture.fit(z).sample(n)
    order = np.random.default_rng(seed).permutation(n)  # they came component by component
    return (drawn[order] * deviation + mean).astype(np.float32).reshape(n, *codes.shape[1:])
