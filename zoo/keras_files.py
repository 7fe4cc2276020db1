"""`.keras` files of this library's models: the classes they need are imported first."""

import json
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from zoo import registry
from zoo.errors import CheckFailedError, UsageError

if TYPE_CHECKING:
    from zoo.variant_model import VariantModel


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
        path: of the file, or of the folder that `model.save(path, zipped=False)` wrote.
        custom_objects: classes and functions of your own that the model uses, such as a loss, by
            their names.
        compile: whether to compile the model as it was compiled.
        safe_mode: whether to refuse lambda functions, which can run any code.

    Raises:
        UsageError: if there is no such file, if it holds no model of a variant known here, or if
            it needs a class or function that is not in `custom_objects`.
        CheckFailedError: if it is damaged.
    """
    import keras

    path = Path(path)
    if not path.exists():
        raise UsageError(f"There is no file {path}.")
    variant = _variant(path)
    if not variant:
        raise UsageError(f"{path} must hold a model that zoo.build made; it holds another.")
    registry.entry(variant)  # imports its file, and with it its classes
    try:
        return keras.models.load_model(path, custom_objects, compile, safe_mode)
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


def _variant(path):
    """Returns the variant in the config of a `.keras` file, which is checked, or of a folder."""
    try:
        if path.is_dir():
            config = (path / "config.json").read_bytes()
        else:
            with zipfile.ZipFile(path) as archive:
                if archive.testzip() is not None:
                    raise zipfile.BadZipFile
                config = archive.read("config.json")
        return json.loads(config)["config"].get("variant")
    except (zipfile.BadZipFile, FileNotFoundError, KeyError, ValueError, AttributeError):
        raise CheckFailedError(f"{path} is not a whole .keras file.") from None
