"""The Keras models: auto-encoder, classifier and scorer, and their parts."""

from importlib import import_module

_HOMES = {"AutoEncoder": "autoencoder", "Classifier": "classifier", "Scorer": "scorer"}

__all__ = sorted(_HOMES)


def __getattr__(name):
    if name in _HOMES:  # these import TensorFlow
        return getattr(import_module(f"zoo.autoencoder.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'zoo.autoencoder' has no attribute {name!r}")
