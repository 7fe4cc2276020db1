"""Datasets of texts: newsgroups, and the docstrings of installed libraries."""

import ast
import importlib.util
import inspect
from pathlib import Path

import numpy as np

from zoo.datasets.dataset import Dataset, split_by_seed
from zoo.datasets.named import Named
from zoo.datasets.split import Split

# Libraries that are installed with the zoo anyway, and the distribution of each.
LIBRARIES = {name: name for name in ("keras", "matplotlib", "numpy", "scipy")}
LIBRARIES |= {"sklearn": "scikit-learn"}
# Shorter docstrings are left out, and so are modules with fewer docstrings.
LEAST_WORDS, LEAST_TEXTS = 20, 40


def _load_newsgroups(name, licence):
    """Returns the newsgroups, without headers, footers and quotes, which give the group away."""
    from zoo.datasets.imports import newsgroups

    splits = newsgroups.read()
    train, test = (
        Split(*splits[part], class_names=newsgroups.GROUPS) for part in ("train", "test")
    )
    return Dataset(name, train, test, licence)


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
        tuple(LIBRARIES.values()),
    ),
}
