"""The figures; each function draws on `ax`, or on a new figure, and returns the figure."""

import io

import numpy as np

from zoo.atomic import replace_file

INK, GRID = "#1f2933", "#d9dee4"
COLOURS = ("#1f6fb4", "#d9622b", "#3a8f5c", "#8a5fb0", "#b23a48", "#6b7785")


def reconstructions(rows: dict[str, np.ndarray], ax=None):
    """Images in labelled rows, so that each column is one image and what became of it.

    Args:
        rows: for each label, `(images, height, width, channels)`, values in [0, 1].
        ax: a matplotlib axes; by default a new figure.
    """
    images = [_strip(row) for row in rows.values()]
    height = images[0].shape[0]
    sheet = np.concatenate(images, axis=0)
    figure, ax = _axes(ax, (1.2 + sheet.shape[1] / height, len(rows) * 1.02))
    ax.imshow(sheet, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set_yticks([height * (n + 0.5) - 0.5 for n in range(len(rows))], list(rows), fontsize=11)
    ax.set_xticks([])
    ax.tick_params(length=0, colors=INK)
    ax.spines[:].set_visible(False)
    return figure


def curves(history: dict[str, list[float]], ax=None):
    """The loss and the validation loss, epoch by epoch."""
    figure, ax = _axes(ax, (6.4, 3.6))
    shown = [key for key in ("loss", "val_loss") if key in history]
    for colour, key in zip(COLOURS, shown, strict=False):
        epochs = range(1, len(history[key]) + 1)
        label = {"loss": "training", "val_loss": "validation"}[key]
        ax.plot(epochs, history[key], color=colour, label=label, marker="o", markersize=3)
    ax.set_xlabel("epoch", color=INK)
    ax.set_ylabel("loss", color=INK)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(color=GRID, linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False)
    return figure


def save(figure, path):
    """Writes a figure as a PNG; returns the path."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=150, bbox_inches="tight", facecolor="white")
    return replace_file(path, drawn.getvalue())


def _strip(images):
    """`(images, height, width, channels)` side by side with a white gap, as one RGB picture."""
    images = np.clip(np.asarray(images, np.float32), 0, 1)
    if images.shape[-1] != 3:  # grey, or channels that are no colours: their mean
        images = np.repeat(images.mean(axis=-1, keepdims=True), 3, axis=-1)
    gap = max(1, images.shape[1] // 14)
    padded = np.pad(images, ((0, 0), (0, gap), (0, gap), (0, 0)), constant_values=1.0)
    return np.concatenate(list(padded), axis=1)


def _axes(ax, size):
    if ax is not None:
        return ax.figure, ax
    from matplotlib.figure import Figure  # no pyplot: no window, no global state

    figure = Figure(figsize=size)
    return figure, figure.add_subplot()
