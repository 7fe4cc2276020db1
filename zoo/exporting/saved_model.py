"""Writes a SavedModel with named signatures, which TensorFlow alone can load."""

import errno

import keras
import tensorflow as tf

from zoo.autoencoder.signatures import spec


def signatures(model) -> dict[str, tuple[list, list]]:
    """Returns the signatures of a SavedModel, except `serving_default`.

    They are the model's own, but a model of texts takes strings instead of documents.

    Args:
        model: `AutoEncoder`, classifier or scorer.

    Returns:
        Dict from each endpoint to a tuple of two lists of `tf.TensorSpec`, of its inputs and its
        outputs.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> list(signatures(model))
    ['encode', 'decode', 'reconstruct']
    """
    return {
        name: ([model.text_frontend[0]] if _takes_texts(model, inputs) else inputs, outputs)
        for name, (inputs, outputs) in model.signatures.items()
    }


def write(model, folder) -> None:
    """Writes a SavedModel with each endpoint of a model, and the last one as `serving_default` too.

    Args:
        model: `AutoEncoder`, classifier or scorer.
        folder: Path of the folder to write.

    Raises:
        OSError: If the folder cannot be written, with TensorFlow's reason.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> write(model, "saved_model")
    >>> sorted(tf.saved_model.load("saved_model").signatures)
    ['decode', 'encode', 'reconstruct', 'serving_default']
    """
    archive = keras.export.ExportArchive()
    archive.track(model)
    for name in model.signatures:
        archive.add_endpoint(name, _for_any_rows(model, name))
    archive.add_endpoint("serving_default", _for_any_rows(model, name))
    try:
        archive.write_out(str(folder), verbose=False)
    except tf.errors.OpError as error:
        reason = error.message.rsplit(";", 1)[-1].split("[Op:")[0].strip()
        raise OSError(errno.EIO, reason, str(folder)) from error


def _for_any_rows(model, name):
    """Returns an endpoint that also takes 0 rows, unlike TensorFlow's convolutions on a CPU."""
    endpoint, (inputs, _) = model.endpoints[name], model.signatures[name]
    from_texts = _takes_texts(model, inputs)
    spec, weigh = model.text_frontend if from_texts else (None, None)

    @tf.function(input_signature=[spec] if from_texts else inputs)
    def run(*tensors):
        tensors = [weigh(tensors[0])] if from_texts else tensors
        rows = tf.shape(tensors[0])[0]
        padded = [_with_a_row(tensor, tf.cast(rows == 0, tf.int32)) for tensor in tensors]
        return {key: output[:rows] for key, output in endpoint(*padded).items()}

    return run


def _takes_texts(model, inputs):
    return model.text_frontend is not None and inputs == [spec(model.inputs[0])]


def _with_a_row(tensor, count):
    """Returns `tensor` with `count` rows of zeros, 0 or 1, after its own.

    With `tf.pad` instead it would lose its static shape, and LiteRT could not convert a convolution
    after it.
    """
    zeros = tf.zeros((count, *tensor.shape[1:]), tensor.dtype)
    return tf.concat([tensor, zeros], axis=0)
