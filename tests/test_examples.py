"""The examples of the docstrings, run as they stand."""

import ast
import doctest
import importlib
from pathlib import Path

import keras
import numpy as np
import pytest

import zoo

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
SOURCES = Path(zoo.__file__).parent


def files_with_examples():
    """The names of the modules that hold `>>>`, found without importing them."""
    for path in sorted(SOURCES.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if ">>>" in text and any(
            ">>>" in (ast.get_docstring(node) or "") for node in defined(text)
        ):
            yield ".".join(("zoo", *path.relative_to(SOURCES).with_suffix("").parts))


def defined(text):
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds))


@pytest.mark.parametrize("name", list(files_with_examples()))
def test_examples_give_what_they_show(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name.removesuffix(".__init__"))
    names = vars(module) | {"zoo": zoo, "np": np, "keras": keras}
    examples = [test for test in doctest.DocTestFinder().find(module) if test.examples]
    assert examples
    failures = []
    for test in examples:
        test.globs = dict(names)
        runner = doctest.DocTestRunner(optionflags=FLAGS)
        runner.run(test, out=failures.append)
    assert not failures, "\n".join(failures)
