"""Synthetic curves: images that six numbers determine, so that a code of six could hold them."""

import math

import numpy as np

from zoo.datasets.dataset import Dataset, Split
from zoo.datasets.named import Named

SIZE, MARGIN = 28, 6.1  # of an image, and what no point comes nearer to its edge; in pixels
PEN = 1.0  # the pen's deviation, in pixels
SAMPLES = 48  # along a curve
ROWS = {"train": 20_000, "test": 10_000}


def draw(rows: int, seed: int) -> np.ndarray:
    """Images of curves through three points drawn by seed; Hinton & Salakhutdinov, 2006.

    The points are uniform over the image but for a margin. That and the pen are not told by the
    paper: they are such that logistic PCA does about as well as on its (`zoo reproduce 4`).

    Args:
        rows: how many.
        seed: of the points.

    Returns:
        float32 in [0, 1], `(rows, 28, 28, 1)`.
    """
    points = np.random.default_rng(seed).uniform(MARGIN, SIZE - 1 - MARGIN, (rows, 3, 2))
    parts = np.array_split(points, max(1, rows // 1000))
    return np.concatenate([through(part) for part in parts])


def through(points) -> np.ndarray:
    """Images of parabolas through points, the second half way.

    A pixel is the integral along the curve of a Gaussian about it, 1 on a straight line, and at
    most 1.

    Args:
        points: `(rows, 3, 2)`, of x and y, in pixels.

    Returns:
        float32 in [0, 1], `(rows, 28, 28, 1)`.
    """
    t = np.linspace(0, 1, SAMPLES)
    basis = np.stack([(2 * t - 1) * (t - 1), 4 * t * (1 - t), t * (2 * t - 1)], axis=1)
    curves = np.float32(basis @ points)  # (rows, samples, 2)
    lengths = np.linalg.norm(np.gradient(curves, axis=1), axis=-1)  # pixels a sample
    away = np.arange(SIZE, dtype=np.float32) - curves[..., None]  # (rows, samples, 2, pixels)
    pen = np.exp(-np.square(away / PEN) / 2)
    ink = lengths[..., None] / np.float32(PEN * math.sqrt(2 * math.pi))
    drawn = np.swapaxes(pen[:, :, 1] * ink, 1, 2) @ pen[:, :, 0]  # (rows, height, width)
    return np.minimum(drawn, 1.0)[..., None]


def _load(name, licence):
    train, test = (Split(draw(rows, seed)) for seed, rows in enumerate(ROWS.values()))
    return Dataset(name, train, test, licence)


BY_NAME = {"curves": Named("images", "generated", "none: numbers drawn by seed", _load)}
