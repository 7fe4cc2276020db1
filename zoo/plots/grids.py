"""Draws images that were generated from codes: a sheet, the plane of a code, an interpolation."""

import math

import numpy as np

from zoo.errors import UsageError
from zoo.inputs.arguments import intervals, positive_integer
from zoo.plots import style
from zoo.plots.images import strip

# Papers of images that are accepted and of those that are not.
WHITE, TINT = (1.0, 1.0, 1.0), (0.98, 0.87, 0.8)
INK = (0.12, 0.16, 0.2)


def sheet(images: np.ndarray, columns: int | None = None, ax=None):
    """Draws images in rows, on a sheet that is as square as possible.

    Args:
        images: Array of shape `(images, height, width, channels)`, values in [0, 1]. At least one.
        columns: Integer. Images in a row. Defaults to None, the square root of their number,
            rounded up.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If there are no images, or if `columns` is not a positive integer.

    Example:

    >>> figure = sheet(np.random.default_rng(0).random((9, 8, 8, 1)))
    """
    images = _checked(images)
    columns = positive_integer("columns", columns or math.ceil(math.sqrt(len(images))))
    blank = np.ones((-len(images) % columns, *images.shape[1:]), np.float32)
    rows = np.concatenate([images, blank]).reshape(-1, columns, *images.shape[1:])
    drawn = np.concatenate([strip(row) for row in rows])
    width = min(style.WIDTH, max(1.4, 0.7 * columns))  # inches
    figure, ax = style.panel(ax, width * drawn.shape[0] / drawn.shape[1], width)
    ax.imshow(drawn, vmin=0, vmax=1, interpolation="antialiased")
    style.bare(ax)
    return figure


def code_plane(
    images: np.ndarray,
    size: tuple[int, int],
    box=(-2.0, 2.0),
    ax=None,
    *,
    accepted: np.ndarray | None = None,
    outlined: np.ndarray | None = None,
):
    """Draws the images of `generation.grid` side by side, with the numbers of the code on the axes.

    Args:
        images: Array of shape `(rows · columns, height, width, channels)`, values in [0, 1], row by
            row.
        size: Pair of integers. Rows and columns of the grid.
        box: Pair of floats, the smallest and the largest value of both numbers; or a pair of such
            pairs, one for each number. Defaults to `(-2.0, 2.0)`.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.
        accepted: Array of booleans, one for each image, such as `Judge.accepts` returns. The images
            are then drawn as ink on white paper, and those not accepted on tinted paper. Defaults
            to None, for images as they are.
        outlined: Array of booleans, one for each image. A line is drawn around the images for which
            it is True. Defaults to None, for no line.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If the number of images is not rows · columns, or if `box` is no box.

    Example:

    >>> figure = code_plane(np.random.default_rng(0).random((6, 8, 8, 1)), size=(2, 3))
    """
    images, (rows, columns) = _checked(images), size
    for name, values in {"images": images, "accepted": accepted, "outlined": outlined}.items():
        if values is not None and len(values) != rows * columns:
            kind = "image" if name == "images" else "boolean"
            raise UsageError(
                f"`{name}` must hold one {kind} for each place of the grid, {rows} × {columns}. "
                f"Received: {len(values)}."
            )
    (left, right), (low, high) = intervals("box", box, 2)
    drawn = strip(images, gap=0)  # (height, images · width, 3)
    height, width = images.shape[1:3]
    drawn = (
        drawn.reshape(height, rows, columns, width, 3)
        .swapaxes(0, 1)
        .reshape(rows * height, columns * width, 3)
    )
    if accepted is not None:
        paper = np.where(np.reshape(accepted, (rows, columns, 1)), WHITE, TINT)
        drawn = _on_paper(drawn, paper.repeat(height, axis=0).repeat(width, axis=1))
    x, y = (right - left) / (columns - 1), (high - low) / (rows - 1)  # sizes of a place
    extent = (left - x / 2, right + x / 2, low - y / 2, high + y / 2)
    side = (0.75 if accepted is None else 1) * style.WIDTH
    figure, ax = style.panel(ax, side * drawn.shape[0] / drawn.shape[1], side)
    ax.imshow(drawn, vmin=0, vmax=1, extent=extent, aspect=x / width / (y / height),
              interpolation="antialiased")  # fmt: skip
    if outlined is not None:
        _outline(ax, np.reshape(outlined, (rows, columns)), extent, (x, y))
    style.plain(ax)
    ax.spines[:].set_visible(False)
    ax.locator_params(nbins=5, steps=[1, 2, 5, 10])
    style.axis_titles(ax, "latent 1", "latent 2")
    return figure


def interpolation(images: np.ndarray, ax=None):
    """Draws the images of `generation.interpolate` in a row, with the position of each in percent.

    Args:
        images: Array of shape `(steps, height, width, channels)`, values in [0, 1]. At least two.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If there are fewer than two images.

    Example:

    >>> figure = interpolation(np.random.default_rng(0).random((5, 8, 8, 1)))
    """
    images = _checked(images)
    if len(images) < 2:
        raise UsageError(f"`images` must be two or more: both ends. Received: {len(images)}.")
    drawn = strip(images)
    width = min(style.WIDTH, 0.8 * len(images))
    figure, ax = style.panel(ax, width * drawn.shape[0] / drawn.shape[1] + 0.4, width)
    ax.imshow(drawn, vmin=0, vmax=1, interpolation="antialiased")
    style.bare(ax)
    step = drawn.shape[1] / len(images)
    last = len(images) - 1
    shown = np.arange(last + 1) if last < 12 else np.array([0, last])
    labels = [f"{fraction:.0%}" for fraction in shown / last]
    ax.set_xticks((shown + 0.5) * step - 0.5, labels)
    ax.tick_params(length=0, labelsize=style.SMALL, labelcolor=style.MUTED)
    style.caption(ax, "position on the path from one latent code to the other")
    return figure


def _on_paper(drawn, paper):
    """Returns light strokes on black as strokes of ink on paper, `(height, width, 3)`."""
    strokes = np.clip(drawn, 0, 1)
    return np.clip(paper * (1 - strokes) + np.float32(INK) * strokes, 0, 1)


def _outline(ax, inside, extent, step):
    """Draws a line between the places that are inside and those that are not."""
    from matplotlib.collections import LineCollection

    (left, _, _, top), (x, y) = extent, step
    padded = np.pad(inside, 1)
    across = np.argwhere(padded[1:, 1:-1] != padded[:-1, 1:-1])  # (row below the line, column)
    along = np.argwhere(padded[1:-1, 1:] != padded[1:-1, :-1])  # (row, column right of the line)
    lines = [[(left + c * x, top - r * y), (left + (c + 1) * x, top - r * y)] for r, c in across]
    lines += [[(left + c * x, top - r * y), (left + c * x, top - (r + 1) * y)] for r, c in along]
    ax.add_collection(
        LineCollection(lines, colors=style.FIRST, linewidths=1.2, capstyle="projecting"),
        autolim=False,
    )


def _checked(images):
    images = np.asarray(images, np.float32)
    if images.ndim != 4 or not len(images):
        raise UsageError(
            "`images` must be one or more, (images, height, width, channels). "
            f"Received: {images.shape}."
        )
    return images
