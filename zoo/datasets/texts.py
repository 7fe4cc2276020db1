"""Texts with a class each: newsgroups, files in folders, and the libraries' own documentation."""

import ast
import contextlib
import importlib.util
import inspect
import sys
import warnings
from pathlib import Path

import numpy as np

from zoo.datasets.dataset import Dataset, Split, split_by_seed
from zoo.datasets.named import Named
from zoo.errors import UsageError

LIBRARIES = ("keras", "matplotlib", "numpy", "scipy", "sklearn")  # that are installed anyway
LEAST_WORDS, LEAST_TEXTS = 20, 40  # of a docstring that counts; of a module that is a class


def is_folder(path: Path) -> bool:
    """Whether a folder holds text files, itself or in a subfolder for each class."""
    return path.is_dir() and bool(paths(path))


def paths(folder: Path) -> list[Path]:
    """Of `folder/*.txt`, or, where there is none, of `folder/CLASS/*.txt`."""
    return sorted(folder.glob("*.txt")) or sorted(folder.glob("*/*.txt"))


def load_folder(folder: Path, divide=split_by_seed) -> Dataset | Split:
    """The texts of `paths`, in UTF-8, labelled by their subfolder."""
    found = paths(folder)
    labels = None
    if found[0].parent != folder:
        labels = np.unique([path.parent.name for path in found], return_inverse=True)[1]
    names = tuple(path.relative_to(folder).as_posix() for path in found)
    return divide(str(folder), Split([read(path) for path in found], labels, names))


def read(path: Path) -> str:
    """What a file says, in UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not a text in UTF-8. Take it out, or convert it.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. Take it out.") from None


def _load_newsgroups(name, licence):
    """Without headers, footers and quotes, which give the group away; split by date."""
    parts = []
    for subset in ("train", "test"):
        found = _fetch_newsgroups(subset)
        parts.append(Split(found.data, found.target))
    return Dataset(name, *parts, licence)


def _fetch_newsgroups(subset):
    from sklearn.datasets import fetch_20newsgroups

    # What scikit-learn warns of while it downloads is told here in one sentence.
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return fetch_20newsgroups(
                subset=subset, remove=("headers", "footers", "quotes"), n_retries=1, delay=0.1
            )
        except OSError:
            raise UsageError(
                "20newsgroups is not on this machine and its source cannot be reached: run "
                "`zoo data import 20newsgroups DIR` on a folder that holds 20news-bydate.tar.gz."
            ) from None


def _load_docstrings(name, licence):
    """What functions and classes say of themselves, by module; read from source, not imported."""
    texts, modules = [], []
    for library in LIBRARIES:
        for module, text in _docstrings(library):
            if len(text.split()) >= LEAST_WORDS:
                modules.append(module)
                texts.append(text)
    kinds, labels, counts = np.unique(modules, return_inverse=True, return_counts=True)
    kept = np.flatnonzero(counts[labels] >= LEAST_TEXTS)
    labels = np.unique(kinds[labels[kept]], return_inverse=True)[1]
    return split_by_seed(name, Split([texts[row] for row in kept], labels), licence)


def _docstrings(library):
    """Pairs of a public module, such as `scipy.stats`, and the text of one docstring."""
    root = Path(importlib.util.find_spec(library).origin).parent
    for path in sorted(root.rglob("*.py")):
        parts = [part.removesuffix(".py") for part in path.relative_to(root).parts]
        if parts[0] == "src":  # where Keras keeps its modules
            del parts[0]
        if len(parts) < 2 or parts[0].startswith("_") or {"tests", "testing"} & set(parts):
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            kinds = (ast.FunctionDef, ast.ClassDef)
            if isinstance(node, kinds) and not node.name.startswith("_"):
                text = ast.get_docstring(node)
                if text:
                    yield f"{library}.{parts[0]}", inspect.cleandoc(text)


BY_NAME = {
    "20newsgroups": Named(
        "documents",
        "scikit-learn's cache",
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
