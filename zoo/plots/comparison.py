"""Draws a report of `zoo.evaluate` as bars of the model, PCA of equal size and the raw inputs."""

from zoo.errors import UsageError
from zoo.plots import style

COLOURS = {"model": style.FIRST, "pca": style.SECOND, "raw": style.CLASSES[-1]}
LABELS = {"model": "model", "pca": "PCA of equal size", "raw": "raw inputs"}
# Metrics on one scale, from 0 to about 1.
UP = {
    "ssim": "structural similarity",
    "knn_accuracy": "5-NN accuracy",
    "probe_accuracy": "linear probe accuracy",
    "nmi": "NMI of clusters and classes",
}
DOWN = {
    "shift_distance": "code change under a 1-pixel shift",
    "noise_distance": "code change under noise",
}
FEATURES = {"mse": "squared error / variance"}  # not for images, where it is far below 1


def comparison(report: dict[str, float], ax=None):
    """Draws the metrics of a report that have a common scale as bars.

    Args:
        report: Dict of floats, as `zoo.evaluate` returns it.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If the report holds none of these metrics.

    Example:

    >>> figure = comparison({"knn_accuracy": 0.95, "pca_knn_accuracy": 0.93})
    """
    style.require_dict("report", report)
    from zoo.plots import report_table  # imports TensorFlow, which other figures do not need

    labels = {name: f"{label}  ↑" for name, label in UP.items()}
    labels |= {
        name: f"{label}  ↓" for name, label in (DOWN if "psnr" in report else FEATURES).items()
    }
    rows = {row["name"]: row for row in report_table.rows(report) if row["name"] in labels}
    shown = [rows[name] for name in labels if name in rows]
    if not shown:
        raise UsageError(
            f"`report` must hold one of {', '.join(labels)}. Received: {', '.join(report)}."
        )
    columns = [column for column in COLOURS if any(row[column] is not None for row in shown)]
    figure, ax = style.panel(ax, 0.7 + 0.66 * len(shown))
    for n, row in enumerate(shown):
        present = [column for column in columns if row[column] is not None]
        for k, column in enumerate(present):
            y = n + 0.25 * (k - (len(present) - 1) / 2)
            ax.barh(y, row[column], height=0.22, color=COLOURS[column])
            ax.text(
                row[column], y, f" {row[column]:.3f}", va="center", fontsize=style.SMALL,
                color=style.INK,
            )  # fmt: skip
    _finish(ax, [labels[row["name"]] for row in shown], columns)
    return figure


def _finish(ax, labels, columns):
    from matplotlib.patches import Patch

    style.plain(ax, "x")
    ax.set_yticks(range(len(labels)), labels, fontsize=style.TEXT)
    ax.invert_yaxis()
    ax.set_xlim(0, max(1.0, 1.1 * ax.dataLim.x1))
    ax.tick_params(length=0)
    ax.spines["bottom"].set_visible(False)
    style.caption(ax, "↑ higher is better   ↓ lower is better")
    keys = [Patch(color=COLOURS[column], label=LABELS[column]) for column in columns]
    ax.legend(
        handles=keys, frameon=False, ncols=len(keys), fontsize=style.SMALL,
        loc="lower left", bbox_to_anchor=(0, 1),
    )  # fmt: skip
