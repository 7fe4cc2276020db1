"""How many of the nearest rows are of a query's class, by how many are looked at."""

from zoo.plots import style


def precisions(curves: dict[str, dict[int, float]], ax=None):
    """Precision by the number of nearest rows, a line for each way to search.

    Args:
        curves: for each way's name, for each number of rows, the share of them that are of the
            query's class, in [0, 1].
        ax: a matplotlib axes; by default a new figure.
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
    style.axis_titles(ax, "nearest rows", "share of the query's class")
    ax.legend(frameon=False, fontsize=style.SMALL)
    return ax.figure
