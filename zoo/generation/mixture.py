"""A Gaussian mixture over codes, to draw from if the model has no prior."""

import math
import warnings

import numpy as np

from zoo.errors import UsageError
from zoo.inputs.arguments import check_seed, positive_integer

WIDEST = 128  # the largest code for which covariances are full matrices


def draw(codes: np.ndarray, n: int, components: int = 10, seed: int = 0) -> np.ndarray:
    """Returns codes drawn from a Gaussian mixture that is fitted to other codes.

    The mixture is fitted by expectation maximisation that starts from k-means. Its components have
    full covariances if a code has at most 128 numbers and there are more codes for each component
    than that; otherwise the covariances are diagonal.

    Args:
        codes: Array of shape `(rows, ...)`. Finite numbers, at least two rows for each component.
        n: Integer. Number of codes to draw.
        components: Integer. Number of Gaussians in the mixture. Defaults to 10.
        seed: Integer. Seed of the fit and of the draw. Defaults to 0.

    Returns:
        Float32 array of shape `(n, ...)`, in random order.

    Raises:
        UsageError: If there are too few codes.

    Example:

    >>> codes = np.random.default_rng(0).normal(size=(50, 3))
    >>> draw(codes, n=5, components=2).shape
    (5, 3)
    """
    from sklearn.mixture import GaussianMixture

    n, components = positive_integer("n", n), positive_integer("components", components)
    z = codes.reshape(len(codes), math.prod(codes.shape[1:])).astype(np.float64)
    rows, numbers = z.shape
    if rows < 2 * components:
        raise UsageError(
            f"A mixture of {components} components needs {2 * components} codes or more. "
            f"Received: {rows}."
        )
    # Standardised, because scikit-learn's `reg_covar` suits variances near 1.
    mean, deviation = z.mean(axis=0), z.std(axis=0)
    z = (z - mean) / np.where(deviation > 0, deviation, 1)
    full = numbers <= WIDEST and rows > components * numbers
    mixture = GaussianMixture(
        components, covariance_type="full" if full else "diag", random_state=check_seed(seed)
    )
    with warnings.catch_warnings():
        # Too few different codes, or a fit that has not converged, still give a valid sample.
        warnings.simplefilter("ignore", UserWarning)
        drawn, _ = mixture.fit(z).sample(n)
    order = np.random.default_rng(seed).permutation(n)  # scikit-learn draws component by component
    return (drawn[order] * deviation + mean).astype(np.float32).reshape(n, *codes.shape[1:])
