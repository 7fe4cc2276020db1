"""The SavedModel: three named signatures, loadable by TensorFlow alone."""

import errno

import keras
import tensorflow as tf

from zoo import endpoints


def signatures(model) -> dict[str, tuple[list, list]]:
    """Returns for each signature but `serving_default` its inputs' and outputs' `tf.TensorSpec`s.

    They are the model's own, except that a model of texts takes strings instead of documents.
    """
    return {
        name: ([model.front[0]] if _takes_texts(model, inputs) else inputs, outputs)
        for name, (inputs, outputs) in model.signatures.items()
    }


def write(model, folder) -> None:
    """Writes each endpoint of `model`, and `serving_default`, which is the last of them.

    Raises:
        OSError: if the disk refuses, in the words TensorFlow has for it.
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
    """An endpoint that also answers 0 rows, where TensorFlow's convolutions on a CPU do not."""
    endpoint, (inputs, _) = model.endpoints[name], model.signatures[name]
    from_texts = _takes_texts(model, inputs)
    spec, weigh = model.front if from_texts else (None, None)

    @tf.function(input_signature=[spec] if from_texts else inputs)
    def run(*tensors):
        tensors = [weigh(tensors[0])] if from_texts else tensors
        rows = tf.shape(tensors[0])[0]
        padded = [_with_a_row(each, tf.cast(rows == 0, tf.int32)) for each in tensors]
        return {key: output[:rows] for key, output in endpoint(*padded).items()}

    return run


def _takes_texts(model, inputs):
    return model.front is not None and inputs == [endpoints.spec(model.inputs[0])]


def _with_a_row(tensor, blank):
    """Returns `tensor` with `blank` rows of zeros, 0 or 1, after its own.

    Padded instead, it would lose its static shape, and LiteRT convert no convolution behind it.
    """
    zeros = tf.zeros((blank, *tensor.shape[1:]), tensor.dtype)
    return tf.concat([tensor, zeros], axis=0)
