"""Draws the positions at which argmax pooling found its maxima."""

import numpy as np

from zoo.errors import UsageError
from zoo.inputs.arguments import positive_integer
from zoo.plots import style


def switches(image: np.ndarray, switches: np.ndarray, ax=None, pool_size: int = 2, most: int = 3):
    """Draws an image under the windows of the first pooling, with a dot at each window's maximum.

    The channels whose switches vary most are drawn, each in a panel of its own. If `ax` is set, one
    channel is drawn. Of a large image only the middle is drawn, 16 windows across. Windows in which
    the image has a single value have faint dots, because the position of their maximum means
    nothing.

    Args:
        image: Array of shape `(height, width, channels)`, values in [0, 1].
        switches: Array of integers, `(height // pool_size, width // pool_size, channels)`. Offsets
            in the windows, row-major: one row of the first level's switches, which `model.encode(x,
            switches=True)` returns.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.
        pool_size: Integer. Height and width of the windows. Defaults to 2.
        most: Integer. The largest number of channels drawn. Defaults to 3.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If the shape or the values of the switches do not fit the image.

    Example:

    >>> x = np.random.default_rng(0).random((1, 8, 8, 1), np.float32)
    >>> model = zoo.build("conv_ae", input_shape=(8, 8, 1), filters=(4,), unpooling="argmax")
    >>> _, (first,) = model.encode(x, switches=True)
    >>> figure = switches(x[0], first[0])
    """
    image, switches = np.asarray(image, np.float32), np.asarray(switches)
    pool = positive_integer("pool_size", pool_size)
    expected = tuple(size // pool for size in image.shape[:2])
    if image.ndim != 3 or switches.ndim != 3 or switches.shape[:2] != expected:
        raise UsageError(
            f"`switches` must be (height // {pool}, width // {pool}, channels) of an image "
            f"(height, width, channels). Received: {switches.shape} and {image.shape}."
        )
    if switches.dtype.kind not in "iu" or switches.min() < 0 or switches.max() >= pool**2:
        raise UsageError(
            f"`switches` must be integers from 0 to {pool**2 - 1}. Received: {switches.dtype} "
            f"from {switches.min()} to {switches.max()}."
        )
    image, switches, part = _middle(image, switches, pool)
    variety = switches.std(axis=(0, 1))
    chosen = np.argsort(-variety, kind="stable")[: 1 if ax is not None else most]
    if ax is None:
        figure, axes = style.panels(
            len(chosen), style.WIDTH / 3 * image.shape[0] / image.shape[1] + 0.3
        )
    else:
        figure, axes = ax.figure, [ax]
    for channel, panel in zip(chosen, axes, strict=True):
        _panel(panel, image, switches[..., channel], pool)
        style.title(panel, f"channel {channel + 1} of {switches.shape[-1]}{part}")
    return figure


def _middle(image, switches, pool):
    top, left = (max(0, size - 16) // 2 for size in switches.shape[:2])
    if not top + left:
        return image, switches, ""
    windows = switches[top : top + 16, left : left + 16]
    height, width = (pool * size for size in windows.shape[:2])
    return image[pool * top :, pool * left :][:height, :width], windows, ", middle part"


def _panel(ax, image, offsets, pool):
    """Draws one channel's dots, `(rows of windows, columns of windows)`, on the image."""
    height, width = offsets.shape
    grey = np.clip(image, 0, 1) if image.shape[-1] == 3 else image.mean(axis=-1)
    ax.imshow(grey, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    rows, columns = np.mgrid[:height, :width]
    x, y = columns * pool + offsets % pool, rows * pool + offsets // pool
    lines = {"color": style.MUTED, "linewidth": 0.5}
    ax.hlines(np.arange(height + 1) * pool - 0.5, -0.5, width * pool - 0.5, **lines)
    ax.vlines(np.arange(width + 1) * pool - 0.5, -0.5, height * pool - 0.5, **lines)
    windows = image[: height * pool, : width * pool].reshape(height, pool, width, pool, -1)
    flat = np.ptp(windows, axis=(1, 3)).max(axis=-1) == 0
    size = (60 / max(offsets.shape)) ** 2  # points²: a fraction of a window
    alpha = np.where(flat, 0.35, 1.0)
    ax.scatter(x, y, s=size, color=style.SECOND, alpha=alpha.ravel(), linewidths=0)
    style.bare(ax)
    style.caption(ax, f"dot: maximum of each {pool} × {pool} window")
