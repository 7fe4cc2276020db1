"""Draws the share of the nearest rows that are of the query's class."""

from zoo.plots import style


def precisions(curves: dict[str, dict[int, float]], ax=None):
    """Draws precision by the number of nearest rows, a line for each way of searching.

    Args:
        curves: Dict from the name of each way to a dict from each number of nearest rows to the
            share of them that are of the query's class, in [0, 1].
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
