"""Draws the loss and its named terms by epoch."""

import numpy as np

from zoo.errors import UsageError
from zoo.plots import style


def curves(history: dict[str, list[float]], ax=None):
    """Draws the training and validation loss by epoch, and each named term beside it.

    An axis is logarithmic if its values are all positive and span more than a factor of 20.

    Args:
        history: Dict from each name to its values, one for each epoch. Values on the validation
            rows have the same name with the prefix `val_`.
        ax: Matplotlib axes, on which only the loss is drawn. Defaults to None, which draws on a new
            figure with a panel for each further term.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If there is no `loss`, or if it has no epochs.

    Example:

    >>> figure = curves({"loss": [0.3, 0.2, 0.1], "val_loss": [0.3, 0.25, 0.2]})
    """
    hint = " Pass its history.history." if hasattr(history, "history") else ""
    style.require_dict("history", history, hint)
    if not history.get("loss"):
        raise UsageError(
            "`history` must hold a `loss` of one epoch or more. Received: "
            f"{ {name: len(values) for name, values in history.items()} }."
        )
    terms = [name for name in history if name != "loss" and not name.startswith("val_")]
    if ax is None:
        width = style.WIDTH if terms else 0.7 * style.WIDTH
        columns = 2 if len(terms) in (1, 3) else 3
        figure, axes = style.panels(1 + len(terms), 3.0, columns, width)
    else:
        figure, axes, terms = ax.figure, [ax], []
    for name, panel in zip(["loss", *terms], axes, strict=True):
        lines = {"training": history[name], "validation": history.get(f"val_{name}")}
        _panel(panel, {label: values for label, values in lines.items() if values})
        style.title(panel, name.replace("_", " "))
    # Beside the first title, where it covers no line.
    axes[0].legend(loc="lower right", bbox_to_anchor=(1.02, 0.98), ncols=2, columnspacing=1.0,
                   handlelength=1.0, handletextpad=0.4, frameon=False, fontsize=style.SMALL,
                   labelcolor="linecolor")  # fmt: skip
    return figure


def _panel(ax, lines):
    colours = {"training": style.FIRST, "validation": style.SECOND}
    for label, values in lines.items():
        epochs = np.arange(1, len(values) + 1)
        dots = "o" if len(values) <= 30 else ""
        ax.plot(epochs, values, marker=dots, linestyle="-", color=colours[label], linewidth=1.6,
                markersize=3.5, label=label)  # fmt: skip
    values = np.concatenate([np.asarray(series, float) for series in lines.values()])
    values = values[np.isfinite(values)]
    if values.size and values.min() > 0 and values.max() > 20 * values.min():
        ax.set_yscale("log")
    style.plain(ax, grid="y")
    style.axis_titles(ax, "epoch")
    ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    longest = max(map(len, lines.values()))
    edge = min(0.9, 0.1 + 0.04 * longest)  # below 1, so that the axis does not show an epoch 0
    ax.set_xlim(1 - edge, longest + edge)
    ax.margins(y=0.08)
