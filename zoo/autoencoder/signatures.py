"""Endpoints of a model, such as `encode` and `classify`: compiled functions of named tensors."""

import keras
import tensorflow as tf

from zoo.inputs import chunks
from zoo.serving.array_model import require_endpoint


def of_autoencoder(model) -> dict[str, tuple[list, list]]:
    """Returns the inputs and outputs of the endpoints of an auto-encoder.

    Args:
        model: `AutoEncoder`.

    Returns:
        A dictionary from `encode`, `decode`, `reconstruct` and, for a model that takes missing
        cells, `impute` to pairs: a list of the inputs' and a list of the outputs' `tf.TensorSpec`,
        for any number of rows.

    Example:

    >>> inputs, outputs = of_autoencoder(zoo.build("linear_ae", latent_dim=10))["encode"]
    >>> outputs
    [TensorSpec(shape=(None, 10), dtype=tf.float32, name='latent')]
    """
    inputs = [spec(model.inputs[0])]
    code = [spec(model.get_layer(name).output, name) for name in model.code_names]
    others = model.encoder.outputs[len(code) :]
    indices = [spec(tensor, name) for tensor, name in zip(others, model.index_names, strict=True)]
    reconstruction = [spec(model.outputs[0], "reconstruction")]
    imputed = {"impute": (inputs, [spec(model.outputs[0], "imputed")])}
    return {
        "encode": (inputs, [*code, *indices]),
        "decode": (code, reconstruction),
        **(imputed if model.missing == "mask" else {}),
        "reconstruct": (inputs, reconstruction),  # the last one is the default of a SavedModel
    }


def compiled(parts: dict, signatures: dict) -> dict:
    """Returns a compiled inference function for each endpoint.

    Args:
        parts: Dictionary from the name of each endpoint to the Keras model that computes it.
        signatures: Dictionary from the name of each endpoint to the `tf.TensorSpec`s of its inputs
            and outputs, a pair of lists.

    Returns:
        A dictionary from the name of each endpoint to a `tf.function` that takes tensors and
        returns a dictionary of named tensors.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(8,), latent_dim=2)
    >>> parts = {"encode": model.encoder, "decode": model.decoder, "reconstruct": model}
    >>> functions = compiled(parts, model.signatures)
    >>> functions["reconstruct"](np.zeros((3, 8), "float32"))["reconstruction"].shape
    TensorShape([3, 8])
    """
    return {name: _endpoint(parts[name], *signature) for name, signature in signatures.items()}


def spec(tensor, name=None) -> tf.TensorSpec:
    """Returns the `tf.TensorSpec` of a tensor for any number of rows.

    Its dtype is float32 where a layer computes in fewer bits.

    Args:
        tensor: Keras tensor, `(rows, ...)`.
        name: String. Name of the spec; None for the tensor's own. Defaults to None.

    Example:

    >>> spec(keras.Input((8,), name="features"))
    TensorSpec(shape=(None, 8), dtype=tf.float32, name='features')
    """
    floats = keras.backend.is_float_dtype(keras.backend.standardize_dtype(tensor.dtype))
    dtype = "float32" if floats else tensor.dtype
    return tf.TensorSpec((None, *tensor.shape[1:]), dtype, name or tensor.name)


def _endpoint(part, inputs, outputs):
    @tf.function(input_signature=inputs)
    def run(*tensors):
        results = part(tensors if len(tensors) > 1 else tensors[0], training=False)
        results = results if isinstance(results, list) else [results]
        return {
            output.name: tf.cast(result, output.dtype)
            for output, result in zip(outputs, results, strict=True)
        }

    return run


def run(model, endpoint: str, tensors: list, batch_size: int) -> list:
    """Returns the outputs of an endpoint for arrays of any number of rows, batch by batch.

    Args:
        model: `AutoEncoder`, `Classifier` or another model with `signatures` and `endpoints`.
        endpoint: String. Name of the endpoint, such as `"encode"`.
        tensors: List of arrays, one for each input, with the same number of rows.
        batch_size: Positive integer. Number of rows that are computed at once.

    Returns:
        A list of arrays, one for each output, in the order of the signature.

    Raises:
        UsageError: If the model has no such endpoint.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(8,), latent_dim=2)
    >>> [codes] = run(model, "encode", [np.zeros((3, 8), "float32")], batch_size=2)
    >>> codes.shape
    (3, 2)
    """
    require_endpoint(endpoint, model.signatures)
    _, outputs = model.signatures[endpoint]

    def compute(batch):
        results = model.endpoints[endpoint](*batch)
        return [results[output.name] for output in outputs]

    return chunks.batched(compute, tensors, batch_size)
