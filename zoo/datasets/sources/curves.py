"""Synthetic images of curves, each determined by six numbers, which a code of six could hold."""

import math

import numpy as np

from zoo.datasets.dataset import Dataset
from zoo.datasets.named import Named
from zoo.datasets.split import Split

SIZE, MARGIN = 28, 6.1  # side of an image, and least distance of a point from its edge, in pixels
PEN = 1.0  # standard deviation of the pen, in pixels
SAMPLES = 48  # points along a curve
ROWS = {"train": 20_000, "test": 10_000}


def draw(rows: int, seed: int) -> np.ndarray:
    """Returns images of curves through three random points, after Hinton & Salakhutdinov (2006).

    The points are uniform over the image except for a margin. The paper does not give the margin
    and the pen; they are chosen such that logistic PCA does about as well as on the paper's curves
    (`zoo reproduce 4`).

    Args:
        rows: Integer. The number of images.
        seed: Integer. Seed of the points.

    Returns:
        Float32 array in [0, 1] of shape `(rows, 28, 28, 1)`.

    Example:

    >>> draw(2, seed=0).shape
    (2, 28, 28, 1)
    """
    points = np.random.default_rng(seed).uniform(MARGIN, SIZE - 1 - MARGIN, (rows, 3, 2))
    parts = np.array_split(points, max(1, rows // 1000))
    return np.concatenate([through(part) for part in parts])


def through(points) -> np.ndarray:
    """Returns images of parabolas through three points, with the second point half way.

    A pixel is the integral along the curve of a Gaussian around the pixel. It is 1 on a straight
    line, and at most 1.

    Args:
        points: Array of shape `(rows, 3, 2)` with x and y of each point, in pixels.

    Returns:
        Float32 array in [0, 1] of shape `(rows, 28, 28, 1)`.

    Example:

    >>> images = through(np.array([[[7, 14], [14, 14], [21, 14]]]))
    >>> np.flatnonzero(images[0, :, 14, 0] > 0.5).tolist()
    [13, 14, 15]
    """
    t = np.linspace(0, 1, SAMPLES)
    basis = np.stack([(2 * t - 1) * (t - 1), 4 * t * (1 - t), t * (2 * t - 1)], axis=1)
    curves = np.float32(basis @ points)  # (rows, samples, 2)
    lengths = np.linalg.norm(np.gradient(curves, axis=1), axis=-1)  # pixels per sample
    offsets = np.arange(SIZE, dtype=np.float32) - curves[..., None]  # (rows, samples, 2, pixels)
    pen = np.exp(-np.square(offsets / PEN) / 2)
    ink = lengths[..., None] / np.float32(PEN * math.sqrt(2 * math.pi))
    drawn = np.swapaxes(pen[:, :, 1] * ink, 1, 2) @ pen[:, :, 0]  # (rows, height, width)
    return np.minimum(drawn, 1.0)[..., None]


def _load(name, licence):
    train, test = (Split(draw(rows, seed)) for seed, rows in enumerate(ROWS.values()))
    return Dataset(name, train, test, licence)


BY_NAME = {"curves": Named("images", "generated", "none: numbers drawn by seed", _load)}
