"""Draws line charts: test error by number of labels, precision by number of rows."""

from zoo.plots import style

LINE = 0.17  # inches for a name


def errors_by_labels(table: dict[str, dict[str, dict]], ax=None):
    """Draws the test error by the number of labelled rows, a line for each kind of pre-training.

    Args:
        table: Dict from the name of each kind of pre-training (`"none"` is a random start) to a
            dict from each number of labels, as a string, to a dict of the `mean` error in percent
            over several draws and its `deviation`, or None.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If `table` is not a dict.

    Example:

    >>> errors = {"100": {"mean": 13.2, "deviation": 0.5}, "1000": {"mean": 4.8, "deviation": 0.1}}
    >>> figure = errors_by_labels({"denoising": errors})
    """
    style.require_dict("table", table)
    if ax is None:
        _, (ax,) = style.panels(1, 4.0, 1, 0.7 * style.WIDTH)
    for colour, marker, (start, errors) in zip(
        style.CLASSES, style.MARKERS, table.items(), strict=False
    ):
        counts = [int(count) for count in errors]
        means = [error["mean"] for error in errors.values()]
        spread = [error["deviation"] or 0 for error in errors.values()]
        name = "random start" if start == "none" else start
        ax.errorbar(counts, means, spread, color=colour, marker=marker, markersize=5,
                    linewidth=1.6, capsize=3, label=name)  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    ticks = sorted({int(count) for errors in table.values() for count in errors})
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.minorticks_off()
    lowest, highest = ax.get_ylim()
    marks = [tick for tick in (0.5, 1, 2, 5, 10, 20, 50) if lowest <= tick <= highest]
    ax.set_yticks(marks, [f"{mark:g}" for mark in marks])
    style.plain(ax, grid="y")
    style.axis_titles(ax, "labelled images", "test error, %")
    style.title(ax, "test error after pre-training")
    ax.legend(frameon=False, fontsize=style.SMALL)
    return ax.figure


def precisions(
    curves: dict[str, dict[int, float]], ax=None, *, bottom: float = 0.0, rows: str = "rows"
):
    """Draws precision by the number of nearest rows, a line for each way of searching.

    The name of each way stands at the end of its line.

    Args:
        curves: Dict from the name of each way to a dict from each number of nearest rows to the
            fraction of them that are of the query's class, in [0, 1].
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.
        bottom: Float. Where the y axis starts. Defaults to 0.
        rows: String. What the rows are, such as `"texts"`. Defaults to `"rows"`.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If `curves` is not a dict.

    Example:

    >>> figure = precisions({"by code": {1: 0.9, 10: 0.8}, "by pixels": {1: 0.85, 10: 0.7}})
    """
    style.require_dict("curves", curves)
    if ax is None:
        _, (ax,) = style.panels(1, 4.0, 1)
    for number, (name, curve) in enumerate(curves.items()):
        ax.plot(list(curve), list(curve.values()), color=_colour(number), markersize=4.5,
                marker=style.MARKERS[number % len(style.MARKERS)], linewidth=1.6,
                label=name)  # fmt: skip
    ax.set_xscale("log")
    ticks = sorted({k for curve in curves.values() for k in curve})
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.minorticks_off()
    ax.set_ylim(bottom=bottom)
    style.plain(ax, grid="y")
    style.axis_titles(ax, f"number of nearest {rows}", "fraction of the query's class")
    _name_ends(ax, curves)
    return ax.figure


def _colour(number):
    return style.CLASSES[number % len(style.CLASSES)]


def _name_ends(ax, curves):
    """Writes the name of each line to the right of its last point, one below the other."""
    low, high = ax.get_ylim()
    step = LINE * (high - low) / (ax.get_position().height * ax.figure.get_figheight())
    ends = {name: list(curve.items())[-1] for name, curve in curves.items()}
    numbers = {name: number for number, name in enumerate(curves)}
    order = sorted(ends, key=lambda name: -ends[name][1])
    places = _spread([ends[name][1] for name in order], step)
    for name, place in zip(order, places, strict=True):
        x, y = ends[name]
        ax.annotate(name, (x, y), (16, (place - y) / step * LINE * 72), fontsize=style.SMALL,
                    textcoords="offset points", va="center", color=style.INK, parse_math=False,
                    arrowprops={"arrowstyle": "-", "color": _colour(numbers[name]), "shrinkB": 3},
                    annotation_clip=False)  # fmt: skip


def _spread(values, step):
    """Returns falling values moved apart to at least `step`, with the same mean."""
    places = list(values)
    for number in range(1, len(places)):
        places[number] = min(places[number], places[number - 1] - step)
    shift = (sum(values) - sum(places)) / max(1, len(places))
    return [place + shift for place in places]
