"""Exports by strangers: sealed with right hashes, and refused before anything of them runs."""

import os
import shutil
from pathlib import Path

import keras
import numpy as np
import onnx
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.framework import op_def_registry

import zoo
from zoo.errors import CheckFailedError, UsageError
from zoo.exporting import operations
from zoo.registry import table
from zoo.serving import sessions
from zoo.storage.manifest import Manifest


@pytest.fixture(scope="module")
def tiny():
    return zoo.build("pca", input_shape=(6, 6, 1), latent_dim=2)


@pytest.fixture(scope="module")
def exported(tiny, tmp_path_factory):
    """A bundle's folder, which no test changes."""
    folder = tmp_path_factory.mktemp("untrusted") / "bundle"
    zoo.export(tiny, folder)
    return folder


def write_file(path):
    tf.io.write_file(path, "written")


def save_checkpoint(path):
    tf.raw_ops.SaveV2(prefix=path, tensor_names=["x"], shape_and_slices=[""], tensors=[tf.zeros(1)])


def write_in_a_loop(path):
    def body(number):
        tf.io.write_file(path, "written")
        return number + 1

    tf.while_loop(lambda number: number < 1, body, [tf.constant(0)])


def print_to_a_file(path):
    tf.print("written", output_stream=f"file://{path}")


def call_python(path):
    tf.py_function(lambda: open(path, "w").close(), [], [])


HARMS = {
    "WriteFile": write_file,
    "SaveV2": save_checkpoint,
    "WriteFile, in the function .*body": write_in_a_loop,
    "ReadFile": tf.io.read_file,
    "MatchingFiles": tf.io.matching_files,
    "RestoreV2": lambda path: tf.raw_ops.RestoreV2(
        prefix=path, tensor_names=["x"], shape_and_slices=[""], dtypes=[tf.float32]
    ),
    "PrintV2": print_to_a_file,
    "EagerPyFunc": call_python,
}


def write_saved_model(model, folder, harm):
    """The SavedModel of `model` whose signatures do `harm()` too."""
    archive = keras.export.ExportArchive()
    archive.track(model)

    def add(name, key):
        inputs, _ = model.signatures[name]

        @tf.function(input_signature=inputs)
        def run(*tensors):
            harm()
            return model.endpoints[name](*tensors)

        archive.add_endpoint(key, run)

    for name in model.signatures:
        add(name, name)
    add("reconstruct", "serving_default")
    archive.write_out(str(folder), verbose=False)


def resealed(folder, copy):
    """A copy of an export, to be changed, and a function that writes the hashes anew."""
    shutil.copytree(folder, copy)
    content = Manifest.read(copy).content
    return copy, lambda: Manifest(content).write(copy)


@pytest.mark.parametrize("said", HARMS)
def test_a_signature_that_does_more_than_compute_is_refused(tiny, exported, tmp_path, said):
    folder, seal = resealed(exported, tmp_path / "copy")
    shutil.rmtree(folder / "saved_model")
    target = tmp_path / "target"
    write_saved_model(tiny, folder / "saved_model", lambda: HARMS[said](str(target)))
    seal()
    with pytest.raises(CheckFailedError, match=f"must only compute: {said}"):
        zoo.verify(folder)
    assert sorted(os.listdir(tmp_path)) == ["copy"]


def test_an_initialiser_that_reads_a_file_is_refused(exported, tmp_path):
    folder, seal = resealed(exported, tmp_path / "copy")
    shutil.rmtree(folder / "saved_model")
    (tmp_path / "words.txt").write_text("a\nb\n")
    module, columns = tf.Module(), tf.lookup.TextFileIndex
    words = tf.lookup.TextFileInitializer(
        str(tmp_path / "words.txt"),
        tf.string,
        columns.WHOLE_LINE,
        tf.int64,
        columns.LINE_NUMBER,
    )
    module.table = tf.lookup.StaticHashTable(words, -1)
    tf.saved_model.save(module, str(folder / "saved_model"))
    seal()
    with pytest.raises(CheckFailedError, match=r"compute: InitializeTableFromTextFileV2"):
        zoo.verify(folder)


# The bytes themselves, changed --------------------------------------------------------------------


def saver_function(graph, tensor):
    (node,) = [each for each in graph.graph_def.node if each.name == tensor.split(":")[0]]
    name = node.attr["f"].func.name
    return next(each for each in graph.graph_def.library.function if each.signature.name == name)


def saver_writes(graph):
    saver_function(graph, graph.saver_def.save_tensor_name).node_def.add(name="w", op="WriteFile")


def restoring_saves(graph):
    saver_function(graph, graph.saver_def.restore_op_name).node_def.add(name="s", op="SaveV2")


def a_call_in_the_saver(graph):
    function = saver_function(graph, graph.saver_def.save_tensor_name)
    function.node_def.add(name="c", op="PartitionedCall")


def signature_is_the_saver(graph):
    graph.signature_def["encode"].outputs["latent"].name = graph.saver_def.save_tensor_name


def a_node_waits_for_the_saver(graph):
    node = graph.graph_def.node.add(name="after", op="NoOp")
    node.input.append(f"^{graph.saver_def.restore_op_name}")


def the_first_thing_run_is_the_saver(graph):
    graph.collection_def["saved_model_main_op"].node_list.value[:] = [
        graph.saver_def.restore_op_name
    ]


def a_function_calls_the_saver(graph):
    name = saver_function(graph, graph.saver_def.save_tensor_name).signature.name
    other = next(f for f in graph.graph_def.library.function if "wrapper" in f.signature.name)
    node = next(node for node in other.node_def if node.op == "StatefulPartitionedCall")
    node.attr["f"].func.name = name


def an_object_is_the_saver(graph):
    name = saver_function(graph, graph.saver_def.save_tensor_name).signature.name
    node = graph.object_graph_def.nodes.add()
    node.bare_concrete_function.concrete_function_name = name


def the_saver_stands_in_for_another(graph):
    saver_function(graph, graph.saver_def.save_tensor_name).attr["api_implements"].s = b"x"


def two_nodes_of_one_name(graph):
    graph.graph_def.node.add(name=graph.graph_def.node[0].name, op="WriteFile")


def no_objects(graph):
    graph.ClearField("object_graph_def")


def needs_a_file(graph):
    graph.asset_file_def.add(filename="words.txt")


def a_function(graph):
    """One that computes: the saver is checked before what it calls."""
    functions = graph.graph_def.library.function
    return next(each for each in functions if "traced" not in each.signature.name)


def calls_what_is_not_there(graph):
    node = a_function(graph).node_def.add(name="call", op="PartitionedCall")
    node.attr["f"].func.name = "absent"


def lists_what_is_not_there(graph):
    node = a_function(graph).node_def.add(name="call", op="StatelessCase")
    node.attr["branches"].list.func.add(name="absent")


CHANGES = [
    (saver_writes, "WriteFile, in the function __inference__traced_save"),
    (restoring_saves, "SaveV2, in the function __inference__traced_restore"),
    (a_call_in_the_saver, "PartitionedCall, in the function __inference__traced_save"),
    (signature_is_the_saver, "reaches the functions that write and read checkpoints"),
    (a_node_waits_for_the_saver, "reaches the functions"),
    (the_first_thing_run_is_the_saver, "reaches the functions"),
    (a_function_calls_the_saver, "reaches the functions"),
    (an_object_is_the_saver, "reaches the functions"),
    (the_saver_stands_in_for_another, "reaches the functions"),
    (two_nodes_of_one_name, "two of its nodes have the same name"),
    (no_objects, "must hold one graph, with its objects"),
    (needs_a_file, "must not need files of its own. Received: words.txt"),
    (calls_what_is_not_there, "must hold every function that it calls. Received: absent"),
    (lists_what_is_not_there, "must hold every function that it calls. Received: absent"),
]


@pytest.mark.parametrize(
    ("change", "said"), CHANGES, ids=lambda value: getattr(value, "__name__", "")
)
def test_the_saver_is_only_for_saving(exported, change, said):
    data = (exported / "saved_model" / "saved_model.pb").read_bytes()
    operations.check(data)
    saved = saved_model_pb2.SavedModel.FromString(data)
    change(saved.meta_graphs[0])
    with pytest.raises(CheckFailedError, match=said):
        operations.check(saved.SerializeToString())


@pytest.mark.parametrize("data", [b"", b"\xff\xff", b"no model"])
def test_what_is_no_saved_model_is_refused(data):
    with pytest.raises(CheckFailedError, match=r"saved_model.pb (is damaged|must hold one graph)"):
        operations.check(data)


def test_the_list_is_of_operations_that_keep_to_themselves():
    allowed, stateful = set(operations.ALLOWED), set(operations._STATEFUL.split())
    definitions = {name: op_def_registry.get(name) for name in allowed}
    assert not [name for name, definition in definitions.items() if definition is None]
    assert {name for name, definition in definitions.items() if definition.is_stateful} == stateful
    of_files = {"file", "prefix", "path", "pattern", "shared_name", "filename", "directory"}
    takers = {
        name
        for name, definition in definitions.items()
        if of_files & {each.name for each in (*definition.input_arg, *definition.attr)}
    }
    # A shared name is one among the variables and tables of this process.
    assert takers <= {"VarHandleOp", "HashTableV2", "MutableHashTableV2", "RegexReplace",
                      "StaticRegexReplace", "RegexFullMatch", "StaticRegexFullMatch"}  # fmt: skip


def test_a_variant_that_does_more_than_compute_is_told_at_export(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "_entries", {**table._entries})

    @zoo.register(paper="none")
    def writing_ae(input_shape: tuple[int, ...] = (4, 4, 1)):
        """Writes what it sees."""
        x = keras.Input(input_shape, name="image")

        def noted(tensor):
            tf.io.write_file(str(tmp_path / "seen"), "image")
            return tensor

        latent = keras.layers.Lambda(noted, output_shape=input_shape, name="latent")(x)
        return zoo.AutoEncoder(x, keras.layers.Conv2D(1, 1)(latent))

    model = zoo.build("writing_ae")
    (tmp_path / "seen").unlink(missing_ok=True)
    with pytest.raises(CheckFailedError, match="WriteFile"):
        zoo.export(model, tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


# ONNX files that keep numbers elsewhere -----------------------------------------------------------


def external(tensor):
    """Moves a tensor's numbers out of the file, to `numbers.bin`."""
    Path("numbers.bin").write_bytes(tensor.raw_data or bytes(onnx_size(tensor)))
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="numbers.bin")


def onnx_size(tensor):
    return 4 * int(np.prod(tensor.dims))


def in_an_initializer(model):
    external(next(each for each in model.graph.initializer if onnx_size(each) > 100))


def in_an_attribute(model):
    node = model.graph.node.add(op_type="Constant", output=["more"])
    node.attribute.append(onnx.helper.make_attribute("value", tensor_of_zeros()))
    external(node.attribute[0].t)


def in_a_branch(model):
    inner = onnx.helper.make_graph([], "inner", [], [], [tensor_of_zeros()])
    node = model.graph.node.add(op_type="If")
    node.attribute.append(onnx.helper.make_attribute("then_branch", inner))
    external(node.attribute[0].g.initializer[0])


def in_a_function(model):
    node = model.functions.add(name="f").node.add(op_type="Constant", output=["more"])
    node.attribute.append(onnx.helper.make_attribute("value", tensor_of_zeros()))
    external(node.attribute[0].t)


def in_a_sparse_tensor(model):
    external(model.graph.sparse_initializer.add().values)


def in_a_list(model):
    external(model.graph.node.add(op_type="X").attribute.add().tensors.add())


def tensor_of_zeros():
    return onnx.numpy_helper.from_array(np.zeros(100, np.float32), "zeros")


MOVED = [in_an_initializer, in_an_attribute, in_a_branch, in_a_function, in_a_sparse_tensor,
         in_a_list]  # fmt: skip


@pytest.mark.parametrize("move", MOVED)
def test_an_onnx_file_that_keeps_numbers_elsewhere_is_refused(
    exported, tmp_path, monkeypatch, move
):
    monkeypatch.chdir(tmp_path)
    folder, seal = resealed(exported, tmp_path / "copy")
    model = onnx.load(folder / "encoder.onnx")
    move(model)
    (folder / "encoder.onnx").write_bytes(model.SerializeToString())
    seal()
    for opened in (zoo.load, zoo.verify):
        with pytest.raises(CheckFailedError, match=r"keeps some in another file"):
            opened(folder)


def test_an_onnx_file_that_cannot_be_read_is_refused(exported, tmp_path):
    data = (exported / "encoder.onnx").read_bytes()
    for damaged in (data[:-1], b"\x0f" + data, b"\xff" * 20, b"\x10", data + b"\x08"):
        with pytest.raises(CheckFailedError, match=r"ONNX file is damaged"):
            sessions.open_session(damaged)
    for other in (b"", data[:7] + data[9:], b"\x08\x0a"):
        with pytest.raises(CheckFailedError, match=r"ONNX file is (damaged|not one that)"):
            sessions.open_session(other)


# Providers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "providers", ["CPUExecutionProvider", ["CPUExecutionProvider"], [("CPUExecutionProvider", {})]]
)
def test_a_provider_is_a_name_or_a_list(tiny, exported, providers):
    x = np.full((2, 6, 6, 1), 0.5, np.float32)
    codes = zoo.load(exported, providers=providers).encode(x)
    np.testing.assert_allclose(codes, tiny.encode(x), atol=1e-5)


MISSING = "DmlExecutionProvider"  # of Windows alone


@pytest.mark.parametrize(
    ("providers", "said"),
    [
        ("CUDAExecution", r"no provider 'CUDAExecution'; did you mean CUDAExecutionProvider"),
        (["CPUExecutionProvider", "GPU"], r"There is no provider 'GPU'; there are "),
        (MISSING, rf"`providers` must be among .*CPUExecutionProvider.* Received: {MISSING}"),
        ([MISSING], rf"`providers` must be among .* Received: {MISSING}"),
        ([], r"must be a provider's name or a list of names. Received: providers=\[\]"),
        (None, r"must be a provider's name or a list of names. Received: providers=None"),
        ([3], r"There is no provider 3"),
    ],
)
def test_an_unknown_or_missing_provider_is_refused(exported, providers, said):
    with pytest.raises(UsageError, match=said):
        zoo.load(exported, providers=providers)


def test_a_missing_provider_of_a_list_is_warned_of(exported):
    with pytest.warns(UserWarning, match=f"{MISSING} is not available: .*CPUExecutionProvider"):
        zoo.load(exported, providers=[MISSING, "CPUExecutionProvider"])


# Files --------------------------------------------------------------------------------------------


def test_what_is_loaded_is_what_was_checked(tiny, exported, tmp_path, monkeypatch):
    """The folder is exchanged for another right after the check; TensorFlow never sees that."""
    folder, _ = resealed(exported, tmp_path / "copy")
    check, target = operations.check, tmp_path / "target"
    write_saved_model(tiny, tmp_path / "evil", lambda: write_file(str(target)))

    def exchanging(data):
        check(data)
        shutil.rmtree(folder / "saved_model")
        shutil.copytree(tmp_path / "evil", folder / "saved_model")

    monkeypatch.setattr(operations, "check", exchanging)
    zoo.verify(folder)
    assert not target.exists()


def a_pipe(path):
    path.unlink()
    os.mkfifo(path)


def a_folder(path):
    path.unlink()
    path.mkdir()


def a_large_sparse_file(path):
    with open(path, "r+b") as file:
        file.truncate(1 << 40)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (a_pipe, "cannot be read: it is not a regular file"),
        (a_folder, "cannot be read: Is a directory"),
        (a_large_sparse_file, "is not the file that was exported"),
    ],
)
@pytest.mark.parametrize("file", ["encoder.onnx", "weights.safetensors"])
def test_size_and_kind_are_checked_before_a_byte_is_read(exported, tmp_path, change, said, file):
    folder = shutil.copytree(exported, tmp_path / "copy")
    change(folder / file)
    opened = [zoo.verify] if file == "weights.safetensors" else [zoo.load, zoo.verify]
    for function in opened:
        with pytest.raises(CheckFailedError, match=f"{file} {said}"):
            function(folder)


@pytest.mark.parametrize("name", ["saved_model/../card.md", "../card.md", "/card.md"])
def test_a_name_that_climbs_is_refused(exported, tmp_path, name):
    folder = shutil.copytree(exported, tmp_path / "copy")
    content = Manifest.read(folder).content
    content["files"][name] = content["files"]["card.md"]
    Manifest(content).seal(folder)
    for function in (zoo.load, zoo.verify):
        with pytest.raises(CheckFailedError, match=r"`files` must be below the folder"):
            function(folder)
