"""Draws layer-wise pre-training step by step: each layer alone, unrolled, fine-tuned."""

import math
from collections.abc import Iterable

from zoo.errors import UsageError
from zoo.plots import style
from zoo.plots.architecture import COLOURS

# All in inches: the axes measure in inches too.
PANEL, WIDEST = 2.0, 1.1  # width of a step, and of its widest box
FLOOR, BOX, GAP = 0.5, 0.24, 0.32  # bottom of the first box, height of a box, space for an arrow
KERNEL = 0.1  # from the arrow to the kernel's name


def layerwise(units: Iterable[int], notes: Iterable[str], ax=None, *, tied: bool = False):
    """Draws the steps of layer-wise pre-training, from the first layer to the fine-tuned network.

    There is a step for each layer, in which it learns on the codes of the layers below, then the
    step that unrolls the layers into an auto-encoder, and the one that trains all of them. The
    input stands at the bottom. A heavy arrow is a kernel that learns in this step, a light one is
    fixed. The decoder starts with the encoder's kernels, transposed; once all layers are trained,
    its kernels are its own, V1, V2, ..., unless the two are tied.

    Args:
        units: Iterable of integers. Number of values of the input and of each layer, such as
            `(784, 300, 30)`.
        notes: Iterable of strings, one for each step, written below it, such as the error measured
            after it. There are two more steps than layers.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.
        tied: Boolean. Whether the decoder's kernels stay the encoder's, transposed. Defaults to
            False.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If there is no layer, or not one note for each step.

    Example:

    >>> notes = ["error 9.8", "error of the codes 4.1", "error 17.2", "error 8.9"]
    >>> figure = layerwise((784, 300, 30), notes)
    """
    units, notes = tuple(units), tuple(notes)
    layers = len(units) - 1
    if layers < 1 or len(notes) != layers + 2:
        raise UsageError(
            "`units` must be the sizes of the input and of at least one layer, and `notes` one "
            f"string for each of the steps, two more than layers. Received: {len(units)} sizes and "
            f"{len(notes)} notes."
        )
    width, height = PANEL * (layers + 2), FLOOR + (BOX + GAP) * (2 * layers + 1) + 0.4
    figure, ax = style.panel(ax, height, width)
    ax.set_xlim(0, width)
    ax.set_ylim(0, height)
    ax.axis("off")
    titles = [f"learn layer {number}" for number in range(1, layers + 1)]
    for number, (title, note) in enumerate(
        zip([*titles, "unroll", "fine-tune"], notes, strict=True), start=1
    ):
        middle = PANEL * (number - 0.5)
        text = {"ha": "center", "va": "center"}
        ax.text(middle, height - 0.15, f"{number}. {title}", fontsize=style.TITLE,
                color=style.INK, **text)  # fmt: skip
        ax.text(middle, 0.2, note, fontsize=style.TEXT, color=style.INK, **text)
        _step(ax, middle, units, number, tied)
    return figure


def _step(ax, middle, units, number, tied):
    """Draws the boxes and arrows of a step; steps are counted from 1."""
    layers = len(units) - 1
    unrolled = number > layers
    shown = units + units[-2::-1] if unrolled else units[: number + 1]
    for place, size in enumerate(shown):
        part = "encoder" if place < layers else "latent" if place == layers else "decoder"
        _box(ax, middle, place, size, WIDEST * math.log2(1 + size) / math.log2(1 + max(units)),
             COLOURS[part])  # fmt: skip
    for place in range(len(shown) - 1):
        tuned, mirrored = number == layers + 2, 2 * layers - place
        transposed = f"V{mirrored}" if tuned and not tied else f"W{mirrored}ᵀ"
        name = f"W{place + 1}" if place < layers else transposed
        learns = tuned or (not unrolled and place == number - 1)
        _arrow(ax, middle, place, name, learns, both=not unrolled and learns)


def _bottom(place):
    return FLOOR + (BOX + GAP) * place


def _box(ax, middle, place, size, width, colour):
    from matplotlib.patches import Rectangle

    corner = (middle - width / 2, _bottom(place))
    ax.add_patch(Rectangle(corner, width, BOX, color=colour, linewidth=0))
    ax.text(middle, _bottom(place) + BOX / 2, f"{size:,}", ha="center", va="center_baseline",
            fontsize=style.SMALL, color=style.text_on(colour))  # fmt: skip


def _arrow(ax, middle, place, name, learns, both):
    start, end = _bottom(place) + BOX, _bottom(place + 1)
    colour = style.INK if learns else style.MUTED
    looks = {"arrowstyle": "<|-|>" if both else "-|>", "color": colour, "shrinkA": 1, "shrinkB": 1}
    looks |= {"linewidth": 2 if learns else 0.8, "mutation_scale": 8}
    ax.annotate("", (middle, end), (middle, start), arrowprops=looks)
    ax.text(middle + KERNEL, (start + end) / 2, name, va="center_baseline", color=colour,
            fontsize=style.SMALL, fontweight="bold" if learns else "normal")  # fmt: skip
