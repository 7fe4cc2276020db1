"""How every figure looks: its colours and sizes, its empty panels, the file it is written to."""

import io
import math
from collections.abc import Mapping

from zoo.atomic import replace_file
from zoo.errors import UsageError

# Sizes are for a figure shown 800 pixels wide: a point is then 1.4 pixels.
WIDTH, DPI = 8.0, 150  # inches; dots an inch
TITLE, TEXT, SMALL = 11, 10, 9  # points

INK, MUTED, GRID = "#1f2933", "#6b7785", "#e3e7ec"
FIRST, SECOND = "#2f6fb3", "#d9622b"  # of two lines
# Ten colours that the colour-blind can tell apart: the muted scheme of Tol, 2021, and a grey.
CLASSES = (
    "#332288", "#ddcc77", "#cc6677", "#88ccee", "#117733",
    "#aa4499", "#999933", "#44aa99", "#882255", "#a3a9b1",
)  # fmt: skip
MARKERS = "o^sDv"  # the second ten classes are triangles, and so on


def panels(count: int = 1, height: float = 3.6, columns: int = 3, width: float = WIDTH):
    """A new figure of equal panels in rows.

    Args:
        count: the panels.
        height: of a row, in inches.
        columns: at most so many panels in a row.
        width: of the figure, in inches.

    Returns:
        The figure, and the list of its axes.
    """
    from matplotlib.figure import Figure  # no pyplot: no window, no global state

    columns = min(columns, count)
    rows = math.ceil(count / columns)
    figure = Figure(figsize=(width, height * rows), layout="constrained")
    return figure, [figure.add_subplot(rows, columns, n + 1) for n in range(count)]


def panel(ax, height: float = 3.6, width: float = WIDTH):
    """`ax` and its figure; where `ax` is None, those of a new figure."""
    if ax is not None:
        return ax.figure, ax
    figure, (ax,) = panels(1, height, width=width)
    return figure, ax


def plain(ax, grid: str | None = None):
    """Two spines, quiet ticks, and where `grid` is `"x"`, `"y"` or `"both"`, faint lines behind."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(MUTED)
    ax.tick_params(which="both", colors=MUTED, labelcolor=INK, labelsize=SMALL)
    ax.set_axisbelow(True)
    if grid:
        ax.grid(axis=grid, color=GRID, linewidth=0.8)


def bare(ax):
    """No axes at all: for pictures."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)


def title(ax, text: str, below: str | None = None):
    """A panel's title over its left edge, and a quieter line below it."""
    ax.set_title(text, loc="left", fontsize=TITLE, color=INK, pad=20 if below else 6)
    if below:
        ax.annotate(below, (0, 1), (0, 6), xycoords="axes fraction", textcoords="offset points",
                    fontsize=SMALL, color=MUTED)  # fmt: skip


def axis_titles(ax, x: str | None = None, y: str | None = None):
    """What the axes count, with units."""
    ax.set_xlabel(x or "", fontsize=TEXT, color=INK)
    ax.set_ylabel(y or "", fontsize=TEXT, color=INK)


def caption(ax, text: str):
    """A quiet line under a picture, which says how to read it."""
    ax.set_xlabel(text, fontsize=SMALL, color=MUTED)


def text_on(colour: str) -> str:
    """White or ink, whichever is easier to read on a colour."""
    red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return INK if 0.3 * red + 0.59 * green + 0.11 * blue > 130 else "white"


def save(figure, path):
    """Writes a figure as a PNG; returns the path."""
    drawn = io.BytesIO()
    figure.savefig(
        drawn, format="png", dpi=DPI, bbox_inches="tight", pad_inches=0.06, facecolor="white"
    )
    return replace_file(path, drawn.getvalue())


def require_dict(name: str, value, hint: str = "") -> None:
    """Raises `UsageError` unless an argument is a dict."""
    if not isinstance(value, Mapping):
        raise UsageError(f"`{name}` must be a dict. Received: {type(value).__name__}.{hint}")
