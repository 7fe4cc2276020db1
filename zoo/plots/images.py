"""Images in labelled rows: what became of each, and what was mended."""

import numpy as np

from zoo.errors import UsageError
from zoo.plots import style


def reconstructions(rows: dict[str, np.ndarray], ax=None):
    """Images in labelled rows, so that each column is one image and what became of it.

    Args:
        rows: for each label, `(images, height, width, channels)`, values in [0, 1]. Three
            channels are red, green and blue; of any other number the mean is shown.
        ax: a matplotlib axes; by default a new figure.

    Raises:
        UsageError: if there are no rows, or rows of different shapes.
    """
    hint = " Give images by their label: {'original': x, 'reconstruction': model.reconstruct(x)}."
    style.require_dict("rows", rows, hint)
    rows = {label: np.asarray(images, np.float32) for label, images in rows.items()}
    shapes = [images.shape for images in rows.values()]
    if not shapes or set(shapes) != {shapes[0]} or len(shapes[0]) != 4 or not shapes[0][0]:
        raise UsageError(
            "`rows` must hold for each label as many images, (images, height, width, channels). "
            f"Received: {dict(zip(rows, shapes, strict=True))}."
        )
    strips = [strip(images) for images in rows.values()]
    sheet = np.concatenate(strips)
    height, width = strips[0].shape[:2]
    tile = min(1.0, (style.WIDTH - 1.3) * height / width)  # inches: ten columns fill the page
    figure, ax = style.panel(ax, tile * len(rows) + 0.1, 1.3 + tile * width / height)
    # "antialiased" keeps pixels sharp where they are enlarged, and smooths where they are not.
    ax.imshow(sheet, vmin=0, vmax=1, interpolation="antialiased")
    style.bare(ax)
    ax.set_yticks([height * (n + 0.5) - 0.5 for n in range(len(rows))], list(rows))
    ax.tick_params(length=0, labelsize=style.TEXT, labelcolor=style.INK)
    return figure


def restorations(original, corrupted, restored: dict[str, np.ndarray], ax=None):
    """Images, what noise made of them, and what was made of that, in labelled rows.

    Each label also tells the row's peak signal-to-noise ratio, in decibels, over these images.

    Args:
        original, corrupted: `(images, height, width, channels)`, values in [0, 1].
        restored: for each label, images of the same shape.
        ax: a matplotlib axes; by default a new figure.
    """
    style.require_dict("restored", restored)
    rows = {"original": original}
    for label, images in {"corrupted": corrupted, **restored}.items():
        rows[label + _decibels(original, images)] = images
    return reconstructions(rows, ax)


def strip(images, gap=None):
    """`(images, height, width, channels)` side by side with a white gap, as one RGB picture.

    The gap is of so many pixels, after each image; by default a fourteenth of its height.
    """
    images = np.clip(np.asarray(images, np.float32), 0, 1)
    if images.shape[-1] != 3:  # grey, or channels that are no colours: their mean
        images = np.repeat(images.mean(axis=-1, keepdims=True), 3, axis=-1)
    gap = max(1, images.shape[1] // 14) if gap is None else gap
    padded = np.pad(images, ((0, 0), (0, gap), (0, gap), (0, 0)), constant_values=1.0)
    return np.concatenate(list(padded), axis=1)


def _decibels(original, images):
    if np.shape(original) != np.shape(images):  # which `reconstructions` refuses
        return ""
    squared = np.mean(np.square(np.asarray(original) - np.clip(images, 0, 1)))
    return f"\n{-10 * np.log10(squared):.1f} dB" if squared else ""
