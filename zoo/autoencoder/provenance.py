"""The record of a model's training, and a hash of its weights."""

import dataclasses
import json

import numpy as np
import tensorflow as tf

from zoo.storage import tensors


def get_record(model) -> dict | None:
    """Returns the data, seed and metrics of the training that the model's weights came from.

    Returns:
        Dict, or None if there is no record or the weights have changed since.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> model.record = {"seed": 3}
    >>> model.record
    {'seed': 3}
    >>> model.set_weights([weight + 1 for weight in model.get_weights()])
    >>> print(model.record)
    None
    """
    record, recorded = model.record_and_fingerprint
    return record if record and recorded == fingerprint(model) else None


def set_record(model, record: dict | None) -> None:
    """Sets the record of the training that the model's current weights came from.

    Args:
        model: `VariantModel`.
        record: Dict of the data, seed and metrics, or None.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> model.record = {"seed": 3}
    >>> model.record
    {'seed': 3}
    """
    model.record_and_fingerprint = record, record and fingerprint(model)


def fingerprint(model) -> str:
    """Returns a hash of a model's variant, arguments and weights, which no other model has.

    The hash is kept with the weights that it was computed from, and is computed again only when
    they have changed.

    Args:
        model: `VariantModel`, such as an `AutoEncoder` or its `encoder`.

    Returns:
        String of 64 hexadecimal digits.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> len(fingerprint(model))
    64
    """
    identity = json.dumps(model.identity)
    weights = [_values(variable) for variable in model.weights]
    known = model.known_fingerprint
    if known is None or known.identity != identity or not _equal(known.weights, weights):
        named = {f"{index:04d}": values for index, values in enumerate(weights)}
        digest = tensors.digest(named, {"identity": identity})
    else:
        digest = known.digest
    model.known_fingerprint = _Known(identity, weights, digest)
    return digest


@dataclasses.dataclass(frozen=True)
class _Known:
    """A hash, and the identity and the weights that it was computed from."""

    identity: str
    weights: list[np.ndarray]
    digest: str


def _values(variable) -> np.ndarray:
    """Returns the values of a variable, on a CPU without a copy.

    The array holds a reference to the memory of the variable. TensorFlow changes a variable in
    place only where there is no other reference, and otherwise writes to new memory: so the array
    never changes, and a variable that still has the memory of the array has not changed either.
    """
    return np.asarray(tf.convert_to_tensor(variable.value))


def _equal(known: list[np.ndarray], weights: list[np.ndarray]) -> bool:
    return len(known) == len(weights) and all(map(_same_bytes, known, weights))


def _same_bytes(known: np.ndarray, values: np.ndarray) -> bool:
    """Returns whether two arrays are in the same memory or, if not, have equal bytes."""
    if known.__array_interface__ == values.__array_interface__:
        return True
    if (known.shape, known.dtype) != (values.shape, values.dtype):
        return False
    return np.array_equal(known.ravel().view(np.uint8), values.ravel().view(np.uint8))
