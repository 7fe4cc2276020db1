"""`.keras` files of this library's models: the classes they need are imported first."""

import importlib
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from zoo import registry
from zoo.errors import CheckFailedError, UsageError

if TYPE_CHECKING:
    from zoo.autoencoder import AutoEncoder
    from zoo.classifiers import Classifier


def load_model(path: str | Path) -> "AutoEncoder | Classifier":
    """What `model.save("NAME.keras")` wrote: the model, with weights, loss and optimizer.

    Raises:
        UsageError: if there is no such file, or it holds no model of a variant known here.
        CheckFailedError: if it is damaged.
    """
    import keras

    path = Path(path)
    if not path.is_file():
        raise UsageError(f"There is no file {path}.")
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.testzip() is not None:
                raise zipfile.BadZipFile
            variant = json.loads(archive.read("config.json"))["config"].get("variant")
    except (zipfile.BadZipFile, KeyError, ValueError, AttributeError):
        raise CheckFailedError(f"{path} is not a whole .keras file.") from None
    if not variant:
        raise UsageError(f"{path} must hold a model that zoo.build made; it holds another.")
    registry.entry(variant)  # imports its file, and with it its classes
    for needed in ("zoo.classifiers", "zoo.losses", "zoo.optimizers"):
        importlib.import_module(needed)
    return keras.models.load_model(path)
