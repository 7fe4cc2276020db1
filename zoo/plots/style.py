"""The style of all figures: colours, sizes, empty panels, and the files they are saved to."""

import io
import math
from collections.abc import Mapping

from zoo.errors import UsageError
from zoo.storage.atomic import replace_file

# Sizes are for a figure shown 800 pixels wide: a point is then 1.4 pixels.
WIDTH, DPI = 8.0, 150  # inches; dots per inch
TITLE, TEXT, SMALL = 11, 10, 9  # points

INK, MUTED, GRID = "#1f2933", "#6b7785", "#e3e7ec"
FIRST, SECOND = "#2f6fb3", "#d9622b"  # for two lines
# Ten colours that colour-blind readers can tell apart: the muted scheme of Tol, 2021, and a grey.
CLASSES = (
    "#332288", "#ddcc77", "#cc6677", "#88ccee", "#117733",
    "#aa4499", "#999933", "#44aa99", "#882255", "#a3a9b1",
)  # fmt: skip
MARKERS = "o^sDv"  # a new marker for every ten classes


def panels(count: int = 1, height: float = 3.6, columns: int = 3, width: float = WIDTH):
    """Returns a new figure of equal panels in rows.

    Args:
        count: Integer. Number of panels. Defaults to 1.
        height: Float. Height of a row, in inches. Defaults to 3.6.
        columns: Integer. The largest number of panels in a row. Defaults to 3.
        width: Float. Width of the figure, in inches. Defaults to 8.0.

    Returns:
        A pair: the matplotlib figure, and the list of its axes.

    Example:

    >>> figure, axes = panels(4)
    >>> len(axes)
    4
    """
    from matplotlib.figure import Figure  # no pyplot: no window, no global state

    columns = min(columns, count)
    rows = math.ceil(count / columns)
    figure = Figure(figsize=(width, height * rows), dpi=DPI, layout="constrained")
    return figure, [figure.add_subplot(rows, columns, n + 1) for n in range(count)]


def panel(ax, height: float = 3.6, width: float = WIDTH):
    """Returns `ax` and its figure, or those of a new figure if `ax` is None.

    Args:
        ax: Matplotlib axes, or None.
        height: Float. Height of a new figure, in inches. Defaults to 3.6.
        width: Float. Width of a new figure, in inches. Defaults to 8.0.

    Returns:
        A pair: the matplotlib figure, and the axes.

    Example:

    >>> figure, ax = panel(None)
    >>> panel(ax) == (figure, ax)
    True
    """
    if ax is not None:
        return ax.figure, ax
    figure, (ax,) = panels(1, height, width=width)
    return figure, ax


def plain(ax, grid: str | None = None):
    """Gives axes two spines, quiet ticks and, if wanted, faint grid lines.

    Args:
        ax: Matplotlib axes.
        grid: String. `"x"`, `"y"` or `"both"`. Defaults to None, for no grid lines.

    Example:

    >>> _, ax = panel(None)
    >>> plain(ax, grid="y")
    """
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(MUTED)
    ax.tick_params(which="both", colors=MUTED, labelcolor=INK, labelsize=SMALL)
    ax.set_axisbelow(True)
    if grid:
        ax.grid(axis=grid, color=GRID, linewidth=0.8)


def bare(ax):
    """Removes ticks and spines, for pictures.

    Args:
        ax: Matplotlib axes.

    Example:

    >>> _, ax = panel(None)
    >>> bare(ax)
    """
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)


def title(ax, text: str, below: str | None = None):
    """Writes the title of a panel over its left edge, and a quieter line below it.

    Args:
        ax: Matplotlib axes.
        text: String. The title.
        below: String. The quieter line. Defaults to None.

    Example:

    >>> _, ax = panel(None)
    >>> title(ax, "reconstructions", below="ten test images")
    """
    ax.set_title(text, loc="left", fontsize=TITLE, color=INK, pad=20 if below else 6)
    if below:
        ax.annotate(below, (0, 1), (0, 6), xycoords="axes fraction", textcoords="offset points",
                    fontsize=SMALL, color=MUTED)  # fmt: skip


def axis_titles(ax, x: str | None = None, y: str | None = None):
    """Writes the titles of the axes.

    Args:
        ax: Matplotlib axes.
        x: String. Title of the x axis, with its unit. Defaults to None.
        y: String. Title of the y axis, with its unit. Defaults to None.

    Example:

    >>> _, ax = panel(None)
    >>> axis_titles(ax, "epoch", "loss")
    """
    ax.set_xlabel(x or "", fontsize=TEXT, color=INK)
    ax.set_ylabel(y or "", fontsize=TEXT, color=INK)


def caption(ax, text: str):
    """Writes a quiet line under a picture that explains how to read it.

    Args:
        ax: Matplotlib axes.
        text: String.

    Example:

    >>> _, ax = panel(None)
    >>> caption(ax, "red positive, blue negative")
    """
    ax.set_xlabel(text, fontsize=SMALL, color=MUTED)


def text_on(colour: str) -> str:
    """Returns white or ink, whichever is easier to read on a colour.

    Args:
        colour: String. The colour in hexadecimal, `"#rrggbb"`.

    Returns:
        A string, a colour.

    Example:

    >>> text_on("#000000")
    'white'
    """
    red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return INK if 0.3 * red + 0.59 * green + 0.11 * blue > 130 else "white"


def save(figure, path):
    """Writes a figure as a PNG file.

    Args:
        figure: Matplotlib figure.
        path: String or `Path`. Where to write it.

    Returns:
        The `Path` of the file.

    Example:

    >>> figure, _ = panel(None, height=1, width=1)
    >>> save(figure, "empty.png").name
    'empty.png'
    """
    buffer = io.BytesIO()
    figure.savefig(
        buffer, format="png", dpi=DPI, bbox_inches="tight", pad_inches=0.06, facecolor="white"
    )
    return replace_file(path, buffer.getvalue())


def require_dict(name: str, value, hint: str = "") -> None:
    """Raises an error unless an argument is a dict.

    Args:
        name: String. The name of the argument.
        value: The argument.
        hint: String. A sentence to add to the error. Defaults to `""`.

    Raises:
        UsageError: If `value` is not a dict or another mapping.

    Example:

    >>> require_dict("report", {"mse": 0.01})
    """
    if not isinstance(value, Mapping):
        raise UsageError(f"`{name}` must be a dict. Received: {type(value).__name__}.{hint}")
