"""The way from one code to another: straight, or on an arc about zero."""

import math

import numpy as np

from zoo.errors import UsageError

SMALLEST = 1e-3  # radians: below, an arc is straight, and its formula divides zero by zero


def straight(a: np.ndarray, b: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Of `a` and `b`, `(numbers,)`, the points at shares `(steps, 1)` of the way: one each row."""
    return (1 - shares) * a + shares * b


def arc(a: np.ndarray, b: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """As `straight`, but turning evenly about zero (Shoemake, 1985).

    Raises:
        UsageError: if a code is zero, or one is the other's opposite.
    """
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if min(lengths) == 0:
        raise UsageError("An arc needs codes that are not zero: take path='linear'.")
    angle = np.arccos(np.clip(a @ b / math.prod(lengths), -1, 1))
    if angle > math.pi - SMALLEST:
        raise UsageError("Between opposite codes no arc is the shortest: take path='linear'.")
    if angle < SMALLEST:
        return straight(a, b, shares)
    return (np.sin((1 - shares) * angle) * a + np.sin(shares * angle) * b) / np.sin(angle)


PATHS = {"linear": straight, "spherical": arc}
