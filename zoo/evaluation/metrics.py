"""Figures of inputs and their reconstructions, and of codes alone: arrays in, a number out.

A figure that is not defined for what came is NaN; `zoo.evaluate` leaves it out.
"""

import math

import numpy as np

from zoo import arrays


def mse(images, reconstructions) -> float:
    """Returns the squared error, mean over pixels and images.

    Args:
        images: An array of shape `(n, ...)`.
        reconstructions: An array of that shape, or one that numpy broadcasts to it, such as a
            mean image of shape `(1, ...)`.
    """
    images = np.asarray(images)
    reconstructions = np.broadcast_to(reconstructions, images.shape)
    total = np.float64(0)
    for rows in arrays.slices(len(images), math.prod(images.shape[1:])):
        difference = np.subtract(images[rows], reconstructions[rows], dtype=np.float64)
        total += np.sum(np.square(difference, out=difference))
    return float(total / images.size)


def sse(images, reconstructions) -> float:
    """Squared error summed over an image, mean over images (Hinton & Salakhutdinov, 2006)."""
    return mse(images, reconstructions) * math.prod(images.shape[1:])


def psnr(images, reconstructions) -> float:
    """Peak signal-to-noise ratio of the mean squared error, in dB, for a peak of 1; at most 120."""
    return -10 * math.log10(max(mse(images, reconstructions), 1e-12))


def ssim(images, reconstructions, batch_size=500) -> float:
    """Structural similarity, mean over windows, channels and images; 1 is equal, for a peak of 1.

    The Gaussian window has 11 pixels a side, or as many as the image has (Wang et al., 2004).
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
    """How many numbers of the code have a variance over the rows above 0.01 (Burda et al., 2016).

    The threshold is meant for codes near unit scale, as a VAE's. NaN for fewer than two rows.
    """
    if len(codes) < 2:
        return math.nan
    _, deviation = arrays.mean_and_deviation(flat(codes))
    return int(np.sum(np.square(deviation) > 0.01))


def dead_units(codes) -> float:
    """How many numbers of the code are the same in all rows; NaN for fewer than two rows."""
    if len(codes) < 2:
        return math.nan
    return int(np.sum(np.ptp(flat(codes), axis=0) == 0))


def sparsity(codes) -> float:
    """Hoyer's sparsity, mean over rows: 0 if all numbers are as large, 1 if all but one are 0.

    (√n - ‖z‖₁ / ‖z‖₂) / (√n - 1) for n numbers (Hoyer, 2004). Rows of zeros are left out; NaN if
    all are, or n is 1.
    """
    z = flat(codes)
    root = math.sqrt(z.shape[1])
    total, length = np.zeros(len(z)), np.zeros(len(z))
    for rows in arrays.slices(*z.shape):
        sizes = np.abs(z[rows], dtype=np.float64)
        total[rows], length[rows] = sizes.sum(axis=1), np.linalg.norm(sizes, axis=1)
    total, length = total[length > 0], length[length > 0]
    if root == 1 or len(total) == 0:
        return math.nan
    return float(np.mean((root - total / length) / (root - 1)))


def codebook_use(indices, entries) -> float:
    """Share of a codebook's entries that some row uses."""
    return len(np.unique(indices)) / entries


def flat(codes) -> np.ndarray:
    """Codes of any shape as `(rows, numbers)`."""
    codes = np.asarray(codes)
    return codes.reshape(len(codes), math.prod(codes.shape[1:]))  # of 0 rows, too
