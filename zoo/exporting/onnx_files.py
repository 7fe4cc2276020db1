"""Writes a checked ONNX file for each endpoint of a model."""

import contextlib
import logging

import onnx
import tf2onnx
from tf2onnx.onnx_opset.controlflow import Select

from zoo.errors import CheckFailedError
from zoo.exporting import frozen, unpooling
from zoo.storage.file_errors import printable
from zoo.storage.manifest import ONNX_FILES

OPSET = 18
FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE)


def write(model, folder, properties: dict[str, str], form: str = "one-hot") -> None:
    """Writes an ONNX file for each endpoint of a model, with named tensors and a `batch` axis.

    Args:
        model: `AutoEncoder`, classifier or scorer.
        folder: Path of the folder to write to.
        properties: Dict of strings. Properties that each file holds, such as its name and licence.
        form: String. The form of unpooling by switches, `"one-hot"`, `"scatter"` or `"native"`.
            Defaults to `"one-hot"`, which every runtime computes.

    Raises:
        CheckFailedError: If an operation of the model has no ONNX form, or a file is not valid
            ONNX.

    Example:

    >>> from pathlib import Path
    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> Path("files").mkdir()
    >>> write(model, Path("files"), {"name": "linear_ae"})
    >>> sorted(path.name for path in Path("files").iterdir())
    ['autoencoder.onnx', 'decoder.onnx', 'encoder.onnx']
    """
    logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)  # `_check` reports the same errors
    with _without_deprecations():
        _write(model, folder, properties, form)


def _write(model, folder, properties, form):
    properties = {key: printable(value) for key, value in properties.items()}
    for name, (inputs, outputs) in model.signatures.items():
        proto = _converted(frozen.endpoint(model, name, form), inputs, outputs, form)
        _name_axes(proto.graph, inputs, outputs)
        onnx.helper.set_model_props(proto, properties)
        _check(proto, model.variant)
        (folder / ONNX_FILES[name]).write_bytes(proto.SerializeToString())


@contextlib.contextmanager
def _without_deprecations():
    """Leaves out TensorFlow's warnings that tf2onnx calls deprecated functions."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(max(level, logging.ERROR))
    try:
        yield
    finally:
        logger.setLevel(level)


def _converted(graph, inputs, outputs, form):
    new_names = dict(zip(graph.inputs, [spec.name for spec in inputs], strict=True))
    new_names |= dict(zip(graph.outputs, sorted(spec.name for spec in outputs), strict=True))
    proto, _ = tf2onnx.convert.from_graph_def(
        graph.definition,
        input_names=graph.inputs,
        output_names=graph.outputs,
        opset=OPSET,
        tensors_to_rename=new_names,
        custom_op_handlers=_SELECTIONS | unpooling.handlers(form),
    )
    return proto


def _select(context, node, name, arguments):
    """Writes a selection as ONNX's `Where`.

    tf2onnx writes most selections of floats as products with 0 and 1, which pass NaN and infinite
    numbers on where they were not selected.
    """
    if context.get_dtype(node.output[0]) in FLOATS:  # onnxruntime's `Where` lacks some others
        node.set_attr("handles_nan", 1)
    Select.version_9(context, node)


_SELECTIONS = {kind: (_select, []) for kind in ("Select", "SelectV2")}


def _name_axes(graph, inputs, outputs):
    del graph.value_info[:]  # its sizes would contradict the named axis; checkers infer them
    for values, specs in ((graph.input, inputs), (graph.output, outputs)):
        by_name = {spec.name: spec for spec in specs}
        for value in values:
            shape = value.type.tensor_type.shape
            del shape.dim[:]
            shape.dim.add().dim_param = "batch"
            for size in by_name[value.name].shape[1:]:
                shape.dim.add().dim_value = size


def _check(proto, variant):
    known = {(schema.domain, schema.name) for schema in onnx.defs.get_all_schemas()}
    missing = {
        node.op_type for node in proto.graph.node if (node.domain, node.op_type) not in known
    }
    if missing:
        raise CheckFailedError(
            f"{variant} cannot be exported: {', '.join(sorted(missing))} has no ONNX form. "
            "Build it from operations that have one; nothing was written."
        )
    try:
        onnx.checker.check_model(proto, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise CheckFailedError(f"{variant} became an invalid ONNX file: {error}") from None
