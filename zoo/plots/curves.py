"""The loss and its named terms, epoch by epoch."""

import numpy as np

from zoo.errors import UsageError
from zoo.plots import style


def curves(history: dict[str, list[float]], ax=None):
    """The loss in training and on validation, epoch by epoch, and each named term beside it.

    An axis is logarithmic where its values, all positive, span more than a factor of 20.

    Args:
        history: for each name as many values as epochs; a name's twin on the validation rows
            has `val_` before it.
        ax: a matplotlib axes, which takes the loss alone; by default a new figure, with a panel
            for each further term.

    Raises:
        UsageError: if there is no loss, or not one epoch of it.
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
        wide = style.WIDTH if terms else 0.7 * style.WIDTH
        columns = 2 if len(terms) in (1, 3) else 3
        figure, axes = style.panels(1 + len(terms), 3.0, columns, wide)
    else:
        figure, axes, terms = ax.figure, [ax], []
    for name, each in zip(["loss", *terms], axes, strict=True):
        lines = {"training": history[name], "validation": history.get(f"val_{name}")}
        _panel(each, {label: values for label, values in lines.items() if values})
        style.title(each, name.replace("_", " "))
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
    values = np.concatenate([np.asarray(each, float) for each in lines.values()])
    values = values[np.isfinite(values)]
    if values.size and values.min() > 0 and values.max() > 20 * values.min():
        ax.set_yscale("log")
    style.plain(ax, grid="y")
    style.axis_titles(ax, "epoch")
    ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    longest = max(map(len, lines.values()))
    edge = min(0.9, 0.1 + 0.04 * longest)  # less than one epoch: there is no epoch 0
    ax.set_xlim(1 - edge, longest + edge)
    ax.margins(y=0.08)
