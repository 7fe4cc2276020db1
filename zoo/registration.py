"""Tells Keras of the zoo's classes before their files are imported, which takes TensorFlow.

A Keras file names its classes, such as `zoo>AutoEncoder`, and Keras looks these up in a table that
a class enters when its file is imported. After `import zoo` alone no such file is: until then a
stand-in is in the table.
"""

import importlib
import importlib.util
import re
import sys
from pathlib import Path

_FOLDER = Path(__file__).parent
_REGISTERED = re.compile(
    r'^@keras\.saving\.register_keras_serializable\(package="zoo"\)\n(class|def) (\w+)',
    re.MULTILINE,
)


def after_keras() -> None:
    """Calls `register` once Keras is imported."""
    if "keras" in sys.modules:
        register()
    elif not any(isinstance(finder, _AfterKeras) for finder in sys.meta_path):
        sys.meta_path.insert(0, _AfterKeras())


def register() -> None:
    """Enters a stand-in into Keras's table for every class and function that is not there."""
    import keras

    table = keras.saving.get_custom_objects()
    for (kind, name), module in registered().items():
        if f"zoo>{name}" in table:
            continue
        if kind == "class":
            table[f"zoo>{name}"] = _Class(module, name)
        else:
            keras.saving.register_keras_serializable("zoo", name)(_function(module, name))


def registered() -> dict[tuple[str, str], str]:
    """Returns the module of each class and function with Keras's decorator in the zoo's files."""
    found = {}
    for path in _FOLDER.rglob("*.py"):
        module = ".".join(path.relative_to(_FOLDER.parent).with_suffix("").parts)
        found |= dict.fromkeys(_REGISTERED.findall(path.read_text(encoding="utf-8")), module)
    return found


class _AfterKeras:
    """Finds Keras as Python does, and has `register` called when its import is done."""

    def find_spec(self, name, path=None, target=None):
        if name != "keras":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_register(module):
                execute(module)
                register()

            spec.loader.exec_module = execute_and_register
        return spec


class _Class:
    """Stands for a class in Keras's table, until Keras makes an instance of it."""

    def __init__(self, module, name):
        self.module, self.name = module, name

    def from_config(self, config):
        for module in set(registered().values()):  # the config names further ones
            importlib.import_module(module)
        return getattr(importlib.import_module(self.module), self.name).from_config(config)


def _function(module, name):
    """Returns a function that imports another when it is called, and calls it."""

    def call(*args, **kwargs):
        return getattr(importlib.import_module(module), name)(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    return call
