"""Images that show none of the classes, derived from images that do, for a judge to refuse."""

import numpy as np

TILES = (3, 4, 7, 14)  # along a side; with 2, one shuffle in 24 would return the image unchanged


def noise(images, labels, random: np.random.Generator) -> np.ndarray:
    """Returns images of uniform noise, each raised to a random power.

    The power lies in [0, 4), so that some images are darker and some brighter.

    Args:
        images: Array of shape `(rows, height, width, channels)`. Only its shape is used.
        labels: Not used.
        random: `np.random.Generator`.

    Returns:
        Float32 array of the shape of `images`, values in [0, 1].

    Example:

    >>> noise(np.zeros((2, 4, 4, 1)), None, np.random.default_rng(0)).shape
    (2, 4, 4, 1)
    """
    powers = 4 * random.random((len(images), 1, 1, 1), np.float32)
    return random.random(images.shape, np.float32) ** powers


def blank(images, labels, random: np.random.Generator) -> np.ndarray:
    """Returns images of one random value for each channel, more of them dark than bright.

    Args:
        images: Array of shape `(rows, height, width, channels)`. Only its shape is used.
        labels: Not used.
        random: `np.random.Generator`.

    Returns:
        Float32 array of the shape of `images`, values in [0, 1).

    Example:

    >>> np.ptp(blank(np.zeros((2, 4, 4, 1)), None, np.random.default_rng(0)), axis=(1, 2)).max()
    np.float32(0.0)
    """
    values = random.random((len(images), 1, 1, images.shape[-1]), np.float32) ** 3
    return np.broadcast_to(values, images.shape).copy()


def inverted(images, labels, random: np.random.Generator) -> np.ndarray:
    """Returns the images with dark and light exchanged.

    Args:
        images: Array of shape `(rows, height, width, channels)`, values in [0, 1].
        labels: Not used.
        random: Not used.

    Returns:
        Array of the shape of `images`.

    Example:

    >>> inverted(np.array([0.0, 0.25, 1.0]), None, None)
    array([1.  , 0.75, 0.  ])
    """
    return 1 - images


def shuffled_pixels(images, labels, random: np.random.Generator) -> np.ndarray:
    """Returns the images, each with its pixels in a random order.

    Args:
        images: Array of shape `(rows, height, width, channels)`.
        labels: Not used.
        random: `np.random.Generator`.

    Returns:
        Array of the shape of `images`.

    Example:

    >>> x = np.arange(16.0).reshape(1, 4, 4, 1)
    >>> sorted(shuffled_pixels(x, None, np.random.default_rng(0)).ravel()) == sorted(x.ravel())
    True
    """
    return _shuffled(images, 1, random)


def shuffled_tiles(images, labels, random: np.random.Generator) -> np.ndarray:
    """Returns the images, each with its square tiles in a random order.

    The side of a tile is a third, a quarter, a seventh or a fourteenth of the image's shorter side.

    Args:
        images: Array of shape `(rows, height, width, channels)`.
        labels: Not used.
        random: `np.random.Generator`.

    Returns:
        Array of the shape of `images`.

    Example:

    >>> shuffled_tiles(np.zeros((2, 28, 28, 1)), None, np.random.default_rng(0)).shape
    (2, 28, 28, 1)
    """
    counts = random.choice(TILES, len(images))
    shuffled = images.copy()
    for count in TILES:
        rows = counts == count
        shuffled[rows] = _shuffled(images[rows], max(1, min(images.shape[1:3]) // count), random)
    return shuffled


def halves(images, labels, random: np.random.Generator) -> np.ndarray:
    """Returns images whose lower or right half comes from an image of another class.

    Args:
        images: Array of shape `(rows, height, width, channels)`.
        labels: Array of shape `(rows,)`, integers of two classes or more.
        random: `np.random.Generator`.

    Returns:
        Array of the shape of `images`.

    Example:

    >>> x = np.stack([np.zeros((4, 4, 1)), np.ones((4, 4, 1))])
    >>> halves(x, np.array([0, 1]), np.random.default_rng(0)).mean(axis=(1, 2, 3))
    array([0.5, 0.5])
    """
    others = np.empty(len(images), int)
    for label in np.unique(labels):
        rows = labels == label
        others[rows] = random.choice(np.flatnonzero(~rows), rows.sum())
    mixed, upright = images.copy(), random.random(len(images)) < 0.5
    height, width = (size // 2 for size in images.shape[1:3])
    mixed[upright, height:] = images[others[upright], height:]
    mixed[~upright, :, width:] = images[others[~upright], :, width:]
    return mixed


# The number of images of each kind for every real image that a judge learns from.
NEGATIVES = {
    noise: 0.25,
    blank: 0.25,
    inverted: 0.25,
    shuffled_pixels: 0.25,
    shuffled_tiles: 0.5,
    halves: 1.0,
}


def negatives(images, labels, random: np.random.Generator) -> np.ndarray:
    """Returns images of every kind in `NEGATIVES`, two and a half for each real image.

    Args:
        images: Array of shape `(rows, height, width, channels)`, values in [0, 1].
        labels: Array of shape `(rows,)`, integers of two classes or more.
        random: `np.random.Generator` that draws the images to change, and the changes.

    Returns:
        Array of shape `(2.5 · rows, height, width, channels)`, with at least one image of each
        kind.

    Example:

    >>> x = np.random.default_rng(0).random((40, 14, 14, 1), np.float32)
    >>> negatives(x, np.arange(40) % 2, np.random.default_rng(0)).shape
    (100, 14, 14, 1)
    """
    parts = []
    for kind, fraction in NEGATIVES.items():
        drawn = kind(images, labels, random)
        parts.append(drawn[random.permutation(len(drawn))[: max(1, round(fraction * len(drawn)))]])
    return np.concatenate(parts)


def _shuffled(images, side, random):
    """Shuffles whole tiles of `side` pixels; what is left over at the edges stays in place."""
    count, height, width, channels = images.shape
    down, across = height // side, width // side
    area = np.s_[:, : down * side, : across * side]
    tiles = images[area].reshape(count, down, side, across, side, channels).swapaxes(2, 3)
    tiles = tiles.reshape(count, down * across, side, side, channels)
    order = random.permuted(np.tile(np.arange(down * across), (count, 1)), axis=1)
    tiles = np.take_along_axis(tiles, order[:, :, None, None, None], axis=1)
    tiles = tiles.reshape(count, down, across, side, side, channels).swapaxes(2, 3)
    shuffled = images.copy()
    shuffled[area] = tiles.reshape(count, down * side, across * side, channels)
    return shuffled
