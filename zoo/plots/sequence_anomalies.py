"""Draws the least and the most anomalous sequences, with the error of each step over time."""

import numpy as np

from zoo.errors import UsageError
from zoo.plots import style
from zoo.plots.sequences import BAND, GAP, draw_bands

COLOURS = "Reds"  # nearly white where there is no error
CHANNELS, STRIP = 2, (-0.6, -0.25)  # channels that are drawn; bottom and top of the errors


def sequence_anomalies(sequences, reconstructions, scores, count: int = 3, ax=None, *, unit=1.0):
    """Draws the least and the most anomalous sequences over their reconstructions and errors.

    The two channels with the largest errors are drawn. Under their lines a strip shows the squared
    error of each step, mean over the channels, darker where it is larger, on one scale for all
    sequences. The score stands below it.

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
    squares = np.nan_to_num(np.square((x - y) / unit))  # missing steps have no error
    errors = squares.mean(axis=-1)  # (rows, steps)
    shown = np.sort(np.argsort(-squares.mean(axis=(0, 1)), kind="stable")[:CHANNELS]).tolist()
    figure, ax = style.panel(ax, 1.6 + 0.9 * len(shown))
    texts = draw_bands(ax, {"original": x[..., shown], "reconstruction": y[..., shown]})
    for number, error in enumerate(errors / max(errors.max(), 1e-12)):
        place = (number, number + 1 - GAP, *STRIP)
        ax.imshow(error[None], COLOURS, vmin=0, vmax=1, extent=place, aspect="auto",
                  interpolation="nearest")  # fmt: skip
        ax.annotate(f"{scores[rows[number]]:.3g}", (number + (1 - GAP) / 2, STRIP[0]), (0, -3),
                    textcoords="offset points", ha="center", va="top", fontsize=style.SMALL,
                    color=style.MUTED)  # fmt: skip
    ax.set_xlim(-GAP / 2, 2 * count - GAP / 2)
    ax.set_ylim(STRIP[0] - 0.35, len(shown) - 0.1)
    style.bare(ax)
    bands = [len(shown) - 1 - n + BAND / 2 for n in range(len(shown))]
    names = [f"channel {channel}\n{text}" for channel, text in zip(shown, texts, strict=True)]
    ax.set_yticks([*bands, STRIP[0]], [*names, "squared error\nand score"])
    ax.tick_params(length=0, labelsize=style.SMALL, labelcolor=style.INK)
    for start, text in ((0, "least anomalous"), (count, "most anomalous")):
        ax.annotate(text, (start, len(shown) - 0.1), (0, 4), textcoords="offset points",
                    fontsize=style.TITLE, color=style.INK)  # fmt: skip
    ax.axvline(count - GAP / 2, color=style.MUTED, linewidth=1.2)
    ax.legend(loc="upper left", bbox_to_anchor=(0, 0), ncols=2, frameon=False,
              fontsize=style.SMALL)  # fmt: skip
    return figure
