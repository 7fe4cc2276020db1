"""A model zoo of auto-encoders for Keras: build, train, evaluate, export, verify, load."""

import os
from importlib import import_module
from importlib.util import find_spec

# onnxruntime reads this variable on import; without it, it would keep a device id and a database
# of events in the home folder.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

from zoo import dependencies
from zoo.autoencoder import registration

_HOMES = {
    "add_models": "registry",
    "build": "weights",
    "classifier": "weights",
    "finetune": "training.finetune",
    "encode": "runs.codes",
    "impute": "runs.imputed",
    "entry": "registry",
    "names": "weights",
    "register": "registry",
    "Entry": "registry",
    "Recipe": "recipes",
    "AutoEncoder": "autoencoder.autoencoder",
    "pretrain": "training.pretrain",
    "train": "training.train",
    "tune": "experiments.tune",
    "read_settings": "training.config_file",
    "Run": "runs.run",
    "evaluate": "evaluation",
    "export": "exporting",
    "verify": "exporting",
    "load": "serving",
    "load_model": "runs.keras_files",
    "Bundle": "serving",
}
_MODULES = (
    "anomaly",
    "blocks",
    "checks",
    "datasets",
    "errors",
    "evaluation",
    "generation",
    "layers",
    "plots",
    "recipes",
    "registry",
    "search",
    "serving",
    "sklearn",
)

__all__ = sorted([*_HOMES, *_MODULES])


dependencies.name_missing()
registration.after_keras()


def __getattr__(name):
    if name == "__version__":
        return _version()
    if name in _HOMES:
        return getattr(import_module(f"zoo.{_HOMES[name]}"), name)
    if name in _MODULES or find_spec(f"zoo.{name}"):
        return import_module(f"zoo.{name}")
    raise AttributeError(f"module 'zoo' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__():
    return [*__all__, "__version__"]


def _version():
    from importlib import metadata  # slow to import

    try:
        return metadata.version("autoencoder-zoo")
    except metadata.PackageNotFoundError:  # imported from a source tree that was never installed
        return "0+unknown"
