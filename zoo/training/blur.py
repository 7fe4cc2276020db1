"""Images under a Gaussian blur, which still show a class, for a judge to accept."""

import numpy as np

BLURS = (0.4, 0.6, 0.8, 1.0)  # standard deviations, in pixels


def blurred(images, deviation: float = 0.7) -> np.ndarray:
    """Returns images under a Gaussian blur; they still show a class.

    Args:
        images: Array of shape `(rows, height, width, channels)`.
        deviation: Float. Standard deviation of the blur, in pixels. Defaults to 0.7.

    Returns:
        Array of the shape of `images`.

    Example:

    >>> blurred(np.ones((1, 4, 4, 1))).min()
    np.float64(1.0)
    """
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(images, (0, deviation, deviation, 0))


def some_blurred(images, random: np.random.Generator) -> np.ndarray:
    """Returns the images, about half of them blurred by a deviation drawn from `BLURS`.

    Args:
        images: Array of shape `(rows, height, width, channels)`.
        random: `np.random.Generator`.

    Returns:
        Array of the shape of `images`.

    Example:

    >>> some_blurred(np.zeros((3, 8, 8, 1)), np.random.default_rng(0)).shape
    (3, 8, 8, 1)
    """
    drawn = random.choice((0, *BLURS), len(images), p=(0.5, *(0.5 / len(BLURS) for _ in BLURS)))
    result = images.copy()
    for deviation in BLURS:
        rows = drawn == deviation
        result[rows] = blurred(images[rows], deviation)
    return result
