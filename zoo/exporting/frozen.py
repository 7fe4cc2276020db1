"""Endpoints of a model as graphs without variables, which converters take."""

from typing import NamedTuple

import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from zoo.layers import unpooling_forms


class Frozen(NamedTuple):
    """Graph of an endpoint, with its variables and adapted values as constants.

    Attributes:
        definition: `GraphDef`.
        inputs: List of strings. Names of the input tensors, in the order of the signature.
        outputs: List of strings. Names of the output tensors, sorted by the outputs' own names.

    Example:

    >>> endpoint(zoo.build("linear_ae"), "encode").outputs
    ['Identity:0']
    """

    definition: tf.compat.v1.GraphDef
    inputs: list[str]
    outputs: list[str]


def endpoint(model, name: str, form: str = "one-hot") -> Frozen:
    """Returns an endpoint of a model as a graph without variables.

    Args:
        model: `AutoEncoder`, classifier or scorer.
        name: String. Name of the endpoint.
        form: String. The form of unpooling by switches, one of `unpooling_forms.FORMS`. Defaults to
            `"one-hot"`.

    Returns:
        A `Frozen`.

    Example:

    >>> endpoint(zoo.build("linear_ae"), "encode").inputs
    ['image:0']
    """
    inputs, _ = model.signatures[name]
    # Drawn anew, because the model's own endpoint may be drawn in another form already.
    function = tf.function(model.endpoints[name].python_function, input_signature=inputs)
    with unpooling_forms.drawn_as(form):
        concrete = function.get_concrete_function()
    # tf2onnx knows a recurrent layer by its loop, which must stay one operation.
    frozen = convert_variables_to_constants_v2(concrete, lower_control_flow=False)
    names = [tensor.name for tensor in frozen.inputs]
    values = dict(zip(names[len(inputs) :], frozen.captured_inputs, strict=True))
    definition = frozen.graph.as_graph_def()
    for node in definition.node:
        node.attr.pop("_gradient_op_type", None)  # a name that only this process knows
        if f"{node.name}:0" in values:
            _make_constant(node, values[f"{node.name}:0"].numpy())
    return Frozen(definition, names[: len(inputs)], [tensor.name for tensor in frozen.outputs])


def _make_constant(node, value):
    proto = tf.make_tensor_proto(value)
    node.op = "Const"
    node.attr.clear()
    node.attr["value"].tensor.CopyFrom(proto)
    node.attr["dtype"].type = proto.dtype
