"""Draws learned filters, the kernels next to the image, as images."""

import math

import numpy as np

from zoo.errors import UsageError
from zoo.plots import style


def filters(kernel: np.ndarray, shape: tuple[int, ...] | None = None, ax=None, most: int = 40):
    """Draws filters as tiles: red where a weight is positive, blue where negative, white at zero.

    Each filter is scaled by its own largest weight. Filters of three channels are drawn in colour
    around grey; for any other number of channels the mean is drawn.

    Args:
        kernel: Array of shape `(pixels, units)` (a dense layer's kernel) or `(height, width,
            channels, filters)` (a convolution's).
        shape: Tuple of integers. For a dense layer, the image's height, width and channels.
            Defaults to None.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.
        most: Integer. The largest number of filters drawn, from the first on. Defaults to 40.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If the kernel has neither shape.

    Example:

    >>> figure = filters(np.random.default_rng(0).normal(size=(5, 5, 1, 8)))
    """
    kernel = np.asarray(kernel, np.float32)
    if kernel.ndim == 2 and shape and len(shape) == 3 and math.prod(shape) == len(kernel):
        kernel = kernel.reshape(*shape, -1)
    if kernel.ndim != 4 or not kernel.shape[-1]:
        raise UsageError(
            "`kernel` must be (pixels, units), with `shape` the image's height, width and "
            f"channels, or (height, width, channels, filters). Received: {kernel.shape} and "
            f"shape={shape}."
        )
    count = kernel.shape[-1]
    tiles = [_coloured(kernel[..., n]) for n in range(min(count, most))]
    height, width = tiles[0].shape[:2]
    ideal = max(1, round(math.sqrt(1.6 * len(tiles) * height / width)))
    # The number of columns that leaves the fewest empty places.
    columns = min(range(ideal, 2 * ideal), key=lambda number: -len(tiles) % number)
    sheet = _sheet(tiles, columns)
    aspect = sheet.shape[0] / sheet.shape[1]
    figure, ax = style.panel(ax, style.WIDTH / 2 * aspect + 0.3, style.WIDTH / 2)
    ax.imshow(sheet, interpolation="nearest")
    style.bare(ax)
    style.caption(ax, _scale(kernel.shape[2]))
    total = f"{count} filter{'s' if count > 1 else ''}"
    style.title(ax, f"the first {most} of {total}" if count > most else total)
    return figure


def first_kernel(model) -> tuple[np.ndarray, tuple[int, ...] | None] | None:
    """Returns the arguments of `filters` for the layer next to a model's input images.

    Args:
        model: Keras model of images; its first layer with a kernel is used.

    Returns:
        A pair of the kernel and the `shape`, or None if the model has no such layer.

    Example:

    >>> kernel, shape = first_kernel(zoo.build("shallow_ae"))
    >>> kernel.shape, shape
    ((784, 32), (28, 28, 1))
    """
    return _of_images(model, map(_kernel, model.layers))


def last_kernel(model) -> tuple[np.ndarray, tuple[int, ...] | None] | None:
    """Returns the arguments of `filters` for the layer that computes a model's output images.

    Each filter is what one input of that layer adds to the image.

    Args:
        model: Keras model of images; its last layer with a kernel is used.

    Returns:
        A pair of the kernel and the `shape`, or None if the model has no such layer.

    Example:

    >>> kernel, shape = last_kernel(zoo.build("shallow_ae"))
    >>> kernel.shape, shape
    ((784, 32), (28, 28, 1))
    """
    kernels = map(_kernel, reversed(model.layers))  # a deconvolution's third axis is its output
    return _of_images(model, (k.T if k is not None and k.ndim == 2 else k for k in kernels))


def _of_images(model, kernels):
    shape = tuple(model.input_shape[1:])
    kernel = next((candidate for candidate in kernels if candidate is not None), None)
    if kernel is None or len(shape) != 3:
        return None
    if kernel.ndim == 4 and kernel.shape[2] == shape[2]:
        return kernel, None
    return (kernel, shape) if kernel.ndim == 2 and len(kernel) == math.prod(shape) else None


def _kernel(layer):
    return next((weight.numpy() for weight in layer.weights if weight.name == "kernel"), None)


def _scale(channels):
    if channels == 3:
        return "grey: zero; each filter has its own scale"
    return "red: positive, blue: negative; each filter has its own scale"


def _coloured(weights):
    """Returns weights, `(height, width, channels)`, as RGB with zero in the middle of the scale."""
    from matplotlib import colormaps

    largest = np.abs(weights).max() or 1.0
    if weights.shape[-1] == 3:
        return 0.5 + 0.5 * weights / largest
    mean = weights.mean(axis=-1)
    return colormaps["RdBu_r"](0.5 + 0.5 * mean / (np.abs(mean).max() or 1.0))[..., :3]


def _sheet(tiles, columns):
    """Returns tiles in rows, separated by grey lines: white would look like a weight of zero."""
    height, width = tiles[0].shape[:2]
    # Enlarged, so that the line can be thinner than a pixel of a small filter.
    grow = max(1, 28 // height)
    gap = max(1, round(grow * height / 16), 2 * grow // 3)
    down, across = grow * height + gap, grow * width + gap
    rows = math.ceil(len(tiles) / columns)
    sheet = np.ones((rows * down + gap, columns * across + gap, 3))
    for n, tile in enumerate(tiles):
        top, left = n // columns * down, n % columns * across
        sheet[top : top + down + gap, left : left + across + gap] = 0.8
        enlarged = np.kron(tile, np.ones((grow, grow, 1)))
        sheet[top + gap : top + down, left + gap : left + across] = enlarged
    return sheet
