"""Draws the error and the probe accuracy of a variant by the size of its code, beside PCA's."""

from zoo.errors import UsageError
from zoo.plots import style

PANELS = {  # by the key of a row: the title of the panel, and of its y axis
    "sse": ("error of the reconstruction", "squared error, sum over a row"),
    "probe_accuracy": ("accuracy of a linear probe", "fraction of held-out rows"),
}


def by_size(rows: list[dict], name: str = "model", ax=None):
    """Draws the error by the size of the code, a line for a model and one for PCA of equal size.

    If the rows have a `probe_accuracy`, it is drawn in a second panel. Both measures are those of
    rows that were held out from training.

    Args:
        rows: List of dicts with `latent_dim` and `sse`, and, if they were measured, `pca_sse`,
            `probe_accuracy` and `pca_probe_accuracy`; None for a figure that a size lacks.
        name: String. Name of the model. Defaults to `"model"`.
        ax: Matplotlib axes, on which only the error is drawn. Defaults to None, which draws on a
            new figure.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If no row has an `sse`.

    Example:

    >>> rows = [{"latent_dim": k, "sse": 60 / k, "pca_sse": 80 / k} for k in (2, 4, 8)]
    >>> figure = by_size(rows, "conv_ae")
    """
    shown = [row for row in rows if row.get("sse") is not None]
    if not shown:
        raise UsageError("`rows` must hold one with an `sse` at least. Received: none.")
    keys = [key for key in PANELS if any(row.get(key) is not None for row in shown)]
    if ax is None:
        width = style.WIDTH if len(keys) > 1 else 0.7 * style.WIDTH
        figure, axes = style.panels(len(keys), 3.2, 2, width)
    else:
        figure, axes, keys = ax.figure, [ax], keys[:1]
    for key, panel in zip(keys, axes, strict=True):
        _panel(panel, shown, key, name)
    axes[0].legend(frameon=False, fontsize=style.SMALL)
    return figure


def _panel(ax, rows, key, name):
    lines = {name: (key, style.FIRST, "o"), "PCA of equal size": (f"pca_{key}", style.SECOND, "s")}
    for label, (column, colour, marker) in lines.items():
        points = sorted(
            (row["latent_dim"], row[column]) for row in rows if row.get(column) is not None
        )
        if points:
            ax.plot(*zip(*points, strict=True), color=colour, marker=marker, markersize=4.5,
                    linewidth=1.6, label=label)  # fmt: skip
    ticks = sorted({row["latent_dim"] for row in rows})
    if ticks[-1] >= 4 * ticks[0]:
        ax.set_xscale("log")
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.minorticks_off()
    if key == "sse":
        ax.set_ylim(bottom=0)
    style.plain(ax, grid="y")
    title, unit = PANELS[key]
    style.axis_titles(ax, "numbers in the code", unit)
    style.title(ax, title)
