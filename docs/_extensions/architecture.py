"""Draws a model from its Keras graph: a bar for each layer, as wide as its output is large."""

import html
import math

import keras

ROW, WIDTH = 28, 640  # of the picture, in pixels
TEXT, MIDDLE, BAR = 4, 410, 210  # where names begin, bars are centred, and the longest bar
CHARACTERS = 40  # that fit beside the bars
UNNAMED = ("Bias", "Flatten", "Identity", "Reshape")


def steps(model) -> list[tuple[str, str, tuple]]:
    """Returns the part, the name and the output shape of each step from input to reconstruction.

    What has no kernel and changes no number of values, such as an activation or a reshaping,
    belongs to the step before it.
    """
    latent = model.encoder.get_layer("latent")
    inner = [layer for layer in model.encoder.layers if layer is not latent]
    outer = [layer for layer in model.decoder.layers if not _is_input(layer)]
    shared = set(map(id, inner)) & set(map(id, outer))
    found = [("encoder", layer, _shape(layer.output)) for layer in inner]
    found.append(("latent", latent, _shape(latent.output)))
    for layer, after in zip(outer, [*outer[1:], None], strict=True):
        # A shared layer's `output` is that in the encoder.
        tensor = layer.output if id(layer) not in shared else after and after.input
        found.append(("decoder", layer, _shape(model.output if tensor is None else tensor)))
    return _joined(found)


def _joined(found):
    rows = []
    for part, layer, shape in found:
        name = _name(layer)
        before = rows[-1] if rows else ("", "", ())
        as_many = math.prod(shape) == math.prod(before[2])
        if part == before[0] and as_many and not _has_kernel(layer):
            joined = ", ".join(filter(None, (before[1], name)))
            rows[-1] = (part, joined, max(shape, before[2], key=len))
        else:
            rows.append((part, name, shape))
    return rows


def _name(layer):
    """Returns what a step is called: its class, its kernel's size, its activation."""
    if _is_input(layer):
        return f"input: {layer.name}"
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    if isinstance(layer, keras.layers.Activation):
        return activation
    if layer.name == "latent" and not layer.weights:
        kind = type(layer).__name__
        return "latent code" if kind == "Identity" else f"latent code: {kind}"
    size = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    size = f" {' × '.join(map(str, size))}" if isinstance(size, tuple) else ""
    after = "" if activation == "linear" else f", {activation}"
    kind = type(layer).__name__
    name = "" if kind in UNNAMED else f"{kind}{size}"
    return f"{name}{after}".removeprefix(", ")


def _has_kernel(layer):
    return hasattr(layer, "kernel") or hasattr(layer, "kernel_size")


def _is_input(layer):
    return isinstance(layer, keras.layers.InputLayer)


def _shape(tensor):
    tensors = tensor if isinstance(tensor, list | tuple) else [tensor]
    return tuple(tensors[0].shape[1:])


def svg(model) -> str:
    """Returns the drawing, whose colours are those of the page."""
    rows = steps(model)
    height = ROW * len(rows)
    largest = max(math.log2(1 + math.prod(shape)) for _, _, shape in rows)
    spoken = "; ".join(f"{name}: {_spelled(shape)}" for _, name, shape in rows)
    lines = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{html.escape(spoken)}" xmlns="http://www.w3.org/2000/svg">'
    ]
    for number, (part, name, shape) in enumerate(rows):
        top = number * ROW
        bar = BAR * math.log2(1 + math.prod(shape)) / largest
        lines += [
            f'<rect class="{part}" x="{MIDDLE - bar / 2:.0f}" y="{top + 4}" width="{bar:.0f}" '
            f'height="{ROW - 8}" rx="4"/>',
            f'<text x="{TEXT}" y="{top + 19}">{html.escape(_short(name))}</text>',
            f'<text x="{WIDTH - TEXT}" y="{top + 19}" text-anchor="end">{_spelled(shape)}</text>',
        ]
    return "\n".join([*lines, "</svg>"])


def _short(name):
    return name if len(name) <= CHARACTERS else f"{name[: CHARACTERS - 1]}…"


def _spelled(shape):
    return " × ".join(f"{size:,}" for size in shape)
