"""Metrics of inputs and their reconstructions, and of codes alone.

A metric that is not defined for the arrays is NaN; `zoo.evaluate` leaves it out.
"""

import math

import numpy as np

from zoo.errors import UsageError
from zoo.inputs import chunks
from zoo.inputs.lazy import slices


def mse(images, reconstructions) -> float:
    """Returns the squared error, mean over pixels and images.

    Args:
        images: Array of shape `(n, ...)`. Missing cells, NaN, do not count.
        reconstructions: Array of the same shape, or of one that numpy broadcasts to it, such as a
            mean image of shape `(1, ...)`.

    Returns:
        A float.

    Example:

    >>> mse(np.zeros((2, 4)), np.full((2, 4), 0.5))
    0.25
    """
    total, count, _ = _squared_error(images, reconstructions)
    return float(total / count) if count else math.nan


def sse(images, reconstructions) -> float:
    """Returns the squared error summed over an image, mean over images.

    This is the error that Hinton & Salakhutdinov (2006) report.

    Args:
        images: Array of shape `(n, ...)`. Missing cells, NaN, do not count.
        reconstructions: Array of the same shape, or of one that numpy broadcasts to it.

    Returns:
        A float.

    Example:

    >>> sse(np.zeros((2, 4)), np.full((2, 4), 0.5))
    1.0
    """
    total, count, rows = _squared_error(images, reconstructions)
    return float(total / rows) if count else math.nan


def _squared_error(images, reconstructions):
    """Returns the sum of the squared errors of observed cells, and the numbers of these and rows.

    A target that is NaN is missing; a reconstruction that is NaN makes the sum NaN.
    """
    images = np.asarray(images)
    reconstructions = np.broadcast_to(reconstructions, images.shape)
    total, count = np.float64(0), 0
    for rows in slices(len(images), math.prod(images.shape[1:])):
        difference = np.subtract(images[rows], reconstructions[rows], dtype=np.float64)
        missing = np.isnan(images[rows])
        difference[missing] = 0
        total += np.sum(np.square(difference, out=difference))
        count += missing.size - np.count_nonzero(missing)
    return total, count, len(images)


def psnr(images, reconstructions) -> float:
    """Returns the peak signal-to-noise ratio of the mean squared error, in dB.

    The peak is 1.

    Args:
        images: Array of shape `(n, ...)`.
        reconstructions: Array of the same shape, or of one that numpy broadcasts to it.

    Returns:
        A float, at most 120.

    Example:

    >>> round(psnr(np.zeros((2, 4)), np.full((2, 4), 0.1)), 6)
    20.0
    """
    return -10 * math.log10(max(mse(images, reconstructions), 1e-12))


def ssim(images, reconstructions, batch_size=500) -> float:
    """Returns the structural similarity, mean over windows, channels and images.

    The Gaussian window has 11 pixels a side, or fewer if the image is smaller (Wang et al., 2004).
    The peak is 1.

    Args:
        images: Array of shape `(n, height, width, channels)`, values in [0, 1].
        reconstructions: Array of the same shape.
        batch_size: Integer. Number of images that are compared at once. Defaults to 500.

    Returns:
        A float, 1 for equal images.

    Example:

    >>> x = np.random.default_rng(0).random((2, 16, 16, 1), np.float32)
    >>> round(ssim(x, x), 6)
    1.0
    """
    import tensorflow as tf

    window = min(11, *images.shape[1:3])
    batches = [slice(start, start + batch_size) for start in range(0, len(images), batch_size)]
    values = [
        tf.image.ssim(images[rows], reconstructions[rows], max_val=1.0, filter_size=window)
        for rows in batches
    ]
    return float(np.mean(np.concatenate(values), dtype=np.float64))


def active_units(codes) -> float:
    """Returns how many numbers of the code have a variance above 0.01 over the rows.

    The threshold (Burda et al., 2016) is meant for codes near unit scale, such as a VAE's.

    Args:
        codes: Array of shape `(rows, ...)`.

    Returns:
        An integer; NaN for fewer than two rows.

    Example:

    >>> active_units(np.array([[0.0, 1.0, 1.0], [1.0, 1.0, 1.01]]))
    1
    """
    if len(codes) < 2:
        return math.nan
    _, deviation = chunks.mean_and_deviation(flat(codes))
    return int(np.sum(np.square(deviation) > 0.01))


def dead_units(codes) -> float:
    """Returns how many numbers of the code are the same in all rows.

    Args:
        codes: Array of shape `(rows, ...)`.

    Returns:
        An integer; NaN for fewer than two rows.

    Example:

    >>> dead_units(np.array([[0.0, 1.0, 1.0], [1.0, 1.0, 1.01]]))
    1
    """
    if len(codes) < 2:
        return math.nan
    return int(np.sum(np.ptp(flat(codes), axis=0) == 0))


def sparsity(codes) -> float:
    """Returns Hoyer's sparsity of codes, mean over rows.

    It is (√n - ‖z‖₁ / ‖z‖₂) / (√n - 1) for n numbers (Hoyer, 2004): 0 if all numbers have the same
    size, and 1 if all but one are 0. Rows of zeros are left out.

    Args:
        codes: Array of shape `(rows, ...)`.

    Returns:
        A float in [0, 1]; NaN if all rows are zeros or n is 1.

    Example:

    >>> sparsity(np.array([[0.0, 0.0, 2.0, 0.0]])), sparsity(np.ones((1, 4)))
    (1.0, 0.0)
    """
    z = flat(codes)
    root = math.sqrt(z.shape[1])
    total, length = np.zeros(len(z)), np.zeros(len(z))
    for rows in slices(*z.shape):
        sizes = np.abs(z[rows], dtype=np.float64)
        total[rows], length[rows] = sizes.sum(axis=1), np.linalg.norm(sizes, axis=1)
    total, length = total[length > 0], length[length > 0]
    if root == 1 or len(total) == 0:
        return math.nan
    return float(np.mean((root - total / length) / (root - 1)))


def codebook_use(indices, entries) -> float:
    """Returns the fraction of a codebook's entries that at least one row uses.

    Args:
        indices: Array of integers, of any shape. Positions in the codebook.
        entries: Integer. Number of entries in the codebook.

    Returns:
        A float in [0, 1].

    Example:

    >>> codebook_use(np.array([[0, 0], [3, 0]]), entries=8)
    0.25
    """
    return len(np.unique(indices)) / entries


def flat(codes) -> np.ndarray:
    """Returns codes of any shape as rows of numbers, without a copy where possible.

    Args:
        codes: Array of shape `(rows, ...)`.

    Returns:
        Array of shape `(rows, numbers)`.

    Example:

    >>> flat(np.zeros((5, 4, 3))).shape
    (5, 12)
    """
    codes = np.asarray(codes)
    return codes.reshape(len(codes), math.prod(codes.shape[1:]))  # -1 fails for 0 rows


BOX = (-2.0, 2.0)  # holds 95 % of N(0, 1) along each axis


def box_fraction(codes, box: tuple[float, float] = BOX) -> float:
    """Returns the fraction of codes whose numbers all lie in an interval.

    Args:
        codes: Array of shape `(rows, ...)`.
        box: Pair of floats. The smallest and the largest value, both included. Defaults to `(-2.0,
            2.0)`.

    Returns:
        A float in [0, 1]; NaN for no rows.

    Example:

    >>> box_fraction(np.array([[0.0, 1.0], [0.5, 3.0]]))
    0.5
    """
    z = flat(codes)
    return float(np.mean(np.all((box[0] <= z) & (z <= box[1]), axis=1))) if len(z) else math.nan


def frechet_distance(x, y) -> float:
    """Returns the squared 2-Wasserstein distance of two sets of features, taken as Gaussians.

    It is ‖m - n‖² + tr(A + B - 2 (A^½ B A^½)^½), with the means m, n and the covariances A, B
    (Dowson & Landau, 1982, equation 4).

    Args:
        x: Array of shape `(rows, numbers)`, two rows or more.
        y: Array of shape `(other rows, numbers)`, two rows or more.

    Returns:
        A float, at least 0.

    Raises:
        UsageError: If a set has fewer than two rows, if the sets have different numbers of columns,
            or if they contain NaN or Inf.

    Example:

    >>> x = np.array([[0.0], [2.0]])
    >>> round(frechet_distance(x, x + 3), 6)
    9.0
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or min(len(x), len(y)) < 2:
        raise UsageError(
            "`x` and `y` must have two rows or more, and the same number of columns. "
            f"Received: {x.shape} and {y.shape}."
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise UsageError("Features must be finite numbers. Received: NaN or Inf among them.")
    a, b = (np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (x, y))
    values, vectors = np.linalg.eigh(a)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    overlap = np.sqrt(np.linalg.eigvalsh(root @ b @ root).clip(0)).sum()
    distance = np.square(x.mean(axis=0) - y.mean(axis=0)).sum()
    return float(max(distance + np.trace(a) + np.trace(b) - 2 * overlap, 0.0))
