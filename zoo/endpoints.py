"""What a model answers to: `encode`, `decode`, `reconstruct`, of named tensors."""

import keras
import tensorflow as tf


def signatures(model) -> dict[str, tuple[list, list]]:
    """For each endpoint its inputs' and its outputs' `tf.TensorSpec`s, of any batch size."""
    given = [_spec(model.inputs[0], model.inputs[0].name)]
    code = [_spec(model.get_layer(name).output, name) for name in model.code_names]
    others = model.encoder.outputs[len(code) :]
    indices = [_spec(each, name) for each, name in zip(others, model.index_names, strict=True)]
    reconstruction = [_spec(model.outputs[0], "reconstruction")]
    return {
        "encode": (given, [*code, *indices]),
        "decode": (code, reconstruction),
        "reconstruct": (given, reconstruction),
    }


def compiled(model) -> dict:
    """For each endpoint a `tf.function` at rest: tensors in, a dict of named tensors out."""
    parts = {"encode": model.encoder, "decode": model.decoder, "reconstruct": model}
    return {
        name: _endpoint(parts[name], *signature) for name, signature in signatures(model).items()
    }


def _spec(tensor, name):
    """Of any batch size, and of float32 where a layer computes in fewer bits."""
    floats = keras.backend.is_float_dtype(keras.backend.standardize_dtype(tensor.dtype))
    return tf.TensorSpec((None, *tensor.shape[1:]), "float32" if floats else tensor.dtype, name)


def _endpoint(part, inputs, outputs):
    @tf.function(input_signature=inputs)
    def run(*tensors):
        results = part(tensors if len(tensors) > 1 else tensors[0], training=False)
        results = results if isinstance(results, list) else [results]
        return {
            spec.name: tf.cast(result, spec.dtype)
            for spec, result in zip(outputs, results, strict=True)
        }

    return run
