"""Writes a LiteRT file, `.tflite`, for each endpoint of a model."""

import contextlib
import logging
import re
import types

import keras
import tensorflow as tf

from zoo.errors import CheckFailedError
from zoo.exporting import frozen
from zoo.storage.manifest import LITERT_FILES

STEPS = 128  # of a sequence: a recurrent layer becomes a copy of its cell for each of them
_NO_FORM = re.compile(r"'tf\.(\w+)' op is neither a custom op nor a flex op")


def write(model, folder) -> None:
    """Writes a LiteRT file for each endpoint of a model, with named tensors.

    LiteRT has no loops that it can run and no pooling of volumes: recurrent layers are unrolled,
    and volumes are pooled along two axes first, then along the third.

    Args:
        model: `AutoEncoder`, classifier or scorer.
        folder: Path of the folder to write to.

    Raises:
        CheckFailedError: If an operation of the model has no LiteRT form, or if it has a recurrent
            layer for sequences of more than 128 steps.

    Example:

    >>> from pathlib import Path
    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> Path("files").mkdir()
    >>> write(model, Path("files"))
    >>> sorted(path.name for path in Path("files").iterdir())
    ['autoencoder.tflite', 'decoder.tflite', 'encoder.tflite']
    """
    for name in model.signatures:
        with _for_litert(model):
            graph = frozen.endpoint(model, name)
        data = _converted(graph, *model.signatures[name], model.variant)
        (folder / LITERT_FILES[name]).write_bytes(data)


def _converted(graph, inputs, outputs, variant):
    @tf.function(input_signature=inputs)
    def run(*tensors):
        fed = dict(zip((name.partition(":")[0] for name in graph.inputs), tensors, strict=True))
        results = tf.graph_util.import_graph_def(
            graph.definition, input_map=fed, return_elements=graph.outputs, name=""
        )
        return dict(zip(sorted(spec.name for spec in outputs), results, strict=True))

    owner = tf.Module()
    owner.run = run  # the converter takes functions of an object alone
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [run.get_concrete_function()], owner
    )
    try:
        with _quiet():
            return converter.convert()
    except Exception as error:  # the converter's own class of errors is private
        missing = sorted(set(_NO_FORM.findall(str(error))))
        if not missing:
            raise
        raise CheckFailedError(
            f"{variant} cannot be exported to LiteRT: {', '.join(missing)} has no LiteRT form for "
            "such tensors. Leave litert out of the formats; nothing was written."
        ) from None


@contextlib.contextmanager
def _for_litert(model):
    """Draws the layers that LiteRT lacks in a form that it has."""
    layers = {*_layers(model), *_layers(getattr(model, "autoencoder", model))}
    recurrent = [layer for layer in layers if isinstance(layer, keras.layers.RNN)]
    poolings = [layer for layer in layers if isinstance(layer, keras.layers.MaxPooling3D)]
    unrolled = {layer: layer.unroll for layer in recurrent}
    for layer in recurrent:
        steps = layer.input.shape[1]
        if steps is None or steps > STEPS:
            raise CheckFailedError(
                f"{model.variant} cannot be exported to LiteRT: its recurrent layers are unrolled, "
                f"for sequences of at most {STEPS} steps. Received: {steps} steps."
            )
    try:
        for layer in recurrent:
            layer.unroll = True
        for layer in poolings:
            layer.call = types.MethodType(_pooled, layer)
        yield
    finally:
        for layer, unroll in unrolled.items():
            layer.unroll = unroll
        for layer in poolings:
            del layer.call


def _layers(model):
    """Yields the layers of a model, and those of the models among them."""
    for layer in model.layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from _layers(layer)


def _pooled(layer, x):
    """Returns what MaxPooling3D does, from poolings of images."""
    depth, height, width, channels = x.shape[1:]
    along, *window = layer.pool_size
    x = tf.reshape(x, (-1, height, width, channels))
    x = tf.nn.max_pool2d(x, window, window, "VALID")
    height, width = x.shape[1:3]
    x = tf.reshape(x, (-1, depth, height * width, channels))
    x = tf.nn.max_pool2d(x, (along, 1), (along, 1), "VALID")
    return tf.reshape(x, (-1, depth // along, height, width, channels))


@contextlib.contextmanager
def _quiet():
    """Leaves out what the converter logs about each file."""
    loggers = [logging.getLogger(name) for name in ("tensorflow", "absl")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
