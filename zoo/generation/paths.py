"""Paths from one code to another: a straight line, or an arc about zero."""

import math

import numpy as np

from zoo.errors import UsageError

SMALLEST = 1e-3  # radians: a smaller arc is almost straight, and its formula is nearly 0 / 0


def straight(a: np.ndarray, b: np.ndarray, fractions: np.ndarray) -> np.ndarray:
    """Returns points on the straight line from one code to another.

    Args:
        a: Array of shape `(numbers,)`.
        b: Array of shape `(numbers,)`.
        fractions: Array of shape `(steps, 1)`. Fractions of the way, in [0, 1].

    Returns:
        Array of shape `(steps, numbers)`.

    Example:

    >>> straight(np.array([0.0, 0.0]), np.array([1.0, 2.0]), np.array([[0.0], [0.5]]))
    array([[0. , 0. ],
           [0.5, 1. ]])
    """
    return (1 - fractions) * a + fractions * b


def arc(a: np.ndarray, b: np.ndarray, fractions: np.ndarray) -> np.ndarray:
    """Returns points on the arc about zero from one code to another (Shoemake, 1985).

    The direction turns evenly. Codes that are less than 0.001 radians apart are joined by a
    straight line.

    Args:
        a: Array of shape `(numbers,)`.
        b: Array of shape `(numbers,)`.
        fractions: Array of shape `(steps, 1)`. Fractions of the way, in [0, 1].

    Returns:
        Array of shape `(steps, numbers)`.

    Raises:
        UsageError: If a code is zero, or one is the opposite of the other.

    Example:

    >>> arc(np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.array([[0.5]])).round(3)
    array([[0.707, 0.707]])
    """
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if min(lengths) == 0:
        raise UsageError("path='spherical' needs codes that are not zero: pass path='linear'.")
    angle = np.arccos(np.clip(a @ b / math.prod(lengths), -1, 1))
    if angle > math.pi - SMALLEST:
        raise UsageError("path='spherical' is not defined for opposite codes: pass path='linear'.")
    if angle < SMALLEST:
        return straight(a, b, fractions)
    return (np.sin((1 - fractions) * angle) * a + np.sin(fractions * angle) * b) / np.sin(angle)


PATHS = {"linear": straight, "spherical": arc}
