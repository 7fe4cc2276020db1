"""Places the names of classes among their points."""

import numpy as np

from zoo.plots import style

MOST = 2000  # points used to place the names: every pair of them is compared


def label_classes(ax, points: np.ndarray, classes: np.ndarray, span: float):
    """Writes each class's name, on its colour, where its own points are many and others are few.

    Args:
        ax: Matplotlib axes on which the points are drawn.
        points: Array of shape `(rows, 2)`.
        classes: Array of shape `(rows,)`.
        span: Float. Size of the part of the plane that is shown.

    Example:

    >>> from matplotlib.figure import Figure
    >>> z = np.random.default_rng(0).normal(size=(100, 2))
    >>> label_classes(Figure().add_subplot(), z, z[:, 0] > 0, span=4.0)
    """
    names = np.unique(classes)
    size = style.SMALL - (2 if len(names) > len(style.CLASSES) else 0)
    places = _apart(_places(points[:MOST], classes[:MOST], names, 0.05 * span), 0.065 * span)
    for number, (name, place) in enumerate(zip(names, places, strict=True)):
        colour = style.CLASSES[number % len(style.CLASSES)]
        box_style = "circle,pad=0.18" if len(str(name)) < 3 else "round,pad=0.25"
        box = {"boxstyle": box_style, "facecolor": colour, "edgecolor": "white"}
        ax.annotate(str(name), place, ha="center", va="center", fontsize=size, fontweight="bold",
                    color=style.text_on(colour), bbox=box, parse_math=False)  # fmt: skip


def _places(points, classes, names, radius):
    """Returns for each class the point with the best neighbourhood, `(classes, 2)`."""
    squares = np.square(points).sum(axis=1)
    near = squares[:, None] + squares - 2 * points @ points.T <= max(radius, 1e-9) ** 2
    member = classes[:, None] == names  # (rows, classes)
    own = near.astype(np.float32) @ member  # neighbours of each class
    # Many neighbours of its own class, which are a large fraction of all neighbours.
    score = np.where(member, np.square(own) / own.sum(axis=1, keepdims=True), 0)
    return points[score.argmax(axis=0)]


def _apart(places, distance):
    """Returns places moved, a little at a time, until no two are closer than `distance`."""
    places = places + 1e-3 * distance * np.random.default_rng(0).normal(size=places.shape)
    for _ in range(100):
        between = places[:, None] - places
        lengths = np.linalg.norm(between, axis=-1) + np.eye(len(places)) * distance
        missing = np.maximum(distance - lengths, 0) / 2
        if not missing.any():
            break
        places = places + (between / lengths[..., None] * missing[..., None]).sum(axis=1)
    return places
