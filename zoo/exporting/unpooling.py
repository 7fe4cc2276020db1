"""Converts the native and the scatter form of unpooling to ONNX."""

import functools

import numpy as np
import onnx
from tf2onnx import utils

from zoo.layers import ArgmaxPooling, Unpooling

_CHANNELS_FIRST, _CHANNELS_LAST = [0, 3, 1, 2], [0, 2, 3, 1]


def form(model, chosen: str) -> str | None:
    """Returns the form of unpooling in a model's ONNX files, or None if it has no switches.

    Volumes are unpooled by one-hot products whatever was chosen.

    Args:
        model: Keras model.
        chosen: String. The form that was chosen.

    Example:

    >>> form(zoo.build("linear_ae"), "native") is None
    True
    """
    layers = getattr(model, "autoencoder", model).layers  # a scorer's is inside
    pooled = [layer for layer in layers if isinstance(layer, ArgmaxPooling)]
    unpooled = [each for each in layers if isinstance(each, Unpooling) and each.mode == "argmax"]
    if not pooled + unpooled:
        return None
    return "one-hot" if any(layer.rank > 2 for layer in pooled + unpooled) else chosen


def handlers(form: str) -> dict:
    """Returns the handlers by which tf2onnx converts a graph of `zoo.layers.unpooling_forms`.

    Args:
        form: String. One of its `FORMS`.

    Example:

    >>> sorted(handlers("native")), handlers("one-hot")
    (['MaxPoolGradWithArgmax', 'MaxPoolWithArgmax'], {})
    """
    if form == "one-hot":
        return {}
    unpool = functools.partial(_unpool, _max_unpool if form == "native" else _scatter)
    return {"MaxPoolWithArgmax": (_pool, []), "MaxPoolGradWithArgmax": (unpool, [])}


def _pool(ctx, node, name, args):
    """Converts to the maximum and its position over the values of a window, brought together.

    ONNX's MaxPool has an output for positions, but onnxruntime takes four times as long for it.
    """
    _, length, _, _ = node.get_attr("ksize").ints
    (x,) = node.input
    outputs = list(zip(node.output, node.output_shapes, node.output_dtypes, strict=True))
    _, height, width, channels = ctx.get_shape(x)
    _, *pooled, _ = ctx.get_shape(outputs[0][0])
    ctx.remove_node(node.name)
    x = _node(ctx, "Transpose", [x], perm=_CHANNELS_FIRST)
    if (height % length, width % length) != (0, 0):
        ends = _constant(ctx, [size * length for size in pooled])
        x = _node(ctx, "Slice", [x, _constant(ctx, [0, 0]), ends, _constant(ctx, [2, 3])])
    x = _node(ctx, "SpaceToDepth", [x], blocksize=length)
    x = _node(ctx, "Reshape", [x, _constant(ctx, [0, length * length, channels, *pooled])])
    values = _node(ctx, "ReduceMax", [x, _constant(ctx, [1])], keepdims=0)
    offsets = _node(ctx, "ArgMax", [x], axis=1, keepdims=0)
    for result, (output, shape, dtype) in zip((values, offsets), outputs, strict=True):
        _channels_last(ctx, result, output, shape, dtype)


def _unpool(write, ctx, node, name, args):
    """Converts to the nodes that `write` returns for values and positions, channels first."""
    (output,), (_, values, switches) = node.output, node.input
    _, *pool, _ = node.get_attr("ksize").ints
    shape, dtype = ctx.get_shape(output), ctx.get_dtype(output)
    _, *sizes, _ = ctx.get_shape(values)
    _, *target, channels = shape
    ctx.remove_node(node.name)
    while ctx.get_node_by_output(switches).type == "Cast":  # Gather takes int32 and int64
        switches = ctx.get_node_by_output(switches).input[0]
    # From the input of the graph, so that every unpooling shares these nodes.
    rows = _node(ctx, "Shape", [ctx.input_names[0]])
    rows = _node(ctx, "Slice", [rows, _constant(ctx, [0]), _constant(ctx, [1])])
    values = _node(ctx, "Transpose", [values], perm=_CHANNELS_FIRST)
    switches = _node(ctx, "Transpose", [switches], perm=_CHANNELS_FIRST)
    positions = _positions(ctx, switches, pool, sizes, target, channels)
    exact = [size * length for size, length in zip(sizes, pool, strict=True)] == target
    result = write(ctx, values, positions, rows, (channels, *target), exact and pool)
    _channels_last(ctx, result, output, shape, dtype)


def _positions(ctx, switches, pool, sizes, target, channels):
    """Returns where values go in one row's `(channels, *target)`."""
    (height, width), stride = sizes, target[1]
    offsets = np.add.outer(np.arange(pool[0]) * stride, np.arange(pool[1])).ravel()
    corners = np.add.outer(np.arange(height) * pool[0] * stride, np.arange(width) * pool[1])
    corners = np.add.outer(np.arange(channels) * np.prod(target), corners)[None]
    offsets = _node(ctx, "Gather", [_constant(ctx, offsets), switches], axis=0)
    return _node(ctx, "Add", [offsets, _constant(ctx, corners)])


def _channels_last(ctx, result, output, shape, dtype):
    ctx.make_node(
        "Transpose", [result], outputs=[output], attr={"perm": _CHANNELS_LAST},
        shapes=[shape], dtypes=[dtype],
    )  # fmt: skip


def _max_unpool(ctx, values, positions, rows, target, pool):
    scalar = _node(ctx, "Squeeze", [rows])
    numbers = _node(ctx, "Range", [_constant(ctx, 0), scalar, _constant(ctx, 1)])
    numbers = _node(ctx, "Reshape", [numbers, _constant(ctx, [-1, 1, 1, 1])])
    first = _node(ctx, "Mul", [numbers, _constant(ctx, np.prod(target))])
    positions = _node(ctx, "Add", [positions, first])  # MaxUnpool counts through the whole batch
    inputs, window = [values, positions], pool or [1, 1]
    if not pool:  # the pooling dropped a remainder
        inputs.append(_node(ctx, "Concat", [rows, _constant(ctx, target)], axis=0))
    return _node(ctx, "MaxUnpool", inputs, kernel_shape=window, strides=window)


def _scatter(ctx, values, positions, rows, target, pool):
    flat = _constant(ctx, [0, -1])  # 0 keeps the rows
    sizes = _node(ctx, "Concat", [rows, _constant(ctx, [np.prod(target)])], axis=0)
    zero = onnx.helper.make_tensor("value", onnx.TensorProto.FLOAT, [1], [0.0])
    zeros = _node(ctx, "ConstantOfShape", [sizes], value=zero)
    parts = [_node(ctx, "Reshape", [part, flat]) for part in (positions, values)]
    result = _node(ctx, "ScatterElements", [zeros, *parts], axis=1)
    return _node(ctx, "Reshape", [result, _constant(ctx, [-1, *target])])


def _node(ctx, kind, inputs, **attributes):
    return ctx.make_node(kind, inputs, attr=attributes).output[0]


def _constant(ctx, values):
    return ctx.make_const(utils.make_name("constant"), np.array(values, np.int64)).output[0]
