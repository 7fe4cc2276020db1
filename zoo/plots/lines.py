"""Draws line charts: test error by number of labels, precision by number of rows."""

from zoo.plots import style


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


def precisions(curves: dict[str, dict[int, float]], ax=None):
    """Draws precision by the number of nearest rows, a line for each way of searching.

    Args:
        curves: Dict from the name of each way to a dict from each number of nearest rows to the
            fraction of them that are of the query's class, in [0, 1].
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If `curves` is not a dict.

    Example:

    >>> figure = precisions({"by code": {1: 0.9, 10: 0.8}, "by pixels": {1: 0.85, 10: 0.7}})
    """
    style.require_dict("curves", curves)
    if ax is None:
        _, (ax,) = style.panels(1, 4.0, 1, 0.7 * style.WIDTH)
    for number, (name, curve) in enumerate(curves.items()):
        colour = style.CLASSES[number % len(style.CLASSES)]
        marker = style.MARKERS[number % len(style.MARKERS)]
        ax.plot(list(curve), list(curve.values()), color=colour, marker=marker, markersize=4.5,
                linewidth=1.6, label=name)  # fmt: skip
    ax.set_xscale("log")
    ticks = sorted({k for curve in curves.values() for k in curve})
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.minorticks_off()
    ax.set_ylim(bottom=0)
    style.plain(ax, grid="y")
    style.axis_titles(ax, "number of nearest rows", "fraction of the query's class")
    ax.legend(frameon=False, fontsize=style.SMALL)
    return ax.figure
