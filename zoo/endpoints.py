"""What a model answers to, such as `encode` or `classify`: functions of named tensors."""

import keras
import tensorflow as tf

from zoo import arrays


def of_autoencoder(model) -> dict[str, tuple[list, list]]:
    """For each endpoint its inputs' and its outputs' `tf.TensorSpec`s, of any batch size."""
    given = [spec(model.inputs[0])]
    code = [spec(model.get_layer(name).output, name) for name in model.code_names]
    others = model.encoder.outputs[len(code) :]
    indices = [spec(each, name) for each, name in zip(others, model.index_names, strict=True)]
    reconstruction = [spec(model.outputs[0], "reconstruction")]
    return {
        "encode": (given, [*code, *indices]),
        "decode": (code, reconstruction),
        "reconstruct": (given, reconstruction),
    }


def compiled(parts: dict, signatures: dict) -> dict:
    """For each endpoint a `tf.function` at rest: tensors in, a dict of named tensors out.

    Args:
        parts: for each endpoint the Keras model that answers it.
        signatures: for each its inputs' and its outputs' `tf.TensorSpec`s.
    """
    return {name: _endpoint(parts[name], *signature) for name, signature in signatures.items()}


def spec(tensor, name=None) -> tf.TensorSpec:
    """Of any batch size, and of float32 where a layer computes in fewer bits."""
    floats = keras.backend.is_float_dtype(keras.backend.standardize_dtype(tensor.dtype))
    dtype = "float32" if floats else tensor.dtype
    return tf.TensorSpec((None, *tensor.shape[1:]), dtype, name or tensor.name)


def _endpoint(part, inputs, outputs):
    @tf.function(input_signature=inputs)
    def run(*tensors):
        results = part(tensors if len(tensors) > 1 else tensors[0], training=False)
        results = results if isinstance(results, list) else [results]
        return {
            each.name: tf.cast(result, each.dtype)
            for each, result in zip(outputs, results, strict=True)
        }

    return run


def run(model, endpoint: str, tensors: list, batch_size: int) -> list:
    """An endpoint's outputs, in their signature's order, for arrays of any number of rows."""
    _, outputs = model.signatures[endpoint]

    def answer(batch):
        results = model.endpoints[endpoint](*batch)
        return [results[each.name] for each in outputs]

    return arrays.batched(answer, tensors, batch_size)
