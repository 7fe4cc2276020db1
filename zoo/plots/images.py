"""Draws images in labelled rows: originals, reconstructions, and restored noisy images."""

import numpy as np

from zoo.errors import UsageError
from zoo.plots import style


def reconstructions(rows: dict[str, np.ndarray], ax=None, *, frames=None):
    """Draws images in labelled rows, so that each column shows one image in every version.

    Args:
        rows: Dict from the label of each row to an array of shape `(images, height, width,
            channels)`, values in [0, 1]. Three channels are red, green and blue; for any other
            number of channels the mean is drawn.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.
        frames: Array of shape `(images, 4)`. The top, left, height and width, in pixels, of a
            rectangle that is framed in each row of that column, such as the place of a defect.
            Defaults to None, for no frames.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If there are no rows, if the rows have different shapes, or if there is not one
            frame for each image.

    Example:

    >>> x = np.random.default_rng(0).random((5, 8, 8, 1))
    >>> figure = reconstructions({"original": x, "reconstruction": x / 2})
    """
    hint = " Give images by their label: {'original': x, 'reconstruction': model.reconstruct(x)}."
    style.require_dict("rows", rows, hint)
    rows = {label: np.asarray(images, np.float32) for label, images in rows.items()}
    shapes = [images.shape for images in rows.values()]
    if not shapes or set(shapes) != {shapes[0]} or len(shapes[0]) != 4 or not shapes[0][0]:
        raise UsageError(
            "`rows` must hold images of the same shape for each label, "
            "(images, height, width, channels). "
            f"Received: {dict(zip(rows, shapes, strict=True))}."
        )
    if frames is not None and np.shape(frames) != (shapes[0][0], 4):
        raise UsageError(
            "`frames` must hold the top, left, height and width of a frame for each image, "
            f"({shapes[0][0]}, 4). Received: {np.shape(frames)}."
        )
    strips = [strip(images) for images in rows.values()]
    sheet = np.concatenate(strips)
    height, width = strips[0].shape[:2]
    tile = min(1.0, (style.WIDTH - 1.3) * height / width)  # inches: ten columns fill the page
    figure, ax = style.panel(ax, tile * len(rows) + 0.1, 1.3 + tile * width / height)
    # "antialiased" keeps enlarged pixels sharp, and smooths pixels that are not enlarged.
    ax.imshow(sheet, vmin=0, vmax=1, interpolation="antialiased")
    style.bare(ax)
    ax.set_yticks([height * (n + 0.5) - 0.5 for n in range(len(rows))], list(rows))
    ax.tick_params(length=0, labelsize=style.TEXT, labelcolor=style.INK)
    for column, rectangle in enumerate([] if frames is None else frames):
        for row in range(len(rows)):
            frame(ax, (column * width / shapes[0][0], row * height), rectangle)
    return figure


def frame(ax, corner: tuple[float, float], rectangle: tuple[int, int, int, int]):
    """Draws a frame around some pixels of an image.

    Args:
        ax: Matplotlib axes on which the image is drawn.
        corner: Pair of floats. The x and y of the image's first pixel.
        rectangle: Four integers. The top, left, height and width of what is framed, in pixels.

    Example:

    >>> from matplotlib.figure import Figure
    >>> frame(Figure().add_subplot(), (0, 0), (2, 2, 4, 4))
    """
    from matplotlib.patches import Rectangle

    top, left, height, width = rectangle
    place = corner[0] + left - 1, corner[1] + top - 1  # outside the pixels
    ax.add_patch(
        Rectangle(place, width + 1, height + 1, fill=False, edgecolor=style.SECOND, linewidth=1.5)
    )


def restorations(original, corrupted, restored: dict[str, np.ndarray], ax=None):
    """Draws images, their noisy versions, and what models restored from these, in labelled rows.

    Each label also shows the peak signal-to-noise ratio of its row in decibels, over these images.

    Args:
        original: Array of shape `(images, height, width, channels)`, values in [0, 1].
        corrupted: Array of the same shape.
        restored: Dict from the label of each further row to an array of the same shape.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: As for `reconstructions`.

    Example:

    >>> x = np.random.default_rng(0).random((5, 8, 8, 1))
    >>> figure = restorations(x, x / 2, {"deep_ae": 0.9 * x})
    """
    style.require_dict("restored", restored)
    rows = {"original": original}
    for label, images in {"corrupted": corrupted, **restored}.items():
        rows[label + _decibels(original, images)] = images
    return reconstructions(rows, ax)


def strip(images, gap=None):
    """Returns images side by side as one RGB picture.

    Args:
        images: Array of shape `(images, height, width, channels)`; values are clipped to [0, 1].
        gap: Integer. White pixels after each image. Defaults to None, a fourteenth of its height,
            at least 1.

    Returns:
        Float32 array of shape `(height + gap, images · (width + gap), 3)`.

    Example:

    >>> strip(np.zeros((3, 28, 28, 1))).shape
    (30, 90, 3)
    """
    images = np.clip(np.asarray(images, np.float32), 0, 1)
    if images.shape[-1] != 3:  # grey images, or channels that are not colours
        images = np.repeat(images.mean(axis=-1, keepdims=True), 3, axis=-1)
    gap = max(1, images.shape[1] // 14) if gap is None else gap
    padded = np.pad(images, ((0, 0), (0, gap), (0, gap), (0, 0)), constant_values=1.0)
    return np.concatenate(list(padded), axis=1)


def _decibels(original, images):
    if np.shape(original) != np.shape(images):  # `reconstructions` raises an error
        return ""
    error = np.mean(np.square(np.asarray(original) - np.clip(images, 0, 1)))
    return f"\n{-10 * np.log10(error):.1f} dB" if error else ""
