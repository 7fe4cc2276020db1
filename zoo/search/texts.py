"""Encodes texts with a model that has a vocabulary, except those without a known word."""

import os.path
from pathlib import Path

import numpy as np

from zoo import datasets
from zoo.datasets.readers import folder_data, folders
from zoo.datasets.sources import texts
from zoo.errors import UsageError


def codes_of_texts(model, source: str | Path) -> tuple[np.ndarray, list, list[str]]:
    """Encodes the `.txt` files of a folder, or the training texts of a dataset.

    Args:
        model: `Bundle` or `AutoEncoder` of a model that takes texts.
        source: String or path. A folder, or a name or file that `zoo.datasets.load` accepts.

    Returns:
        A tuple of three: the latent codes, `(rows, ...)`; the list of the files' paths, or of the
        row numbers; and a list with a sentence for each text that was left out, because it cannot
        be read or has no known word.

    Raises:
        UsageError: If the data are not texts, or no text has a known word.

    Example:

    >>> Path("animals").mkdir()
    >>> _ = Path("animals", "cats.txt").write_text("Cats purr.")
    >>> model = zoo.build("document_ae", input_shape=(8,), widths=(6,), latent_dim=2)
    >>> model = model.adapt(["cats purr loudly", "dogs bark loudly"])
    >>> codes, paths, skipped = codes_of_texts(model, "animals")
    >>> codes.shape, len(paths), skipped
    ((1, 2), 1, [])
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
    """Returns the text of a query, or of the `.txt` file that it names.

    Args:
        model: `Bundle` or `AutoEncoder` of a model that takes texts.
        text: String. The text, or the path of a file that ends in `.txt`.

    Returns:
        List with the one text.

    Raises:
        UsageError: If the file is not there or cannot be read, or the model knows no word of the
            text.

    Example:

    >>> model = zoo.build("document_ae", input_shape=(8,), widths=(6,), latent_dim=2)
    >>> model = model.adapt(["cats purr loudly", "dogs bark loudly"])
    >>> asked(model, "Do cats bark?")
    ['Do cats bark?']
    """
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
