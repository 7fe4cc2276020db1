"""Draws a deconvolution as four steps: input, padding, reversed kernel, output."""

import numpy as np

from zoo.errors import UsageError
from zoo.plots import style

MOST = 4  # rows and columns: the numbers of more cells could not be read
LINE = 48  # characters of the sum that is written out
GAP, TURN = 1.4, 1.1  # cells between two steps, and between the kernel and its reverse
INPUT, KERNEL, OUTPUT, ZERO = "#c9dcef", "#e6ddc4", "#dfe9f4", "#f4f6f8"


def deconvolution(values: np.ndarray, kernel: np.ndarray, ax=None):
    """Draws a deconvolution with one channel and stride 1 as four steps, with all their numbers.

    The steps are the input; the input inside a frame of zeros, one less than the kernel's size on
    each side; the kernel, turned by 180°; and the output, the convolution of the two. One window of
    the padded input and the number that it leads to are framed, and their sum of products stands
    below. The output is that of `keras.layers.Conv2DTranspose` without a bias.

    Args:
        values: Array of shape `(rows, columns)`, at most 4 each. The input.
        kernel: Array of shape `(rows, columns)`, at most 4 each, as `Conv2DTranspose` holds it.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If `values` or `kernel` are not finite numbers in rows and columns, or too many.

    Example:

    >>> figure = deconvolution([[1, 2, 3], [4, 5, 6]], [[1, 0, 2], [0, 3, 0], [4, 0, 5]])
    """
    values, kernel = _checked("values", values), _checked("kernel", kernel)
    frame = [(size - 1, size - 1) for size in kernel.shape]
    padded, turned = np.pad(values, frame), kernel[::-1, ::-1]
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
    output = np.sum(windows * turned, axis=(2, 3))
    row, column = (size // 2 for size in output.shape)  # the window that is drawn

    lefts = np.cumsum([0, *(step.shape[1] + GAP for step in (values, padded, kernel))])
    width = lefts[-1] + output.shape[1]
    middle = len(padded) / 2  # the four steps stand on one line, the kernel below its reverse
    below = middle + len(kernel) / 2 + TURN
    height = max(len(padded), below + len(kernel))
    figure, ax = style.panel(ax, style.WIDTH * (height + 1.6) / (width + 0.4))
    ax.set_xlim(-0.2, width + 0.2)
    ax.set_ylim(height + 0.3, -1.3)  # rows count downwards
    ax.set_aspect("equal")
    ax.axis("off")

    inside = np.pad(np.ones(values.shape, bool), frame)
    steps = {
        "1  input": (values, np.full(values.shape, INPUT)),
        "2  padded with zeros": (padded, np.where(inside, INPUT, ZERO)),
        "3  reversed kernel": (turned, np.full(kernel.shape, KERNEL)),
        "4  output": (output, np.full(output.shape, OUTPUT)),
    }
    cell = 72 * style.WIDTH / width  # points
    longest = max(len(_number(x)) for numbers, _ in steps.values() for x in numbers.flat)
    size = min(style.TEXT, 1.4 * cell / max(longest, 3))  # points
    tops = [middle - len(numbers) / 2 for numbers, _ in steps.values()]
    for left, top, (name, (numbers, colours)) in zip(lefts, tops, steps.items(), strict=True):
        _cells(ax, left, top, numbers, colours, size)
        ax.text(left, top - 0.3, name, fontsize=style.TEXT, color=style.INK)
    _cells(ax, lefts[2], below, kernel, np.full(kernel.shape, "#ffffff"), size)
    centre = lefts[2] + kernel.shape[1] / 2
    _arrow(ax, (centre, below - 0.15), (centre, below - TURN + 0.15))
    ax.text(centre + 0.3, below - TURN / 2, "turned by\n180°", fontsize=style.SMALL,
            va="center", linespacing=1.0, color=style.MUTED)  # fmt: skip
    _arrow(ax, (lefts[1] - GAP + 0.25, middle), (lefts[1] - 0.25, middle))
    for left, sign in zip(lefts[2:], "∗=", strict=True):
        ax.text(left - GAP / 2, middle, sign, fontsize=16, ha="center", va="center",
                color=style.MUTED)  # fmt: skip

    _frame(ax, lefts[1] + column, tops[1] + row, kernel.shape)
    _frame(ax, lefts[2], tops[2], kernel.shape)
    _frame(ax, lefts[3] + column, tops[3] + row, (1, 1))
    text = f"framed:  {_products(windows[row, column], turned)} = {_number(output[row, column])}"
    ax.text(0, (len(padded) + height) / 2, text, fontsize=style.TEXT, va="center",
            color=style.SECOND)  # fmt: skip
    return figure


def _checked(name, numbers):
    try:
        numbers = np.asarray(numbers, float)
    except (TypeError, ValueError):
        numbers = np.asarray(np.nan)
    if numbers.ndim != 2 or not numbers.size or not np.isfinite(numbers).all():
        raise UsageError(
            f"`{name}` must be finite numbers in rows and columns. "
            f"Received: the shape {numbers.shape}."
        )
    if max(numbers.shape) > MOST:
        raise UsageError(
            f"`{name}` must have at most {MOST} rows and {MOST} columns, so that their numbers can "
            f"be read. Received: {numbers.shape}."
        )
    return numbers


def _number(value):
    return f"{value:.3g}".replace("-", "−")


def _cells(ax, left, top, numbers, colours, size):
    from matplotlib.patches import Rectangle

    for (row, column), number in np.ndenumerate(numbers):
        colour = colours[row, column]
        ax.add_patch(Rectangle((left + column, top + row), 1, 1, facecolor=colour,
                               edgecolor=style.MUTED, linewidth=0.6))  # fmt: skip
        ink = style.MUTED if colour == ZERO else style.INK
        ax.text(left + column + 0.5, top + row + 0.5, _number(number), ha="center",
                va="center_baseline", fontsize=size, color=ink)  # fmt: skip


def _frame(ax, left, top, shape):
    from matplotlib.patches import Rectangle

    rows, columns = shape
    ax.add_patch(Rectangle((left, top), columns, rows, fill=False, edgecolor=style.SECOND,
                           linewidth=2.2, zorder=3))  # fmt: skip


def _arrow(ax, start, end):
    arrow = {"arrowstyle": "-|>", "color": style.MUTED, "linewidth": 1.2}
    ax.annotate("", end, start, arrowprops=arrow)


def _products(window, turned):
    """Returns the sum of the products that are not zero, without the last ones of a long sum."""
    pairs = zip(window.flat, turned.flat, strict=True)
    terms = [f"{_factor(x)} · {_factor(w)}" for x, w in pairs if x and w]
    text = " + ".join(terms) or "0"
    return text if len(text) <= LINE else text[:LINE].rsplit(" + ", 1)[0] + " + …"


def _factor(number):
    return _number(number) if number >= 0 else f"({_number(number)})"
