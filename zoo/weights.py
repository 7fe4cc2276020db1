"""Variables to and from safetensors: data only, whatever the versions that wrote them."""

import hashlib
import json

import keras
import numpy as np
import safetensors.numpy

from zoo import budget, json_files, registry, tensor_files, untrusted
from zoo.atomic import replace_file
from zoo.errors import CheckFailedError


def save(path, variables, **notes):
    """Writes variables in their order, with JSON-able notes and a digest of all of it."""
    tensors = {
        f"{index:04d}.{variable.name}": keras.ops.convert_to_numpy(variable)
        for index, variable in enumerate(variables)
    }
    metadata = {key: json.dumps(note) for key, note in notes.items()}
    metadata["sha256"] = _digest(tensors, metadata)
    return replace_file(path, safetensors.numpy.save(tensors, metadata))


def load(path, variables) -> dict:
    """Assigns variables from a file that `save` wrote, and returns its notes.

    Raises:
        UsageError: if there is no such file.
        CheckFailedError: if it is damaged, or was written for other variables.
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
    """Returns the paths of variables that hold NaN or infinity, with counts; `""` if none does."""
    found = []
    for variable in variables:
        values = keras.ops.convert_to_numpy(variable)
        bad = np.size(values) - np.count_nonzero(np.isfinite(values))
        if bad:
            found.append(f"{variable.path} ({bad} of {np.size(values)} numbers)")
    return ", ".join(found)


def fingerprint(model) -> str:
    """A hash of a model's variant, arguments and weights, which no other model has."""
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
    """The model that a variant's code builds, with the weights of a file.

    Args:
        facts: a dict with its `variant` and `arguments`, and the `column_names` of the table that
            it learned from, if it did; of a classifier with its `classes` too, of a detector with
            its `detection`; and of a run with its `run_id`, which must be the file's.
        path: of the file.
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
    names = facts.get("column_names")  # which runs of older versions do not record
    model.column_names = names and tuple(names)
    if "classes" in facts:
        from zoo.classifiers import classifier

        model = classifier(model, facts["classes"])
    if "detection" in facts:
        from zoo.anomaly.scorer import build_scorer

        found = facts["detection"]
        model = build_scorer(model, found["score"], found.get("top_fraction"))
    return model
