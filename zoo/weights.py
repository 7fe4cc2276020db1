"""Variables to and from safetensors: data only, whatever the versions that wrote them."""

import json

import keras
import safetensors.numpy

from zoo import registry
from zoo.atomic import replace_file
from zoo.errors import CheckFailedError, UsageError


def save(path, variables, **notes):
    """Writes variables in their order, with JSON-able notes beside them."""
    tensors = {
        f"{index:04d}.{variable.name}": keras.ops.convert_to_numpy(variable)
        for index, variable in enumerate(variables)
    }
    metadata = {key: json.dumps(note) for key, note in notes.items()}
    return replace_file(path, safetensors.numpy.save(tensors, metadata))


def load(path, variables) -> dict:
    """Assigns variables from a file that `save` wrote, and returns its notes.

    Raises:
        CheckFailedError: if the file is damaged, or was written for other variables.
    """
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            tensors = [file.get_tensor(key) for key in sorted(file.keys())]
            notes = file.metadata() or {}
    except FileNotFoundError:
        raise UsageError(f"There is no file {path}.") from None
    except safetensors.SafetensorError as error:
        raise CheckFailedError(f"{path} is not a whole safetensors file: {error}.") from None
    if [t.shape for t in tensors] != [tuple(v.shape) for v in variables]:
        raise CheckFailedError(
            f"{path} must hold {len(variables)} tensors of this model's shapes; "
            f"it holds {len(tensors)} of others."
        )
    for variable, tensor in zip(variables, tensors, strict=True):
        variable.assign(tensor)
    return {key: json.loads(note) for key, note in notes.items()}


def rebuild(variant: str, arguments: dict, path):
    """The model a variant's code builds of `arguments`, with the weights of a file."""
    model = registry.build(variant, **arguments)
    load(path, model.weights)
    return model
