"""The record of a model's training, and a hash of its weights."""

import json
import zlib

import keras

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

    The hash is kept with a checksum of the weights, which is quicker to compute, and is
    computed again only when the checksum has changed.

    Args:
        model: `VariantModel`, such as an `AutoEncoder` or its `encoder`.

    Returns:
        String of 64 hexadecimal digits.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> len(fingerprint(model))
    64
    """
    weights = {
        f"{index:04d}": keras.ops.convert_to_numpy(variable)
        for index, variable in enumerate(model.weights)
    }
    identity = json.dumps(model.identity)
    checksum = identity, [zlib.crc32(weight) for weight in weights.values()]
    known, digest = model.known_fingerprint
    if checksum != known:
        digest = tensors.digest(weights, {"identity": identity})
        model.known_fingerprint = checksum, digest
    return digest
