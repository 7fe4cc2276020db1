"""The SavedModel: three named signatures, loadable by TensorFlow alone."""

import errno

import keras
import tensorflow as tf

from zoo import endpoints


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
    spec, made = model.front or (None, None)
    from_texts = model.front is not None and inputs == [endpoints.spec(model.inputs[0])]

    @tf.function(input_signature=[spec] if from_texts else inputs)
    def run(*tensors):
        tensors = [made(tensors[0])] if from_texts else tensors
        rows = tf.shape(tensors[0])[0]
        blank = tf.cast(rows == 0, tf.int32)
        padded = [tf.pad(each, [[0, blank]] + [[0, 0]] * (len(each.shape) - 1)) for each in tensors]
        return {key: output[:rows] for key, output in endpoint(*padded).items()}

    return run
