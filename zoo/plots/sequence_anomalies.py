"""Draws the least and the most anomalous sequences, with the error of each step over time."""

import numpy as np

from zoo.errors import UsageError
from zoo.plots import style
from zoo.plots.sequences import BAND, GAP, draw_bands, label_bands, spread_channels

COLOURS = "Reds"  # nearly white where there is no error


def sequence_anomalies(sequences, reconstructions, scores, count: int = 3, ax=None, *, unit=1.0):
    """Draws the least and the most anomalous sequences over their reconstructions and errors.

    Under the lines of the channels a strip shows the squared error of each step, mean over the
    channels, darker where it is larger, on one scale for all sequences. The score stands below it.

    Args:
        sequences: Array of shape `(rows, steps, channels)`. At least two sequences.
        reconstructions: Array of the same shape.
        scores: Array of shape `(rows,)`. Anomaly scores; the higher, the less normal.
        count: Integer. Number of sequences of each kind. Defaults to 3, or to half of the rows if
            there are fewer.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.
        unit: Float, or array of shape `(channels,)`. What errors are measured in, such as the
            standard deviation of each channel. Defaults to 1.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If there are fewer than two sequences, or if the arrays do not have the same
            rows.

    Example:

    >>> x = np.random.default_rng(0).random((6, 30, 2))
    >>> figure = sequence_anomalies(x, x / 2, scores=x.mean(axis=(1, 2)))
    """
    x, y, scores = map(np.asarray, (sequences, reconstructions, scores))
    if x.ndim != 3 or y.shape != x.shape or scores.shape != x.shape[:1] or len(x) < 2:
        raise UsageError(
            "`sequences`, `reconstructions` and `scores` must have the same number of rows, two or "
            "more: (rows, steps, channels) and (rows,). "
            f"Received: {x.shape}, {y.shape}, {scores.shape}."
        )
    order = np.argsort(scores, kind="stable")
    count = min(count, len(order) // 2)
    rows = np.concatenate([order[:count], order[-count:]])
    x, y = x[rows], y[rows]
    errors = np.square((x - y) / unit).mean(axis=-1)  # (rows, steps)
    shown = spread_channels(x, most=2)
    figure, ax = style.panel(ax, 1.7 + 0.9 * len(shown))
    texts = draw_bands(ax, {"original": x[..., shown], "reconstruction": y[..., shown]})
    for number, error in enumerate(errors / max(errors.max(), 1e-12)):
        place = (number, number + 1 - GAP, -1, -1 + BAND / 2)
        ax.imshow(error[None], COLOURS, vmin=0, vmax=1, extent=place, aspect="auto",
                  interpolation="nearest")  # fmt: skip
        ax.annotate(f"{scores[rows[number]]:.3g}", (number + (1 - GAP) / 2, -1), (0, -3),
                    textcoords="offset points", ha="center", va="top", fontsize=style.SMALL,
                    color=style.MUTED)  # fmt: skip
    ax.set_xlim(-GAP / 2, 2 * count - GAP / 2)
    ax.set_ylim(-1.4, len(shown))
    names = [f"channel {channel}\n{text}" for channel, text in zip(shown, texts, strict=True)]
    label_bands(ax, [*names, "squared error\nscore"], lowest=-1.2)
    ax.set_yticks([*(len(shown) - 1 - n + BAND / 2 for n in range(len(shown))), -0.9],
                  [*names, "squared error\nand score"])  # fmt: skip
    for start, text in ((0, "least anomalous"), (count, "most anomalous")):
        ax.annotate(text, (start, len(shown)), (0, 4), textcoords="offset points",
                    fontsize=style.TITLE, color=style.INK)  # fmt: skip
    ax.axvline(count - GAP / 2, color=style.MUTED, linewidth=1.2)
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False,
              fontsize=style.SMALL)  # fmt: skip
    return figure
