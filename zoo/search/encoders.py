"""The encoder whose codes an index holds, and the path of an index."""

import os
from pathlib import Path
from typing import Protocol, runtime_checkable

from zoo.errors import UsageError
from zoo.serving import Bundle, load
from zoo.storage import manifest


@runtime_checkable
class Encoder(Protocol):
    """A model with a method `encode` and a hash of its own: a `Bundle` or an `AutoEncoder`.

    Attributes:
        encoder_hash: String. Hash that differs from every other encoder's.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> isinstance(model, Encoder)
    True
    """

    encoder_hash: str

    def encode(self, x):
        """Returns the latent codes of rows.

        Args:
            x: Array of shape `(rows, *input_shape)`.
        """
        ...


def required(model) -> Encoder:
    """Returns `model` if it is an encoder.

    Args:
        model: Any object.

    Returns:
        `model`, which has an `encoder_hash` and a method `encode`.

    Raises:
        UsageError: If it is not an encoder.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> required(model) is model
    True
    """
    if not isinstance(model, Encoder):
        raise UsageError(
            f"`model` must be a Bundle from zoo.load, or an AutoEncoder. Received: {model!r}."
        )
    return model


def index_path(folder: str | Path) -> Path:
    """Returns the path of an exported model's index: `FOLDER.index`, beside its folder.

    Args:
        folder: String or path. The folder of the exported model.

    Returns:
        Absolute path.

    Example:

    >>> index_path("exported").name
    'exported.index'
    """
    return Path(f"{os.path.abspath(folder)}.index")


def maker(path, folder: str | None) -> Bundle:
    """Returns the exported model whose codes an index file holds.

    Args:
        path: String or path of the index file.
        folder: String. The export's folder relative to the index file, or None for an index of a
            model in memory.

    Returns:
        A `Bundle`.

    Raises:
        UsageError: If `folder` is None, or the export is no longer there.

    Example:

    >>> maker("exported.index", "exported")  # doctest: +SKIP
    <zoo.Bundle vae in exported>
    """
    if folder is None:
        raise UsageError(f"{path} was made by a model in memory: pass it, Index.load(path, model).")
    folder = Path(os.path.realpath(path)).parent / folder
    if not manifest.is_export(folder):
        raise UsageError(
            f"The export that made {path} is no longer at {folder}: pass it, "
            "Index.load(path, zoo.load(FOLDER))."
        )
    return load(folder)
