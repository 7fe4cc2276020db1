"""Draws the least and the most anomalous images with their reconstructions and errors."""

import numpy as np

from zoo.errors import UsageError
from zoo.plots import style
from zoo.plots.images import strip

COLOURS = "Reds"  # nearly white where there is no error
LONGEST, LETTER = 20, 0.07  # letters of a name, and inches for a letter


def anomalies(images, reconstructions, scores, count: int = 5, ax=None, *, names=None):
    """Draws the least and the most anomalous images above their reconstructions and errors.

    The lowest row is the squared error of each pixel, darker where it is larger, on one scale for
    all images. The score stands under each column.

    Args:
        images: Array of shape `(rows, height, width, channels)`, values in [0, 1]. At least two
            images.
        reconstructions: Array of the same shape.
        scores: Array of shape `(rows,)`. Anomaly scores; the higher, the less normal.
        count: Integer. Number of images of each kind. Defaults to 5, or to half of the rows if
            there are fewer, so that no image is shown twice.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.
        names: Sequence of strings, such as `Split.names`. The name of each image, which stands
            upright under its score; a long one without its beginning. Defaults to None.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If there are fewer than two images, or if the arrays or the names do not have
            the same rows.

    Example:

    >>> x = np.random.default_rng(0).random((6, 8, 8, 1))
    >>> figure = anomalies(x, x / 2, scores=x.mean(axis=(1, 2, 3)), count=3)
    """
    images, reconstructions, scores = map(np.asarray, (images, reconstructions, scores))
    shapes = images.shape, reconstructions.shape, scores.shape
    if images.ndim != 4 or shapes[1:] != (shapes[0], shapes[0][:1]) or len(images) < 2:
        raise UsageError(
            "`images`, `reconstructions` and `scores` must have the same number of rows, two or "
            "more: (rows, height, width, channels) and (rows,). "
            f"Received: {', '.join(map(str, shapes))}."
        )
    if names is not None and len(names) != len(images):
        raise UsageError(
            f"`names` must hold a name for each of {len(images)} images. Received: {len(names)}."
        )
    order = np.argsort(scores, kind="stable")
    count = min(count, len(order) // 2)
    kinds = {"least anomalous": order[:count], "most anomalous": order[-count:]}
    errors = np.square(images - reconstructions).mean(axis=-1)
    largest = max(errors[np.concatenate(list(kinds.values()))].max(), 1e-12)
    blocks = [
        np.concatenate(
            [strip(images[rows]), strip(reconstructions[rows]), strip(_map(errors[rows] / largest))]
        )
        for rows in kinds.values()
    ]
    height, width = blocks[0].shape[0] / 3, blocks[0].shape[1] / count
    gap = np.ones((len(blocks[0]), int(width / 3), 3), np.float32)
    sheet = np.concatenate([blocks[0], gap, blocks[1]], axis=1)
    tile = min(1.0, (style.WIDTH - 1.3) * height / sheet.shape[1])  # inches
    below = 0.5 if names is None else 0.5 + LONGEST * LETTER
    figure, ax = style.panel(ax, tile * 3 + below, 1.3 + tile * sheet.shape[1] / height)
    ax.imshow(sheet, interpolation="antialiased")
    style.bare(ax)
    ax.set_yticks([height * (n + 0.5) - 0.5 for n in range(3)],
                  ["original", "reconstruction", "squared error"])  # fmt: skip
    ax.tick_params(length=0, labelsize=style.TEXT, labelcolor=style.INK)
    _label(ax, kinds, scores, names, width, sheet.shape)
    return figure


def _label(ax, kinds, scores, names, width, size):
    """Writes the kind above each block, and the score and the name under each column."""
    for block, (kind, rows) in enumerate(kinds.items()):
        left = block * (size[1] - len(rows) * width)
        ax.annotate(kind, (left, 0), (0, 6), textcoords="offset points",
                    fontsize=style.TITLE, color=style.INK)  # fmt: skip
        for number, row in enumerate(rows):
            position = left + (number + 0.45) * width, size[0] - 0.5
            ax.annotate(f"{scores[row]:.3g}", position, (0, -1), textcoords="offset points",
                        ha="center", va="top", fontsize=style.SMALL, color=style.MUTED)  # fmt: skip
            if names is not None:
                name = str(names[row])
                name = name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}"
                ax.annotate(name, position, (0, -4 - style.SMALL), textcoords="offset points",
                            ha="center", va="top", rotation=90, fontsize=style.SMALL,
                            color=style.MUTED)  # fmt: skip


def _map(values):
    """Returns values in [0, 1], `(rows, height, width)`, as colours."""
    import matplotlib

    return matplotlib.colormaps[COLOURS](values)[..., :3].astype(np.float32)
