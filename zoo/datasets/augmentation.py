"""Images deformed, shifted, made noisy or partly hidden: their labels do not change."""

import numpy as np


def with_jittered_copies(images, copies: int, seed: int, deviation: float = 0.03) -> np.ndarray:
    """The images, then `copies` times all of them under small affine maps, drawn by seed.

    Each entry of a map's matrix differs from the identity's by N(0, deviation²); it turns, zooms
    and shears about the centre, and shifts by N(0, deviation²) of half the size.

    Args:
        images: float32, `(rows, height, width, channels)`.
        copies: of each image.
        seed: of the maps.
        deviation: of each entry.

    Returns:
        float32, `((1 + copies) * rows, height, width, channels)`.
    """
    from keras import ops

    height, width = images.shape[1:3]
    middle = np.array([(width - 1) / 2, (height - 1) / 2])  # of x, of y
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
    """Each image moved by -most to most whole pixels down and across, with zeros behind it.

    Args:
        images: `(rows, height, width, channels)`.
        most: pixels in each direction.
        random: draws the shifts.
    """
    rows, height, width = images.shape[:3]
    padded = np.pad(images, ((0, 0), (most, most), (most, most), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
    top, left = random.integers(0, 2 * most + 1, (2, rows))
    return np.moveaxis(windows[np.arange(rows), top, left], 1, -1)  # (rows, channels, ...) before


def noisy(images, level: float, random: np.random.Generator) -> np.ndarray:
    """Images under normal noise of a deviation, clipped to [0, 1]."""
    return np.clip(images + level * random.standard_normal(images.shape, np.float32), 0, 1)


def hidden(images, size: int, random: np.random.Generator) -> np.ndarray:
    """Images with a square of zeros each, anywhere within, or as much of one as has room.

    Args:
        images: `(rows, height, width, channels)`.
        size: of the square's sides, in pixels.
        random: draws the places.
    """
    rows, height, width = images.shape[:3]
    size = min(size, height, width)
    top = random.integers(0, height - size + 1, (rows, 1, 1, 1))
    left = random.integers(0, width - size + 1, (rows, 1, 1, 1))
    y, x = np.arange(height)[:, None, None], np.arange(width)[:, None]
    square = (y >= top) & (y < top + size) & (x >= left) & (x < left + size)
    return np.where(square, np.float32(0), images)
