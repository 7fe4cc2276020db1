"""Places the names of classes among their points."""

import numpy as np

from zoo.plots import style

MOST = 2000  # points used to place the names: every pair of them is compared
SHORT = 2  # characters of a name that may lie on its points
INCHES = 3.2  # width of the points in a panel of half the page, about
DISC = 0.17  # inches from the middle of a disc to that of one beside it


def label_classes(ax, points: np.ndarray, classes: np.ndarray, span: float):
    """Writes each class's name, on its colour, where its own points are many and others are few.

    If there are names of more than two characters, they would hide many points. They stand in the
    nearest place where they hide few, and a line leads to the points.

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
    anchors = _places(points[:MOST], classes[:MOST], names, 0.05 * span)
    texts = [str(name) for name in names]
    beside = max(map(len, texts)) > SHORT
    if beside:
        places = _beside(points[:MOST], anchors, texts, span)
    else:
        panel = ax.get_position().size * ax.figure.get_size_inches()
        places = _apart(anchors, max(0.065, 1.1 * DISC / panel.min()) * span)
    for number, (text, place, anchor) in enumerate(zip(texts, places, anchors, strict=True)):
        colour = style.CLASSES[number % len(style.CLASSES)]
        if beside:  # below all names
            ax.plot(*zip(anchor, place, strict=True), color=colour, linewidth=1.2, zorder=2.5)
        box_style = "circle,pad=0.18" if len(text) < 3 else "round,pad=0.25"
        box = {"boxstyle": box_style, "facecolor": colour, "edgecolor": "white"}
        ax.annotate(text, place, ha="center", va="center", fontsize=size, fontweight="bold",
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


def _beside(points, anchors, texts, span):
    """Returns a place for the middle of each text near its anchor, where it hides few points."""
    inch = span / INCHES
    outliers = np.ptp(points, axis=0).max() > 1.01 * span  # not shown
    ends = np.quantile(points, (0.01, 0.99) if outliers else (0, 1), axis=0)
    middle = ends.mean(axis=0)
    steps = np.linspace(-0.52, 0.52, 45) * span
    grid = middle + np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    boxes, places = [], []
    for text, anchor in zip(texts, anchors, strict=True):
        half = np.array([0.04 * len(text) + 0.07, 0.12]) * inch
        inside = (np.abs(grid - middle) <= 0.52 * span - half).all(axis=1)
        far = np.linalg.norm((grid - anchor) / span, axis=1)
        hidden = (np.abs(grid[:, None] - points) <= half).all(axis=-1).sum(axis=1) / len(points)
        cost = far + 20 * hidden + 100 * ~inside
        for place, taken in boxes:
            cost = cost + 10 * (np.abs(grid - place) < half + taken).all(axis=1)
        places.append(grid[cost.argmin()])
        boxes.append((places[-1], half))
    return np.array(places)
