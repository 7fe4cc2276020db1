"""The SavedModel: three named signatures, loadable by TensorFlow alone."""

import errno

import keras
import tensorflow as tf


def write(model, folder) -> None:
    """Writes `encode`, `decode`, `reconstruct` and `serving_default`, which is `reconstruct`.

    Raises:
        OSError: if the disk refuses, in the words TensorFlow has for it.
    """
    archive = keras.export.ExportArchive()
    archive.track(model)
    for name in ("encode", "decode", "reconstruct"):
        archive.add_endpoint(name, model.endpoints[name])
    archive.add_endpoint("serving_default", model.endpoints["reconstruct"])
    try:
        archive.write_out(str(folder), verbose=False)
    except tf.errors.OpError as error:
        reason = error.message.rsplit(";", 1)[-1].split("[Op:")[0].strip()
        raise OSError(errno.EIO, reason, str(folder)) from error
