"""Whose codes an index holds: what makes them, and where it lies."""

import os
from pathlib import Path
from typing import Protocol, runtime_checkable

from zoo import manifest
from zoo.errors import UsageError
from zoo.serving import Bundle, load


@runtime_checkable
class Encoder(Protocol):
    """What makes codes, and can be told from any other that does: a `Bundle`, an `AutoEncoder`."""

    encoder_hash: str

    def encode(self, x): ...


def required(model) -> Encoder:
    """`model`, if it is one; else a `UsageError`."""
    if not isinstance(model, Encoder):
        raise UsageError(
            f"`model` must be a Bundle that zoo.load gave, or an AutoEncoder. Received: {model!r}."
        )
    return model


def index_path(folder: str | Path) -> Path:
    """Where an exported model's index lies: beside its folder, as `FOLDER.index`."""
    return Path(f"{os.path.abspath(folder)}.index")


def maker(path, folder: str | None) -> Bundle:
    """The exported model that an index was made by.

    Args:
        path: of the index's file.
        folder: of the export, as seen from there; None for a model in memory.
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
