"""Reads texts: newsgroups, text files, and the docstrings of installed libraries."""

import ast
import importlib.util
import inspect
from pathlib import Path

import numpy as np

from zoo.datasets.dataset import Dataset, Named, Split, split_by_seed
from zoo.datasets.readers import folders
from zoo.errors import CheckFailedError, UsageError
from zoo.storage import untrusted

SUFFIXES = (".txt",)
LIBRARIES = ("keras", "matplotlib", "numpy", "scipy", "sklearn")  # installed with the zoo anyway
LARGEST = 1 << 28  # bytes of a text file
# Shorter docstrings are left out, and so are modules with fewer docstrings.
LEAST_WORDS, LEAST_TEXTS = 20, 40


def read(path: Path) -> str:
    """Returns the text of a UTF-8 file, without the byte order mark that it may begin with.

    Args:
        path: Path of the file, of at most 2²⁸ bytes.

    Returns:
        String.

    Raises:
        UsageError: If the file cannot be read, is too large, or is in another encoding, such as
            Latin-1.

    Example:

    >>> _ = Path("text.txt").write_text("Two words.", encoding="utf-8")
    >>> read(Path("text.txt"))
    'Two words.'
    """
    folders.require_file(path)
    try:
        return untrusted.read_file(path, LARGEST).decode("utf-8-sig")
    except CheckFailedError as error:  # too large
        raise UsageError(str(error)) from None
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not a text in UTF-8: convert it, or remove it. "
            f"Received: byte 0x{error.object[error.start]:02x} at position {error.start}."
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


def read_all(paths: list[Path]) -> tuple[list[str], list[int], list[str]]:
    """Reads text files, and leaves out those that cannot be read.

    Args:
        paths: List of paths.

    Returns:
        A tuple of three lists: the texts, their positions in `paths`, and for each of the other
        files a sentence that says why it cannot be read.

    Example:

    >>> _ = Path("one.txt").write_text("Some text.")
    >>> contents, kept, reasons = read_all([Path("missing.txt"), Path("one.txt")])
    >>> contents, kept, len(reasons)
    (['Some text.'], [1], 1)
    """
    contents, kept, reasons = [], [], []
    for row, path in enumerate(paths):
        try:
            contents.append(read(path))
        except UsageError as error:
            reasons.append(str(error))
        else:
            kept.append(row)
    return contents, kept, reasons


def _load_newsgroups(name, licence):
    """Returns the newsgroups, without headers, footers and quotes, which give the group away."""
    from zoo.datasets.imports import newsgroups

    splits = newsgroups.read()
    return Dataset(name, Split(*splits["train"]), Split(*splits["test"]), licence)


def _load_docstrings(name, licence):
    """Returns docstrings labelled by their module; they are parsed from source, not imported."""
    texts, modules = [], []
    for library in LIBRARIES:
        for module, text in _docstrings(library):
            if len(text.split()) >= LEAST_WORDS:
                modules.append(module)
                texts.append(text)
    names, labels, counts = np.unique(modules, return_inverse=True, return_counts=True)
    kept = np.flatnonzero(counts[labels] >= LEAST_TEXTS)
    names, labels = np.unique(names[labels[kept]], return_inverse=True)
    whole = Split([texts[row] for row in kept], labels, class_names=tuple(names.tolist()))
    return split_by_seed(name, whole, licence)


def _docstrings(library):
    """Yields the name of a public module, such as `scipy.stats`, and one of its docstrings."""
    root = Path(importlib.util.find_spec(library).origin).parent
    for path in sorted(root.rglob("*.py")):
        parts = [part.removesuffix(".py") for part in path.relative_to(root).parts]
        if parts[0] == "src":  # where Keras keeps its modules
            del parts[0]
        if len(parts) < 2 or parts[0].startswith("_") or {"tests", "testing"} & set(parts):
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            types = (ast.FunctionDef, ast.ClassDef)
            if isinstance(node, types) and not node.name.startswith("_"):
                text = ast.get_docstring(node)
                if text:
                    yield f"{library}.{parts[0]}", inspect.cleandoc(text)


BY_NAME = {
    "20newsgroups": Named(
        "documents",
        "a file that `zoo data import` writes",
        "none stated; public posts of 1993, collected by K. Lang",
        _load_newsgroups,
    ),
    "docstrings": Named(
        "documents",
        "in the installed libraries",
        "BSD-3-Clause, Apache-2.0 (Keras), PSF-like (matplotlib)",
        _load_docstrings,
    ),
}
