"""Draws volumes as their middle slices along each axis, in labelled rows."""

import numpy as np

from zoo.errors import UsageError
from zoo.plots import style
from zoo.plots.images import reconstructions


def slices(rows: dict[str, np.ndarray], ax=None):
    """Draws the three middle slices of volumes in labelled rows, the versions below each other.

    Each volume takes three columns: the slices half way along its depth, its height and its width.

    Args:
        rows: Dict from the label of each row to an array of shape `(volumes, depth, height, width,
            channels)`, values in [0, 1]. Three channels are red, green and blue; for any other
            number of channels the mean is drawn.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If there are no volumes, or if the rows have different shapes.

    Example:

    >>> x = np.random.default_rng(0).random((3, 8, 8, 8, 1))
    >>> figure = slices({"original": x, "reconstruction": x / 2})
    """
    style.require_dict("rows", rows)
    rows = {label: np.asarray(x, np.float32) for label, x in rows.items()}
    shapes = [x.shape for x in rows.values()]
    if not shapes or set(shapes) != {shapes[0]} or len(shapes[0]) != 5 or not shapes[0][0]:
        raise UsageError(
            "`rows` must hold volumes of the same shape for each label, "
            "(volumes, depth, height, width, channels). "
            f"Received: {dict(zip(rows, shapes, strict=True))}."
        )
    figure = reconstructions({label: middle_slices(x) for label, x in rows.items()}, ax)
    text = "three slices a volume: half way along its depth, its height and its width"
    style.caption(figure.axes[0] if ax is None else ax, text)
    return figure


def middle_slices(volumes: np.ndarray) -> np.ndarray:
    """Returns the slices half way along each axis, three images for each volume.

    Args:
        volumes: Array of shape `(volumes, depth, height, width, channels)`.

    Returns:
        Array of shape `(3 · volumes, side, side, channels)`, where the side is the largest size;
        smaller slices stand in the middle of white ones.

    Example:

    >>> middle_slices(np.zeros((2, 4, 5, 6, 1))).shape
    (6, 6, 6, 1)
    """
    depth, height, width = volumes.shape[1:4]
    cut = [volumes[:, depth // 2], volumes[:, :, height // 2], volumes[:, :, :, width // 2]]
    side = max(depth, height, width)
    whole = np.ones((len(volumes), 3, side, side, volumes.shape[-1]), volumes.dtype)
    for number, images in enumerate(cut):
        top, left = ((side - size) // 2 for size in images.shape[1:3])
        rows, columns = slice(top, top + images.shape[1]), slice(left, left + images.shape[2])
        whole[:, number, rows, columns] = images
    return whole.reshape(-1, *whole.shape[2:])
