"""The layout: which room may import which, and what users see of each."""

import ast
import functools
import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import keras
import numpy as np
import pytest

import zoo
from zoo.autoencoder import AutoEncoder
from zoo.autoencoder.variant_model import VariantModel
from zoo.evaluation.evaluate import OF_MOVED_ROWS, OF_PAIRS
from zoo.inputs import kinds
from zoo.serving import Codec
from zoo.training.figures import OF_ROWS

PACKAGE = Path(zoo.__file__).parent
FILES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
# A room imports only rooms listed before it.
ROOMS = (
    "errors", "dependencies", "inputs", "fused", "storage", "recipes", "layers", "datasets",
    "serving", "generation", "plots", "autoencoder", "blocks", "search", "registry", "models",
    "weights", "runs", "evaluation", "exporting", "server", "explore", "anomaly", "training",
    "sklearn", "checks", "experiments", "cli",
)  # fmt: skip
PUBLIC = (
    "anomaly", "blocks", "checks", "datasets", "errors", "evaluation", "generation", "layers",
    "plots", "recipes", "registry", "search", "serving", "sklearn",
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
        own = {
            node.name
            for node in nodes
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }
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
    assert {name for name in zoo.__all__ if inspect.ismodule(getattr(zoo, name))} == set(PUBLIC)


def same_names():
    """Pairs of a package and a name of one of its files that defines a function of that name."""
    for module, path in FILES.items():
        package, _, name = module.rpartition(".")
        functions = ast.parse(path.read_text(encoding="utf-8")).body
        has_it = any(isinstance(node, ast.FunctionDef) and node.name == name for node in functions)
        if has_it and package.count(".") == 1 and room(package) in (*PUBLIC, "exporting"):
            yield package, name


def test_a_function_is_not_hidden_by_the_file_of_its_name():
    pairs = list(same_names())
    expected = {("zoo.datasets", "load"), ("zoo.exporting", "export"), ("zoo.anomaly", "report")}
    assert expected <= set(pairs)
    pairs.append(("zoo.registry", "entry"))  # whose file holds `Entry`
    code = f"""
import importlib
for package, name in {pairs!r}:
    assert callable(getattr(importlib.import_module(package), name)), (package, name)
for package, name in {pairs!r}:
    importlib.import_module(f"{{package}}.{{name}}")
    assert callable(getattr(importlib.import_module(package), name)), (package, name)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


class CodecOfAnother(Codec):
    """An abstract base class as another library may write it."""


class WithoutCode(VariantModel, CodecOfAnother):
    """A Keras model that does not define what is abstract."""


class Complete(AutoEncoder, CodecOfAnother):
    """A Keras model that does."""


@pytest.mark.parametrize(
    ("cls", "missing"),
    [
        (Codec, "code_names, code_shapes, index_names, named_input, run"),
        (CodecOfAnother, "code_names, code_shapes, index_names, named_input, run"),
        (WithoutCode, "code_names, code_shapes, index_names"),
    ],
)
def test_an_abstract_model_says_what_a_subclass_must_define(cls, missing):
    message = f"{cls.__name__} is abstract: a subclass must define {missing}."
    with pytest.raises(TypeError, match=re.escape(message)):
        cls(keras.Input((4,)), keras.Input((4,)))


def test_a_keras_model_may_inherit_an_abstract_codec_of_another_library():
    x = keras.Input((4,), name="features")
    model = Complete(x, keras.layers.Dense(4)(keras.layers.Dense(2, name="latent")(x)))
    assert model.encode(np.zeros((3, 4), "float32")).shape == (3, 2)


@pytest.mark.parametrize("endpoint", ["classify", "score"])
def test_a_codec_without_an_endpoint_says_so(endpoint, tmp_path):
    model = zoo.build("linear_ae", input_shape=(4,), latent_dim=2)
    bundle, rows = zoo.export(model, tmp_path / "export"), np.zeros((3, 4), "float32")
    assert not hasattr(model, endpoint)
    for ask in (lambda: model.run(endpoint, [rows], 3), lambda: getattr(bundle, endpoint)(rows)):
        with pytest.raises(zoo.errors.UsageError, match=f"This model cannot {endpoint}, since it"):
            ask()


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
            yield f"{home.__name__}.{name}", thing, True
            own = (
                [each for each in inspect.getmro(thing) if each.__module__.startswith("zoo.")]
                if (inspect.isclass(thing))
                else []
            )
            for method in {key for each in own for key in vars(each)}:
                value = inspect.getattr_static(thing, method)
                value = getattr(value, "__func__", value)  # of a class method
                of_keras = method in OF_KERAS and issubclass(thing, keras.Layer)
                if method[0] != "_" and inspect.isfunction(value) and not of_keras:
                    yield f"{home.__name__}.{name}.{method}", value, False


def undocumented(thing, example):
    """Returns what is missing: the first line, an argument or the example; None if nothing is."""
    text = inspect.getdoc(thing) or ""
    if not text.split("\n")[0].endswith((".", ":")):
        return "first line"
    if inspect.isclass(thing) and issubclass(thing, Exception):
        return None
    signature = inspect.signature(thing)
    inherited = inspect.isclass(thing) and "__init__" not in vars(thing)
    if inherited and not hasattr(thing, "__match_args__"):  # which dataclasses have
        signature = signature.replace(parameters=[])
    for name in signature.parameters:
        documented = re.search(rf"^\s+\*{{0,2}}`?{name}\b.*: ", text, re.MULTILINE)
        if name not in ("self", "cls", "args", "kwargs") and not documented:
            return name
    return "example" if example and ">>>" not in text else None


def test_every_public_object_has_a_docstring_in_full():
    found = {name: undocumented(*rest) for name, *rest in public_objects()}
    assert len(found) > 200
    assert {name: lack for name, lack in found.items() if lack} == {}


def test_every_metric_and_figure_of_a_kind_is_known():
    metrics = {*OF_PAIRS, *OF_MOVED_ROWS, "denoising_gain"}
    for kind in kinds.KINDS.values():
        assert set(kind.metrics) <= metrics
        assert kinds.of_tensor(kind.tensor_name) is kind
        assert kinds.of_array(1 + len(kind.axes), kind.name) is kind
    assert set().union(*(kind.figures for kind in kinds.KINDS.values())) == {*OF_ROWS}


@functools.cache
def data():
    """A dataset of each kind."""
    texts = [f"{word} cats purr" for word in ("two", "three", "four", "five")]
    names = {"images": "mnist_5k", "features": "wine", "documents": texts}
    names |= {"sequences": "mnist_5k_rows", "volumes": np.zeros((5, 8, 8, 8, 1), "float32")}
    assert names.keys() == kinds.KINDS.keys()
    return {kind: zoo.datasets.load(source) for kind, source in names.items()}


@pytest.mark.parametrize("name", zoo.names())
def test_every_variant_takes_the_kinds_that_it_names(name):
    entry = zoo.entry(name)
    for kind, dataset in data().items():
        if kind in entry.kinds:
            arguments = entry.arguments(entry.arguments_for(dataset))
            assert arguments.get("input_shape") in (dataset.input_shape, (2000,))
        else:
            with pytest.raises(zoo.errors.UsageError, match=f"{name} takes .* Received: {kind}"):
                entry.arguments_for(dataset)


def test_a_kind_of_data_that_nobody_knows_is_refused():
    with pytest.raises(zoo.errors.UsageError, match="no kind of data 'image'; did you mean images"):
        zoo.register(kinds=("image",))(lambda input_shape=(4, 4, 1): None)
