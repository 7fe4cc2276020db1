"""A model zoo of auto-encoders for Keras: build, train, evaluate, export, verify, load."""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from zoo import registration

_HOMES = {
    "add_models": "registry",
    "build": "registry",
    "classifier": "classifiers",
    "finetune": "finetuning",
    "entry": "registry",
    "names": "registry",
    "register": "registry",
    "Entry": "registry",
    "Recipe": "recipe",
    "AutoEncoder": "autoencoder",
    "pretrain": "pretraining",
    "train": "training",
    "Run": "runs",
    "evaluate": "evaluation",
    "export": "exporting",
    "verify": "exporting",
    "load": "serving",
    "load_model": "keras_files",
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
    "losses",
    "plots",
    "registry",
    "search",
    "serving",
    "weights",
)

__all__ = sorted([*_HOMES, *_MODULES])

try:
    __version__ = version("autoencoder-zoo")
except PackageNotFoundError:  # imported from a source tree that was never installed
    __version__ = "0+unknown"


registration.after_keras()


def __getattr__(name):
    if name in _HOMES:
        return getattr(import_module(f"zoo.{_HOMES[name]}"), name)
    if name in _MODULES:
        return import_module(f"zoo.{name}")
    raise AttributeError(f"module 'zoo' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__():
    return [*globals(), *__all__]
