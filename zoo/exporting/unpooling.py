"""Converts the native and the scatter form of unpooling to ONNX."""

import functools

import numpy as np
import onnx
from tf2onnx import utils

from zoo.layers import ArgmaxPooling, Unpooling

_CHANNELS_FIRST, _CHANNELS_LAST = [0, 3, 1, 2], [0, 2, 3, 1]


def form(model, chosen: str) -> str | None:
    """Returns the form of unpooling in a model's ONNX files, or None if it has no switches.

    Args:
        model: Keras model.
        chosen: String. The form that was chosen.

    Example:

    >>> form(zoo.build("linear_ae"), "native") is None
    True
    """
    layers = getattr(model, "autoencoder", model).layers  # a scorer's is inside
    switched = any(
        isinstance(layer, ArgmaxPooling) or getattr(layer, "mode", None) == "argmax"
        for layer in layers
        if isinstance(layer, (ArgmaxPooling, Unpooling))
    )
    return chosen if switched else None


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
    """Converts to MaxPool, whose positions count all values of the batch, channels first."""
    window = list(node.get_attr("ksize").ints)[1:3]
    outputs, shapes = list(node.output), list(node.output_shapes)
    dtypes, (x,) = list(node.output_dtypes), node.input
    ctx.remove_node(node.name)
    first = _node(ctx, "Transpose", [x], perm=_CHANNELS_FIRST)
    pooled = ctx.make_node(
        "MaxPool", [first], output_count=2, attr={"kernel_shape": window, "strides": window}
    )
    for result, output, shape, dtype in zip(pooled.output, outputs, shapes, dtypes, strict=True):
        ctx.make_node(
            "Transpose", [result], outputs=[output], attr={"perm": _CHANNELS_LAST},
            shapes=[shape], dtypes=[dtype],
        )  # fmt: skip


def _unpool(write, ctx, node, name, args):
    """Converts to the nodes that `write` returns for values and positions, channels first."""
    (output,), (_, values, positions) = node.output, node.input
    shape, dtype = ctx.get_shape(output), ctx.get_dtype(output)
    ctx.remove_node(node.name)
    sizes = _node(ctx, "Shape", [values])
    rows = _node(ctx, "Slice", [sizes, _constant(ctx, [0]), _constant(ctx, [1])])
    values = _node(ctx, "Transpose", [values], perm=_CHANNELS_FIRST)
    positions = _node(ctx, "Transpose", [positions], perm=_CHANNELS_FIRST)
    height, width, channels = shape[1:]
    result = write(ctx, values, positions, rows, (channels, height, width))
    ctx.make_node(
        "Transpose", [result], outputs=[output], attr={"perm": _CHANNELS_LAST},
        shapes=[shape], dtypes=[dtype],
    )  # fmt: skip


def _max_unpool(ctx, values, positions, rows, target):
    sizes = _node(ctx, "Concat", [rows, _constant(ctx, target)], axis=0)
    return _node(ctx, "MaxUnpool", [values, positions, sizes], kernel_shape=[1, 1], strides=[1, 1])


def _scatter(ctx, values, positions, rows, target):
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
