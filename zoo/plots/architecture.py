"""Draws a model from its Keras graph: a bar for each step, from the input to the reconstruction."""

import itertools
import math
import textwrap
from typing import NamedTuple

from zoo.errors import UsageError
from zoo.plots import style

# All in inches: the axes measure in inches too.
ROW, BAR = 0.3, 0.21  # height of a row, and of the bar in it
NAMES, MIDDLE, WIDEST, SHAPES = 0.0, 4.55, 3.0, style.WIDTH  # where things stand; the longest bar
LANE = 0.13  # between lines that lead from one step to a later one
LINE = 32  # characters of a name on a line
COLOURS = {"encoder": style.FIRST, "latent": style.SECOND, "decoder": "#86add6"}
PARTS = {"encoder": "encoder", "latent": "latent code", "decoder": "decoder"}
UNNAMED = ("Bias", "Flatten", "Identity", "Reshape")


class Step(NamedTuple):
    """A step of a model: its part of the drawing, its name, its output, and its layers."""

    part: str  # "encoder", "latent" or "decoder"
    name: str
    shape: tuple[int, ...]  # of one row
    layers: tuple = ()


def architecture(model, ax=None):
    """Draws the steps of an auto-encoder as bars, from the input at the top to the reconstruction.

    A bar is as wide as the logarithm of the number of values that the step returns, so that the
    latent code is the waist of the figure. To the left stand the layer, its kernel size and its
    activation, to the right the shape of its output for one row. A layer without a kernel that
    changes no number of values, such as an activation, is drawn with the layer before it. A line
    beside the bars leads from a step to a later one that uses its output too, such as switches, and
    a dashed line joins steps that are tied: they share one kernel.

    Args:
        model: An `AutoEncoder`.
        ax: Matplotlib axes. Defaults to None, which draws on a new figure.

    Returns:
        The matplotlib figure.

    Raises:
        UsageError: If the model has no encoder and decoder.

    Example:

    >>> figure = architecture(zoo.build("deep_ae", widths=(100,), latent_dim=2))
    """
    rows = steps(model)
    figure, ax = style.panel(ax, ROW * (len(rows) + 1))
    ax.set_xlim(0, style.WIDTH)
    ax.set_ylim(ROW * (len(rows) + 0.9), 0)  # rows count downwards
    ax.axis("off")
    largest = max(math.log2(1 + math.prod(row.shape)) for row in rows)
    widths = [WIDEST * math.log2(1 + math.prod(row.shape)) / largest for row in rows]
    for number, (row, width) in enumerate(zip(rows, widths, strict=True)):
        _bar(ax, number, row, width)
    for number, pair in enumerate(itertools.pairwise(widths)):
        _funnel(ax, number, *pair)
    _links(ax, links(model, rows), widths)
    _key(ax, len(rows))
    return figure


def steps(model) -> list[Step]:
    """Returns the steps of a model in their order.

    Args:
        model: An `AutoEncoder`.

    Returns:
        A list of `Step`.

    Raises:
        UsageError: If the model has no encoder and decoder.

    Example:

    >>> [step.shape for step in steps(zoo.build("shallow_ae", input_shape=(8,), latent_dim=2))]
    [(8,), (2,), (8,)]
    """
    try:
        encoder, decoder, others = model.encoder, model.decoder, model.code_names[1:]
    except AttributeError:
        raise UsageError(
            f"`model` must be an AutoEncoder. Received: {type(model).__name__}."
        ) from None
    latent = encoder.get_layer("latent")
    inner = [layer for layer in encoder.layers if layer is not latent and layer.name not in others]
    outer = [layer for layer in decoder.layers if not _is(layer, "InputLayer")]
    shared = set(map(id, inner)) & set(map(id, outer))
    found = [Step("encoder", _name(layer), _shape(layer.output), (layer,)) for layer in inner]
    found.append(Step("latent", _name(latent), _shape(latent.output), (latent,)))
    known = {id(tensor) for layer in model.layers for tensor in _listed(layer.output)}
    for number, layer in enumerate(outer, start=1):
        tensor = layer.output
        if id(layer) in shared:  # whose `output` is that in the encoder
            after = [each for later in outer[number:] for each in _listed(later.input)]
            second = (each for each in after if id(each) not in known)
            tensor = next(second, model.output)
            known.add(id(tensor))
        found.append(Step("decoder", _name(layer), _shape(tensor), (layer,)))
    return _labelled(_joined(found))


def links(model, rows: list[Step]) -> dict[tuple[int, int], str]:
    """Returns the connections between steps that do not follow each other.

    Args:
        model: An `AutoEncoder`.
        rows: List of `Step`, those of the model.

    Returns:
        A dict from pairs of indices of steps to a label: `"tied"`, the name of what is handed on,
        such as `"switches"`, or `""`.

    Example:

    >>> pca = zoo.build("pca")
    >>> links(pca, steps(pca))
    {(1, 2): 'tied'}
    """
    home = {}  # for each layer, the rows in which it is called
    for number, row in enumerate(rows):
        for layer in row.layers:
            home.setdefault(id(layer), []).append(number)
    found = {(calls[0], calls[-1]): "tied" for calls in home.values() if len(calls) > 1}
    # The output of a layer's first call; a second one, of a tied layer, is the step just before.
    origins = {id(tensor): layer for layer in model.layers for tensor in _listed(layer.output)}
    for number, row in enumerate(rows):
        for layer in row.layers:
            if _is(layer, "InputLayer") or home[id(layer)][0] < number:
                continue
            for tensor in _listed(layer.input):
                origin, label = origins.get(id(tensor)), ""
                while origin is not None and id(origin) not in home:  # beside the code
                    label = label or origin.name.rstrip("_0123456789")
                    origin = origins.get(id(_listed(origin.input)[0]))
                source = number - 1 if origin is None else home[id(origin)][0]
                if source < number - 1:
                    found[source, number] = label
    return found


def _joined(found):
    """Returns the steps with those that only change values drawn into the step before them."""
    rows = []
    for row in found:
        before = rows[-1] if rows else Step("", "", ())
        same_size = math.prod(row.shape) == math.prod(before.shape)
        code = row.part == "latent" and same_size and _is(row.layers[0], "Identity")
        if code or (row.part == before.part and same_size and not _has_kernel(row.layers[0])):
            name = ", ".join(filter(None, (before.name, row.name)))
            shape = max(row.shape, before.shape, key=len)
            rows[-1] = Step(row.part, name, shape, before.layers + row.layers)
        else:
            rows.append(row)
    return rows


def _labelled(rows):
    """Returns the steps with the latent code and the reconstruction named."""
    names = [row.name + ": latent code" * (row.part == "latent") for row in rows]
    names[-1] += ": reconstruction"
    return [
        row._replace(name=name.removeprefix(": ")) for row, name in zip(rows, names, strict=True)
    ]


def _name(layer):
    """Returns what a step is called: its class, its kernel's size, its activation."""
    if _is(layer, "InputLayer"):
        return f"input: {layer.name}"
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    if _is(layer, "Activation"):
        return activation
    size = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    size = f" {' × '.join(map(str, size))}" if isinstance(size, tuple) else ""
    kind = type(layer).__name__
    kind = "" if kind in UNNAMED else f"{kind}{size}"
    if layer.name.startswith("latent_"):  # a parameter of the code's distribution
        kind += f" ({layer.name.removeprefix('latent_').replace('_', ' ')})"
    return ", ".join(filter(None, (kind, activation if activation != "linear" else "")))


def _is(layer, kind):
    return kind in [each.__name__ for each in type(layer).__mro__]


def _has_kernel(layer):
    kernel = hasattr(layer, "kernel") or hasattr(layer, "kernel_size")
    return kernel or _is(layer, "MultiHeadAttention")  # which holds several


def _listed(tensors):
    return list(tensors) if isinstance(tensors, list | tuple) else [tensors]


def _shape(tensors):
    return tuple(_listed(tensors)[0].shape[1:])


def _middle(number):
    return ROW * (number + 0.5)


def _bar(ax, number, row, width):
    from matplotlib.patches import Rectangle

    corner = (MIDDLE - width / 2, _middle(number) - BAR / 2)
    ax.add_patch(Rectangle(corner, width, BAR, color=COLOURS[row.part], linewidth=0, zorder=2))
    name = "\n".join(textwrap.wrap(row.name, LINE))
    text = {"va": "center_baseline", "color": style.INK}
    size = style.TEXT if "\n" not in name else style.SMALL - 1  # two lines fit into a row
    ax.text(NAMES, _middle(number), name, fontsize=size, linespacing=1.0, **text)
    shape = " × ".join(f"{size:,}" for size in row.shape)
    ax.text(SHAPES, _middle(number), shape, fontsize=style.TEXT, ha="right", **text)


def _funnel(ax, number, above, below):
    from matplotlib.patches import Polygon

    top, bottom = _middle(number) + BAR / 2, _middle(number + 1) - BAR / 2
    half = ((above / 2, top), (below / 2, bottom))
    corners = [(MIDDLE + x, y) for x, y in half] + [(MIDDLE - x, y) for x, y in half[::-1]]
    ax.add_patch(Polygon(corners, color=style.MUTED, alpha=0.18, linewidth=0, zorder=1))


def _links(ax, found, widths):
    """Draws each link in the first lane, counted from the bars, that is free along its length.

    Of links inside each other only the outermost has a label.
    """
    lanes = []
    for pair, label in sorted(found.items(), key=lambda link: link[0][1] - link[0][0]):
        start, end = pair
        free = (
            number
            for number, lane in enumerate(lanes)
            if all(end < first or last < start for first, last in lane)
        )
        number = next(free, len(lanes))
        lanes[number:] = lanes[number:] or [[]]
        lanes[number].append((start, end))
        tied = label == "tied"
        x = MIDDLE + WIDEST / 2 + LANE * (number + 1)
        left = [MIDDLE + widths[row] / 2 + 0.04 for row in (start, end)]
        y = [_middle(start), _middle(end)]
        colour = style.MUTED if tied else style.SECOND
        looks = {"color": colour, "linewidth": 1.2, "linestyle": (0, (3, 2)) if tied else "-"}
        ax.plot([left[0], x, x, left[1]], [y[0], y[0], y[1], y[1]], **looks, zorder=3)
        if not tied:
            arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.2}
            ax.annotate("", (left[1], y[1]), (left[1] + 0.1, y[1]), arrowprops=arrow)
        if not any(
            first <= start and end <= last for first, last in found if (first, last) != pair
        ):
            ax.text(x + 0.05, sum(y) / 2, label, va="center", rotation=270, fontsize=style.SMALL,
                    color=colour)  # fmt: skip


def _key(ax, count):
    from matplotlib.patches import Rectangle

    x, y = NAMES, ROW * (count + 0.55)
    text = {"va": "center", "fontsize": style.SMALL, "color": style.MUTED}
    for part, name in PARTS.items():
        ax.add_patch(Rectangle((x, y - 0.06), 0.12, 0.12, color=COLOURS[part], linewidth=0))
        ax.text(x + 0.18, y, name, **text)
        x += 0.42 + 0.072 * len(name)
    ax.text(SHAPES, y, "width: logarithm of the number of values", ha="right", **text)
