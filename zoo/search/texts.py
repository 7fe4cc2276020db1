"""Codes of texts, by a model that has a vocabulary: those without a known word have none."""

import os.path
from pathlib import Path

import numpy as np

from zoo import datasets
from zoo.datasets import folder_data, folders, texts
from zoo.errors import UsageError


def codes_of_texts(model, source: str | Path) -> tuple[np.ndarray, list, list[str]]:
    """Encodes the `.txt` files of a folder, or the training texts of a data set.

    Args:
        model: a `Bundle`, or an `AutoEncoder`, that takes texts.
        source: a folder, or whatever `zoo.datasets.load` accepts.

    Returns:
        The codes, `(rows, ...)`; the files' paths, or the numbers of the rows; and why each text
        was left out that cannot be read, or of which no word is known.

    Raises:
        UsageError: for data that are no texts, and if no text has a known word.
    """
    folder = Path(source).expanduser()
    if os.path.isdir(folder) and folders.holds(folder, texts.SUFFIXES):
        ids, said, skipped = _read(folder)
    else:
        data = datasets.load(source)
        if data.kind != "documents":
            raise UsageError(f"This model takes texts. Received: {data.kind} from {data.name}.")
        said = list(data.train.inputs)
        ids, skipped = list(range(len(said))), []
    known = model.vocabulary.weigh(said).any(axis=1)
    skipped += [
        f"{name} has no known word." for name, kept in zip(ids, known, strict=True) if not kept
    ]
    if not known.any():
        raise UsageError(
            f"The texts must hold words that the model knows. Received: {source}: {skipped[0]}"
        )
    kept = [row for row, each in enumerate(known) if each]
    return model.encode([said[row] for row in kept]), [ids[row] for row in kept], skipped


def _read(folder):
    files = folders.find(folder, texts.SUFFIXES)
    said, kept, skipped = texts.read_all(files.paths)
    skipped = files.unread + skipped
    folder_data.require_half(folder, len(files.paths) + len(files.unread), skipped)
    return [str(files.paths[row]) for row in kept], said, skipped


def asked(model, text: str) -> list[str]:
    """A text to query by: itself, or what a `.txt` file holds; `UsageError` if no word is known."""
    path = Path(text)
    if path.suffix == ".txt":
        if not path.is_file():
            raise UsageError(f"There is no file {path}.")
        text = texts.read(path)
    if not model.vocabulary.weigh([text]).any():
        raise UsageError(
            f"The query must have a word that the model knows, of {model.vocabulary.known}. "
            f"Received: {text!r:.80}."
        )
    return [text]
