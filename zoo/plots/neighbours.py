"""Draws queries beside the images that a search found nearest to them."""

import numpy as np

from zoo.errors import UsageError
from zoo.plots import style
from zoo.plots.images import strip


def neighbours(queries: dict[str, np.ndarray], found: dict[str, tuple], ax=None):
    """Draws queries in labelled rows, each beside the nearest images by every way of searching.

    Neighbours of another class than the query's have a frame.

    Args:
        queries: Dict from the label of each row to an image of shape `(height, width, channels)`,
            values in [0, 1].
        found: Dict from the name of each way of searching to a pair: its images, of shape
            `(queries, k, height, width, channels)`, and booleans of shape `(queries, k)` that say
            whether an image is of the query's class.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If there are no queries, or if the shapes of the found images do not fit them.

    Example:

    >>> x = np.random.default_rng(0).random((2, 8, 8, 1))
    >>> found = {"by code": (np.stack([x, x]), np.eye(2, dtype=bool))}
    >>> figure = neighbours({"clean": x[0], "noise": x[1]}, found)
    """
    style.require_dict("found", found)
    style.require_dict("queries", queries)
    images = np.stack([np.asarray(image, np.float32) for image in queries.values()] or [[]])
    if images.ndim != 4:
        raise UsageError(
            "`queries` must hold an image (height, width, channels) for each label. "
            f"Received: { ({label: np.shape(image) for label, image in queries.items()}) }."
        )
    for way, (near, right) in found.items():
        near, right = np.shape(near), np.shape(right)
        if len(near) != 5 or (*near[:1], *near[2:]) != images.shape:
            raise UsageError(
                "`found` must hold images (queries, k, height, width, channels) for queries "
                f"{images.shape}. Received: {near} for {way}."
            )
        if right != near[:2]:
            raise UsageError(
                f"`found` must hold one boolean for each image, {near[:2]}. "
                f"Received: {right} for {way}."
            )
    gap = max(1, images.shape[1] // 14)
    tile = images.shape[2] + gap
    parts, starts = [_strips(images[:, None])], [0]
    for near, _ in found.values():
        starts.append(starts[-1] + parts[-1].shape[1] + tile // 2)
        parts += [np.ones((parts[0].shape[0], tile // 2, 3), np.float32), _strips(near)]
    sheet = np.concatenate(parts, axis=1)
    height, width = sheet.shape[:2]
    figure, ax = style.panel(ax, (style.WIDTH - 1) * height / width + 0.5)
    ax.imshow(sheet, vmin=0, vmax=1, interpolation="antialiased")
    style.bare(ax)
    rows = [(images.shape[1] + gap) * (n + 0.5) - 0.5 for n in range(len(images))]
    ax.set_yticks(rows, list(queries))
    ax.tick_params(length=0, labelsize=style.TEXT, labelcolor=style.INK)
    for start, name in zip(starts, ["query", *found], strict=True):
        ax.annotate(name, (start - 0.5, -0.5), (0, 4), textcoords="offset points",
                    fontsize=style.TEXT, color=style.INK, annotation_clip=False)  # fmt: skip
    for start, (_, right) in zip(starts[1:], found.values(), strict=True):
        for row, column in np.argwhere(~np.asarray(right, bool)):
            corner = start + column * tile - 0.5, row * (images.shape[1] + gap) - 0.5
            ax.add_patch(_frame(corner, images.shape[2], images.shape[1]))
    style.caption(ax, "framed: not of the query's class")
    return figure


def _strips(images):
    """Returns `(rows, columns, height, width, channels)` as one RGB picture with white gaps."""
    return np.concatenate([strip(row) for row in images])


def _frame(corner, width, height):
    from matplotlib.patches import Rectangle

    return Rectangle(corner, width, height, fill=False, edgecolor=style.SECOND, linewidth=2)
