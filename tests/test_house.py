"""The layout: which room may import which, and what users see of each."""

import ast
import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import zoo

PACKAGE = Path(zoo.__file__).parent
FILES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
# A room imports only rooms listed before it.
ROOMS = (
    "errors", "inputs", "fused", "storage", "recipes", "layers", "datasets", "serving",
    "generation", "plots", "autoencoder", "blocks", "search", "registry", "models", "runs",
    "evaluation", "exporting", "anomaly", "training", "checks", "experiments", "cli",
)  # fmt: skip
PUBLIC = (
    "anomaly", "blocks", "checks", "datasets", "errors", "evaluation", "generation", "layers",
    "plots", "recipes", "registry", "search", "serving",
)  # fmt: skip
# Methods that Keras defines and documents.
OF_KERAS = ("build", "call", "compute_output_shape", "get_config", "get_compile_config")
# Private attributes of Keras that are used under known versions only, and a method of named tuples.
OTHERS = {"_get_variable_index", "_momentums", "_velocities", "_replace", "_exit"}


def room(module):
    return module.split(".")[1] if "." in module else ""


def imported(module):
    """The modules of the package that a file imports, in functions too."""
    for node in ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "zoo":
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in FILES else node.module
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name.split(".")[0] == "zoo")


def test_every_room_is_listed():
    assert {room(module) for module in FILES} == {"", "__main__", *ROOMS}


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_imports_only_rooms_before_it(name):
    allowed = {"", *ROOMS[: ROOMS.index(name) + 1]}  # `zoo` itself imports nothing until asked
    upwards = [
        (module, other)
        for module in FILES
        if room(module) == name
        for other in imported(module)
        if room(other) not in allowed
    ]
    assert not upwards


def test_no_file_imports_itself_through_others():
    arrows = {
        module: {other for other in imported(module) if other not in ("zoo", module)}
        for module in FILES
        if room(module)
    }
    while True:  # files that import nothing that is left are taken away
        free = {module for module, others in arrows.items() if not others & arrows.keys()}
        if not free:
            break
        arrows = {module: others for module, others in arrows.items() if module not in free}
    assert not arrows


def test_no_file_uses_a_private_name_of_another():
    for path in FILES.values():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes = list(ast.walk(tree))
        own = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        own |= {node.attr for node in nodes if isinstance(node, ast.Attribute)
                and isinstance(node.ctx, ast.Store)}  # fmt: skip
        own |= {node.id for node in nodes if isinstance(node, ast.Name)
                and isinstance(node.ctx, ast.Store)}  # fmt: skip
        used = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        used |= {
            alias.name
            for node in nodes
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("zoo")
            for alias in node.names
        }
        private = {name for name in used if re.match("_[^_]", name)} - own - OTHERS
        assert not private, path


def test_the_face_shows_what_is_public():
    assert sorted(dir(zoo)) == sorted([*zoo.__all__, "__version__"])
    assert set(PUBLIC) <= set(zoo.__all__)


def same_names():
    """Pairs of a package and a name that it exports and that one of its files has too."""
    for name in PUBLIC:
        package = import_module(f"zoo.{name}")
        for public in getattr(package, "__all__", ()):
            if f"zoo.{name}.{public}" in FILES and callable(getattr(package, public)):
                yield f"zoo.{name}", public
    yield "zoo.exporting", "export"
    yield "zoo.exporting", "verify"


def test_a_function_is_not_hidden_by_the_file_of_its_name():
    pairs = list(same_names())
    assert {("zoo.registry", "entry"), ("zoo.datasets", "load")} <= set(pairs)
    code = f"""
import importlib
for package, name in {pairs!r}:
    assert callable(getattr(importlib.import_module(package), name)), (package, name)
for package, name in {pairs!r}:
    importlib.import_module(f"{{package}}.{{name}}")
    assert callable(getattr(importlib.import_module(package), name)), (package, name)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_training_does_without_onnxruntime():
    code = "import sys, zoo.training.train; assert 'onnxruntime' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def public_objects():
    """Functions, classes and methods that are public: in `__all__` of a public room."""
    homes = [zoo, *(import_module(f"zoo.{name}") for name in PUBLIC)]
    for home in homes:
        for name in getattr(home, "__all__", [each for each in vars(home) if each[0] != "_"]):
            thing = getattr(home, name)
            if not callable(thing) or not (thing.__module__ or "").startswith("zoo."):
                continue
            yield f"{home.__name__}.{name}", thing
            if inspect.isclass(thing):
                for method, value in vars(thing).items():
                    if method[0] != "_" and inspect.isfunction(value) and method not in OF_KERAS:
                        yield f"{home.__name__}.{name}.{method}", value


def undocumented(thing):
    """What a docstring lacks: a first line, an entry for an argument, or an example."""
    text = inspect.getdoc(thing) or ""
    if not text.split("\n")[0].endswith((".", ":")):
        return "first line"
    is_error = inspect.isclass(thing) and issubclass(thing, Exception)
    signature = inspect.signature(thing).parameters if not is_error else {}
    if (
        inspect.isclass(thing)
        and "__init__" not in vars(thing)
        and not hasattr(thing, "__match_args__")
    ):
        signature = {}
    for name in signature:
        kept = name.lstrip("*") not in ("self", "cls", "args", "kwargs")
        if kept and not re.search(rf"^\s+\*{{0,2}}`?{name}\b.*: ", text, re.MULTILINE):
            return name
    return None


def test_every_public_object_has_a_docstring_in_full():
    found = {name: undocumented(thing) for name, thing in public_objects()}
    assert len(found) > 150
    assert {name: lack for name, lack in found.items() if lack} == {}
