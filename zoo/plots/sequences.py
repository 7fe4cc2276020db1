"""Draws sequences as lines over time: originals and their reconstructions, channel by channel."""

import numpy as np

from zoo.errors import UsageError
from zoo.plots import style

COLOURS = (style.MUTED, style.FIRST, style.SECOND, *style.CLASSES)
CHANNELS = 4  # the most channels that are drawn
BAND, GAP = 0.8, 0.08  # height of a channel's lines in its band; space between sequences


def sequences(rows: dict[str, np.ndarray], ax=None, *, channel_names=None):
    """Draws sequences side by side as lines over time, every version over the others.

    Each channel has a band of its own, whose label names the range of its values. Of more than
    four channels, four are drawn that are spread over those that vary.

    Args:
        rows: Dict from the label of each version, such as `"original"`, to an array of shape
            `(sequences, steps, channels)`. The first is drawn wide and grey, under the others.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.
        channel_names: Sequence of strings. The names of the channels. Defaults to None, for their
            numbers from 0.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If there are no sequences, or if the versions have different shapes.

    Example:

    >>> x = np.sin(np.arange(60.0)).reshape(1, 30, 2)
    >>> figure = sequences({"original": x, "reconstruction": 0.9 * x})
    """
    style.require_dict("rows", rows)
    rows = {label: np.asarray(x, np.float32) for label, x in rows.items()}
    shapes = [x.shape for x in rows.values()]
    if not shapes or set(shapes) != {shapes[0]} or len(shapes[0]) != 3 or 0 in shapes[0]:
        raise UsageError(
            "`rows` must hold sequences of the same shape for each label, "
            "(sequences, steps, channels). "
            f"Received: {dict(zip(rows, shapes, strict=True))}."
        )
    shown = spread_channels(next(iter(rows.values())))
    figure, ax = style.panel(ax, 0.8 + 0.9 * len(shown))
    labels = draw_bands(ax, {label: x[..., shown] for label, x in rows.items()})
    names = channel_names or [f"channel {number}" for number in range(shapes[0][2])]
    texts = [f"{names[channel]}\n{text}" for channel, text in zip(shown, labels, strict=True)]
    style.bare(ax)
    ax.set_yticks([len(texts) - 1 - number + BAND / 2 for number in range(len(texts))], texts)
    ax.tick_params(length=0, labelsize=style.SMALL, labelcolor=style.INK)
    style.caption(ax, f"{shapes[0][1]} steps from left to right")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(rows), frameon=False,
              fontsize=style.SMALL)  # fmt: skip
    return figure


def spread_channels(x: np.ndarray, most: int = CHANNELS) -> list[int]:
    """Returns the numbers of a few channels that are spread evenly over those that vary.

    Args:
        x: Array of shape `(sequences, steps, channels)`.
        most: Integer. The largest number of channels. Defaults to 4.

    Returns:
        A list of integers, rising; all channels if there are few, or if none varies.

    Example:

    >>> spread_channels(np.arange(20.0).reshape(1, 2, 10), most=3)
    [0, 4, 9]
    """
    flat = x.reshape(-1, x.shape[-1])
    if x.shape[-1] <= most:
        return list(range(x.shape[-1]))
    low, high = (pick.reduce(flat, axis=0) for pick in (np.fmin, np.fmax))  # which skip NaN
    varying = np.flatnonzero(high > low)
    varying = varying if len(varying) else np.arange(x.shape[-1])
    places = np.linspace(0, len(varying) - 1, min(most, len(varying)))
    return varying[places.astype(int)].tolist()


def draw_bands(ax, rows: dict[str, np.ndarray]) -> list[str]:
    """Draws each channel of sequences in a band of height 1, the first channel at the top.

    The first sequence starts at x = 0, and each takes one unit.

    Args:
        ax: Matplotlib axes.
        rows: Dict from the label of each version to an array `(sequences, steps, channels)`.

    Returns:
        A list of strings, for each channel the range of its values.

    Example:

    >>> _, ax = style.panel(None)
    >>> draw_bands(ax, {"original": np.array([[[0.0], [2.5]]])})
    ['0 to 2.5']
    """
    every = np.stack(list(rows.values()))  # (versions, sequences, steps, channels)
    count, steps, channels = every.shape[1:]
    low, high = (  # without missing steps, NaN, which are not drawn
        pick.reduce(every.reshape(-1, channels), axis=0) for pick in (np.fmin, np.fmax)
    )
    scaled = (every - low) / np.where(high > low, high - low, 1)
    x = np.linspace(0, 1 - GAP, steps) if steps > 1 else np.array([0.5])
    for version, label in enumerate(rows):
        look = {"linewidth": 3.0, "alpha": 0.45} if version == 0 else {"linewidth": 1.2}
        marker = {} if steps > 1 else {"marker": "o", "markersize": 3}
        for channel in range(channels):
            bottom = channels - 1 - channel
            for number in range(count):
                first = {"label": label} if channel == number == 0 else {}
                values = bottom + BAND * scaled[version, number, :, channel]
                colour = COLOURS[version % len(COLOURS)]
                ax.plot(x + number, values, color=colour, **look, **marker, **first)
    for number in range(1, count):
        ax.axvline(number - GAP / 2, color=style.GRID, linewidth=0.8)
    ax.set_xlim(-GAP / 2, count - GAP / 2)
    ax.set_ylim(-(1 - BAND) / 2, channels - (1 - BAND) / 2)
    return [f"{a:.3g} to {b:.3g}" for a, b in zip(low.tolist(), high.tolist(), strict=True)]
