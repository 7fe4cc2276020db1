"""Draws queries beside the images that a search found nearest to them."""

import math

import numpy as np

from zoo.errors import UsageError
from zoo.plots import style
from zoo.plots.images import frame, strip

RIGHT, WRONG = style.FIRST, style.SECOND
LINE = 0.17  # inches below an image, for its sign


def neighbours(
    queries: dict[str, np.ndarray],
    found: dict[str, tuple],
    ax=None,
    *,
    originals: np.ndarray | None = None,
    frames: dict[str, tuple[int, int, int, int]] | None = None,
):
    """Draws queries in labelled rows, each beside the nearest images by every way of searching.

    Neighbours of the query's class have a thin blue frame and a check mark, those of another class
    a thick orange frame, a cross and, if it is known, the name of their class.

    Args:
        queries: Dict from the label of each row to an image of shape `(height, width, channels)`,
            values in [0, 1].
        found: Dict from the name of each way of searching to a pair: its images, of shape
            `(queries, k, height, width, channels)`, and booleans of shape `(queries, k)` that say
            whether an image is of the query's class. A third item may be the names of the images'
            classes, of shape `(queries, k)`.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.
        originals: Array of shape `(queries, height, width, channels)`. The queries before they were
            damaged, to be drawn before them. Defaults to None.
        frames: Dict from the labels of queries to the top, left, height and width, in pixels, of a
            frame on the query, such as that of a hidden part. Defaults to None, for no frames.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If there are no queries, or if the shapes of other images do not fit them.

    Example:

    >>> x = np.random.default_rng(0).random((2, 8, 8, 1))
    >>> near, names = np.stack([x, x]), [["cat", "dog"], ["cat", "dog"]]
    >>> found = {"by code": (near, np.eye(2, dtype=bool), names)}
    >>> figure = neighbours({"clean cat": x[0], "noisy dog": x[1]}, found)
    """
    images, found = _checked(queries, found)
    given = [("query", images)]
    if originals is not None:
        if np.shape(originals) != images.shape:
            raise UsageError(
                f"`originals` must be an image for each query, {images.shape}. "
                f"Received: {np.shape(originals)}."
            )
        given.insert(0, ("original", np.asarray(originals, np.float32)))
    height, width = images.shape[1:3]
    blocks = [shown[:, None] for _, shown in given] + [near for near, _, _ in found.values()]
    columns = sum(block.shape[1] for block in blocks)
    gap = max(1, height // 14)
    # Inches for a pixel, if labels, gaps and the space between blocks leave the rest to the tiles.
    inch = (style.WIDTH - 1) / (columns * (width + gap) + (len(blocks) - 1) * (width + gap) / 2)
    below = gap + math.ceil(LINE / inch)  # pixels
    space = np.ones((len(images) * (height + below), (width + gap) // 2, 3), np.float32)
    parts, starts = [], []
    for block in blocks:
        parts += [space] * bool(parts)
        starts.append(sum(part.shape[1] for part in parts))
        parts.append(_strips(block, gap, below))
    sheet = np.concatenate(parts, axis=1)
    figure, ax = style.panel(ax, (style.WIDTH - 1) * sheet.shape[0] / sheet.shape[1] + 0.5)
    ax.imshow(sheet, vmin=0, vmax=1, interpolation="antialiased")
    style.bare(ax)
    tops = np.arange(len(images)) * (height + below) - 0.5
    ax.set_yticks(tops + height / 2, list(queries))
    ax.tick_params(length=0, labelsize=style.TEXT, labelcolor=style.INK)
    for start, name in zip(starts, [*(name for name, _ in given), *found], strict=True):
        ax.annotate(name, (start - 0.5, -0.5), (0, 4), textcoords="offset points",
                    fontsize=style.TEXT, color=style.INK, annotation_clip=False)  # fmt: skip
    for start, (_, right, names) in zip(starts[len(given) :], found.values(), strict=True):
        for row, column in np.ndindex(right.shape):
            corner = start + column * (width + gap) - 0.5, tops[row]
            _marked(ax, corner, (width, height), right[row, column], names[row, column])
    for top, label in zip(tops, queries, strict=True):
        if label in (frames or {}):
            frame(ax, (starts[len(given) - 1], top + 0.5), frames[label])
    style.caption(ax, "✓ of the query's class      ✗ of another class")
    return figure


def _checked(queries, found):
    """Returns the queries as one array, and of each way its images, booleans and names."""
    style.require_dict("found", found)
    style.require_dict("queries", queries)
    images = np.stack([np.asarray(image, np.float32) for image in queries.values()] or [[]])
    if images.ndim != 4:
        raise UsageError(
            "`queries` must hold an image (height, width, channels) for each label. "
            f"Received: { ({label: np.shape(image) for label, image in queries.items()}) }."
        )
    ways = {}
    for way, (near, right, *names) in found.items():
        near, right = np.asarray(near, np.float32), np.asarray(right, bool)
        if near.ndim != 5 or (*near.shape[:1], *near.shape[2:]) != images.shape:
            raise UsageError(
                "`found` must hold images (queries, k, height, width, channels) for queries "
                f"{images.shape}. Received: {near.shape} for {way}."
            )
        names = np.asarray(names[0]) if names else np.full(right.shape, "")
        for kind, values in {"boolean": right, "name": names}.items():
            if values.shape != near.shape[:2]:
                raise UsageError(
                    f"`found` must hold one {kind} for each image, {near.shape[:2]}. "
                    f"Received: {values.shape} for {way}."
                )
        ways[way] = near, right, names
    return images, ways


def _strips(images, gap, below):
    """Returns `(rows, columns, height, width, channels)` as one RGB picture with white gaps."""
    strips = [strip(row, gap) for row in images]
    white = ((0, below - gap), (0, 0), (0, 0))
    return np.concatenate([np.pad(row, white, constant_values=1.0) for row in strips])


def _marked(ax, corner, size, right, name):
    from matplotlib.patches import Rectangle

    colour, width = (RIGHT, 1.0) if right else (WRONG, 2.2)
    ax.add_patch(Rectangle(corner, *size, fill=False, edgecolor=colour, linewidth=width))
    text = "✓" if right else f"✗ {name}".rstrip()
    place = corner[0] + size[0] / 2, corner[1] + size[1]
    ax.annotate(text, place, (0, -3), textcoords="offset points", ha="center", va="top",
                fontsize=style.SMALL - 1, color=colour, annotation_clip=False,
                parse_math=False)  # fmt: skip
