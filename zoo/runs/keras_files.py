"""Reads `.keras` files of the zoo's models, after importing the classes that they need."""

import contextlib
import io
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zoo import registry
from zoo.autoencoder import registration
from zoo.errors import CheckFailedError, UsageError
from zoo.storage import archives, budget, json_files, untrusted
from zoo.storage.file_errors import as_path

if TYPE_CHECKING:
    from zoo.autoencoder.variant_model import VariantModel

CONFIG, WEIGHTS = "config.json", "model.weights.h5"


def load_model(
    path: str | Path,
    custom_objects: dict | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> "VariantModel":
    """Returns the model that `model.save("NAME.keras")` wrote, with weights, loss and optimizer.

    The model may be an auto-encoder, the encoder or decoder of one, a classifier, or a detector's
    model.

    Args:
        path: String or path of the file, or of the folder that `model.save(path, zipped=False)`
            wrote.
        custom_objects: Dict. Classes and functions of your own that the model uses, such as a loss,
            by their names. Defaults to None.
        compile: Boolean. Whether to compile the model as it was before saving. Defaults to True.
        safe_mode: Boolean. Whether to refuse lambda functions, which can run any code. Defaults to
            True.

    Returns:
        The Keras model.

    Raises:
        UsageError: If there is no such file, it holds no model of a variant known here, or it needs
            a class or function that is not in `custom_objects`.
        CheckFailedError: If it is damaged, or its model is larger than its weights.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> model.save("linear.keras")
    >>> loaded = zoo.load_model("linear.keras")
    >>> loaded.encode(np.zeros((3, 4, 4, 1), "float32")).shape
    (3, 2)
    """
    import keras

    from zoo.autoencoder.variant_model import VariantModel

    path = as_path("path", path)
    if not path.exists():
        raise UsageError(f"There is no file {path}.")
    with untrusted.guard(path, "a whole .keras file"), _opened(path) as files:
        config = json_files.parse(files[CONFIG](), path, {"config": dict})
        weights = _weights(files[WEIGHTS]())
        registry.entry(_variant(config, custom_objects, path))  # imports its file and its classes
        with (
            budget.limited(path, *weights),
            _missing_explained(path, compile),
            warnings.catch_warnings(),
        ):
            # A model that was never fitted was saved before its optimizer had variables.
            warnings.filterwarnings("ignore", "Skipping variable loading for optimizer")
            model = keras.models.load_model(path, custom_objects, compile, safe_mode)
        if not isinstance(model, VariantModel):
            raise _another(path)
        _compute(model)
        return model


def _compute(model):
    """Computes a row of zeros, which the graph of a changed config may fail to do."""
    import keras

    getattr(model, "signatures", None)  # looks for the layers of the code; a part has none
    zeros = [
        keras.ops.zeros([1, *(size or 1 for size in tensor.shape[1:])], tensor.dtype)
        for tensor in model.inputs
    ]
    model(zeros if len(zeros) > 1 else zeros[0], training=False)


@contextlib.contextmanager
def _opened(path) -> Iterator[dict]:
    """Yields a dict from the name of each of the model's two files to a function that reads it."""
    if path.is_dir():
        limits = {CONFIG: json_files.LARGEST, WEIGHTS: untrusted.UNBOUNDED}
        yield {
            name: lambda name=name: untrusted.read_file(path / name, limits[name])
            for name in limits
        }
        return
    with untrusted.open_file(path) as file, archives.opened(file, path) as archive:
        archives.require_members(archive, archive.namelist(), path)
        if archive.getinfo(CONFIG).file_size > json_files.LARGEST:
            raise CheckFailedError(
                f"{path} must have a {CONFIG} of at most {json_files.LARGEST} bytes."
            )
        if archive.testzip() is not None:
            raise CheckFailedError(f"{path} is not a whole .keras file: a checksum differs.")
        yield {name: lambda name=name: archive.read(name) for name in (CONFIG, WEIGHTS)}


def _variant(config, custom_objects, path):
    """Returns the variant of a config, whose class must be the zoo's or the caller's own."""
    known = {f"zoo>{name}" for kind, name in registration.registered() if kind == "class"}
    named = config.get("registered_name")
    variant = config["config"].get("variant")
    if named not in known | set(custom_objects or {}) or not (variant and type(variant) is str):
        raise _another(path)
    return variant


def _another(path):
    return UsageError(f"{path} must hold a model that zoo.build made; it holds another one.")


class _Weights(NamedTuple):
    stored: int
    tensors: int


def _weights(data):
    """Returns the bytes and the number of the arrays in an HDF5 file, which must all be in it."""
    import h5py

    sizes = []

    def measure(_, item):
        if isinstance(item, h5py.Dataset):
            if item.external or item.is_virtual:
                raise ValueError("it keeps arrays in other files")
            sizes.append(item.nbytes)

    with h5py.File(io.BytesIO(data), "r") as file:
        file.visititems(measure)
    if sum(sizes) > len(data):
        raise ValueError(f"its arrays have {sum(sizes)} bytes, and {WEIGHTS} has {len(data)}")
    return _Weights(sum(sizes), len(sizes))


@contextlib.contextmanager
def _missing_explained(path, compile):
    """Raises errors with advice if Keras lacks a class, or refuses a lambda function."""
    try:
        yield
    except TypeError as error:
        missing = re.search(r"Could not locate (class|function) '(.+?)'", str(error))
        if missing is None:
            raise
        raise UsageError(
            f"{path} needs the {missing[1]} {missing[2]!r}: pass it in `custom_objects`"
            + (", or load the model with compile=False." if compile else ".")
        ) from None
    except ValueError as error:
        if "safe_mode=False" not in str(error):
            raise
        raise UsageError(
            f"{path} holds a lambda function, which can run any code: if you trust the file, load "
            "it with safe_mode=False."
        ) from None
