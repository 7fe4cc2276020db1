"""Placeholders for the zoo's classes in Keras's registry, until their files are imported."""

import importlib
import importlib.util
import re
import sys
from pathlib import Path

_FOLDER = Path(__file__).parent.parent
_REGISTERED = re.compile(
    r'^@keras\.saving\.register_keras_serializable\(package="zoo"\)\n(class|def) (\w+)',
    re.MULTILINE,
)


def after_keras() -> None:
    """Calls `register` now if Keras is imported, or else as soon as it is.

    Example:

    >>> after_keras()
    """
    if "keras" in sys.modules:
        register()
    elif not any(isinstance(finder, _AfterKeras) for finder in sys.meta_path):
        sys.meta_path.insert(0, _AfterKeras())


def register() -> None:
    """Registers a placeholder with Keras for each class of the zoo that is not registered yet.

    Functions get placeholders too. A Keras file names its classes, such as `zoo>AutoEncoder`, and
    Keras looks them up in its registry, which a class enters when its file is imported. `import
    zoo` alone imports no such file, since those import TensorFlow; the placeholders import them
    when Keras needs them.

    Example:

    >>> register()
    >>> "zoo>AutoEncoder" in keras.saving.get_custom_objects()
    True
    """
    import keras

    registry = keras.saving.get_custom_objects()
    for (kind, name), module in registered().items():
        if f"zoo>{name}" in registry:
            continue
        if kind == "class":
            registry[f"zoo>{name}"] = _Class(module, name)
        else:
            keras.saving.register_keras_serializable("zoo", name)(_function(module, name))


def registered() -> dict[tuple[str, str], str]:
    """Returns the module of each class and function in the zoo that has Keras's decorator.

    Returns:
        A dictionary from pairs of `"class"` or `"def"` and a name to the name of a module.

    Example:

    >>> registered()["class", "AutoEncoder"].split(".")
    ['zoo', 'autoencoder', 'autoencoder']
    """
    modules = {}
    for path in _FOLDER.rglob("*.py"):
        module = ".".join(path.relative_to(_FOLDER.parent).with_suffix("").parts)
        modules |= dict.fromkeys(_REGISTERED.findall(path.read_text(encoding="utf-8")), module)
    return modules


class _AfterKeras:
    """Import hook that finds Keras as Python does, and calls `register` once Keras is imported."""

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
    """Placeholder for a class in Keras's registry, until Keras creates an instance of it."""

    def __init__(self, module, name):
        self.module, self.name = module, name

    def from_config(self, config):
        for module in set(registered().values()):  # the config refers to further classes
            importlib.import_module(module)
        return getattr(importlib.import_module(self.module), self.name).from_config(config)


def _function(module, name):
    """Returns a placeholder for a function, which imports the function and calls it."""

    def call(*args, **kwargs):
        return getattr(importlib.import_module(module), name)(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    return call
