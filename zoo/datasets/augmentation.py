"""Changes of images that keep their labels: affine maps, shifts, noise and hidden squares."""

import numpy as np


def with_jittered_copies(images, copies: int, seed: int, deviation: float = 0.03) -> np.ndarray:
    """Returns the images, followed by copies of all of them under small random affine maps.

    Each entry of a map's matrix differs from the identity's by N(0, deviation²). A map turns, zooms
    and shears about the centre of the image, and shifts by N(0, deviation²) times half the size.

    Args:
        images: Float32 array of shape `(rows, height, width, channels)`, in [0, 1].
        copies: Integer. The number of copies of each image.
        seed: Integer. Seed of the maps.
        deviation: Float. Standard deviation of each entry. Defaults to 0.03.

    Returns:
        Float32 array of shape `((1 + copies) * rows, height, width, channels)`, in [0, 1].

    Example:

    >>> images = np.ones((2, 8, 8, 1), "float32")
    >>> with_jittered_copies(images, copies=3, seed=0).shape
    (8, 8, 8, 1)
    """
    from keras import ops

    height, width = images.shape[1:3]
    middle = np.array([(width - 1) / 2, (height - 1) / 2])  # (x, y)
    random = np.random.default_rng(seed)
    parts = [images]
    for _ in range(copies):
        for batch in np.array_split(images, max(1, len(images) // 5000)):
            matrix = np.eye(2) + random.normal(0, deviation, (len(batch), 2, 2))
            shift = random.normal(0, deviation, (len(batch), 2)) * middle
            shift += middle - matrix @ middle
            maps = np.zeros((len(batch), 8))  # x' = m0 x + m1 y + m2, y' = m3 x + m4 y + m5
            maps[:, [0, 1, 3, 4]] = matrix.reshape(-1, 4)
            maps[:, [2, 5]] = shift
            moved = ops.image.affine_transform(batch, maps.astype(np.float32))
            parts.append(np.clip(ops.convert_to_numpy(moved), 0, 1))
    return np.concatenate(parts).astype(np.float32, copy=False)


def shifted(images, most: int, random: np.random.Generator) -> np.ndarray:
    """Returns each image shifted by whole pixels, down and across, and padded with zeros.

    Args:
        images: Array of shape `(rows, height, width, channels)`.
        most: Integer. The largest shift in pixels; each is drawn from -most to most.
        random: `np.random.Generator` that draws the shifts.

    Returns:
        Array of the shape and dtype of `images`.

    Example:

    >>> images = np.ones((2, 8, 8, 1), "float32")
    >>> shifted(images, 2, np.random.default_rng(0)).shape
    (2, 8, 8, 1)
    """
    rows, height, width = images.shape[:3]
    padded = np.pad(images, ((0, 0), (most, most), (most, most), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
    top, left = random.integers(0, 2 * most + 1, (2, rows))
    return np.moveaxis(windows[np.arange(rows), top, left], 1, -1)  # channels last again


def noisy(images, level: float, random: np.random.Generator) -> np.ndarray:
    """Returns images with normal noise added, clipped to [0, 1].

    Args:
        images: Float32 array of any shape, in [0, 1].
        level: Float. Standard deviation of the noise.
        random: `np.random.Generator` that draws the noise.

    Returns:
        Float32 array of the shape of `images`.

    Example:

    >>> noisy(np.ones((2, 8, 8, 1), "float32"), 0.1, np.random.default_rng(0)).shape
    (2, 8, 8, 1)
    """
    return np.clip(images + level * random.standard_normal(images.shape, np.float32), 0, 1)


def hidden(images, size: int, random: np.random.Generator) -> np.ndarray:
    """Returns images in which a randomly placed square is set to zero.

    Args:
        images: Float32 array of shape `(rows, height, width, channels)`.
        size: Integer. Side of the square in pixels, cut to the image's height and width.
        random: `np.random.Generator` that draws the place of each square; it lies within the image.

    Returns:
        Float32 array of the shape of `images`.

    Example:

    >>> images = hidden(np.ones((2, 8, 8, 1), "float32"), 4, np.random.default_rng(0))
    >>> images.sum(axis=(1, 2, 3)).tolist()
    [48.0, 48.0]
    """
    rows, height, width = images.shape[:3]
    size = min(size, height, width)
    top = random.integers(0, height - size + 1, (rows, 1, 1, 1))
    left = random.integers(0, width - size + 1, (rows, 1, 1, 1))
    y, x = np.arange(height)[:, None, None], np.arange(width)[:, None]
    square = (y >= top) & (y < top + size) & (x >= left) & (x < left + size)
    return np.where(square, np.float32(0), images)


def corrupted(images, random):
    """Returns the images, some of them corrupted.

    Three changes are applied in turn, each to images drawn anew: a shift by up to 3 pixels to about
    half of them, a hidden square to about three quarters, and noise to about half.

    Args:
        images: Array of shape `(rows, height, width, channels)`, values in [0, 1].
        random: `np.random.Generator`.

    Returns:
        Array of the shape of `images`.

    Example:

    >>> corrupted(np.zeros((4, 28, 28, 1), np.float32), np.random.default_rng(0)).shape
    (4, 28, 28, 1)
    """
    for chance, change in (
        (0.5, lambda x: shifted(x, 3, random)),
        (0.75, lambda x: hidden(x, 10, random)),
        (0.5, lambda x: noisy(x, 0.4, random)),
    ):
        changed = random.random(len(images)) < chance
        images = images.copy()
        images[changed] = change(images[changed])
    return images
