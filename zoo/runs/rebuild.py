"""Writes and reads variables as safetensors, which hold data only, for any version to read."""

import hashlib
import json

import keras
import numpy as np
import safetensors.numpy

from zoo import registry
from zoo.errors import CheckFailedError
from zoo.storage import budget, json_files, tensor_files, untrusted
from zoo.storage.atomic import replace_file


def save(path, variables, **notes):
    """Writes variables, with notes and a digest of everything, to a safetensors file.

    Args:
        path: String or path of the file.
        variables: List of Keras variables, written in their order.
        **notes: Objects that JSON can hold.

    Returns:
        Path of the file.

    Raises:
        UsageError: If the file cannot be written.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> path = save("weights.safetensors", model.weights, epoch=3)
    >>> load(path, model.weights)
    {'epoch': 3}
    """
    tensors = {
        f"{index:04d}.{variable.name}": keras.ops.convert_to_numpy(variable)
        for index, variable in enumerate(variables)
    }
    metadata = {key: json.dumps(note) for key, note in notes.items()}
    metadata["sha256"] = _digest(tensors, metadata)
    return replace_file(path, safetensors.numpy.save(tensors, metadata))


def load(path, variables) -> dict:
    """Assigns variables from a file that `save` wrote, and returns its notes.

    Args:
        path: String or path of the file.
        variables: List of Keras variables, of the shapes and in the order of those written.

    Returns:
        Dict of the notes.

    Raises:
        UsageError: If there is no such file.
        CheckFailedError: If it is damaged, or was written for other variables.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> load(save("some.safetensors", model.weights), model.weights)
    {}
    """
    with untrusted.open_file(path) as file:
        told = tensor_files.header(file, path)
        shapes = [told.shapes[key] for key in sorted(told.shapes)]
        if shapes != [tuple(variable.shape) for variable in variables]:
            raise CheckFailedError(
                f"{path} must hold this model's {len(variables)} tensors; it holds another's "
                f"{len(shapes)}."
            )
        tensors = tensor_files.tensors(file.read(), path)
    tensors = {key: tensors[key] for key in sorted(tensors)}
    metadata = dict(told.metadata)
    if metadata.pop("sha256", None) != _digest(tensors, metadata):
        raise CheckFailedError(f"{path} is damaged: its content is not what was written.")
    for variable, tensor in zip(variables, tensors.values(), strict=True):
        variable.assign(tensor)
    return {key: json_files.parse(note.encode(), path) for key, note in metadata.items()}


def not_finite(variables) -> str:
    """Returns the paths of the variables that hold NaN or infinity, with the number of such values.

    Args:
        variables: List of Keras variables.

    Returns:
        String; `""` if all values are finite.

    Example:

    >>> not_finite([keras.Variable([1.0, np.nan], name="kernel")])
    'kernel (1 of 2 numbers)'
    """
    found = []
    for variable in variables:
        values = keras.ops.convert_to_numpy(variable)
        bad = np.size(values) - np.count_nonzero(np.isfinite(values))
        if bad:
            found.append(f"{variable.path} ({bad} of {np.size(values)} numbers)")
    return ", ".join(found)


def fingerprint(model) -> str:
    """Returns a hash of a model's variant, arguments and weights, which no other model has.

    Args:
        model: Model from `zoo.build`, or a part of one.

    Returns:
        String of 64 hexadecimal digits.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> len(fingerprint(model))
    64
    """
    tensors = {
        f"{index:04d}": keras.ops.convert_to_numpy(variable)
        for index, variable in enumerate(model.weights)
    }
    return _digest(tensors, {"identity": json.dumps(model.identity)})


def _digest(tensors, metadata):
    digest = hashlib.sha256(json.dumps(metadata, sort_keys=True).encode())
    for key, tensor in tensors.items():
        digest.update(f"{key} {tensor.dtype} {tensor.shape}".encode())
        digest.update(np.ascontiguousarray(tensor).tobytes())
    return digest.hexdigest()


def rebuild(facts: dict, path):
    """Builds a model with its variant's code, and loads its weights from a file.

    Args:
        facts: Dict with the model's `variant` and `arguments`, and the `column_names` of the table
            that it learned from, if any. A classifier also needs its `classes`, a detector its
            `detection`. A run needs its `run_id`, which must be the file's.
        path: String or path of the file.

    Returns:
        The model.

    Raises:
        UsageError: If there is no such file.
        CheckFailedError: If the file is damaged, holds the weights of another model or belongs to
            another run, or if the model would be far larger than the file or cannot be built.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> same = rebuild(model.identity, save("linear.safetensors", model.weights))
    >>> fingerprint(same) == fingerprint(model)
    True
    """
    with untrusted.open_file(path) as file:
        stored = tensor_files.header(file, path)
    with untrusted.guard(path, "the weights of a model that can be built"):
        with budget.limited(path, stored.bytes, len(stored.shapes)):
            model = _built(facts)
        notes = load(path, model.weights)
        if notes.get("run_id") != facts.get("run_id"):
            raise CheckFailedError(
                f"{path} must belong to the run of the config.json beside it; it is another run's."
            )
        return model.settle()


def _built(facts):
    model = registry.build(facts["variant"], **facts["arguments"])
    names = facts.get("column_names")  # runs of older versions lack them
    model.column_names = names and tuple(names)
    if "classes" in facts:
        from zoo.autoencoder.classifier import classifier

        model = classifier(model, facts["classes"])
    if "detection" in facts:
        from zoo.autoencoder.scorer import build_scorer

        found = facts["detection"]
        model = build_scorer(model, found["score"], found.get("top_fraction"))
    return model
