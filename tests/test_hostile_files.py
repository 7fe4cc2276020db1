"""Damaged and hostile files of every format: a `ZooError`, or the content that was written."""

import functools
import json
import os
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import zoo
from zoo import datasets, runs
from zoo.errors import CheckFailedError, UsageError, ZooError
from zoo.runs import rebuild
from zoo.search import Index, index_file
from zoo.storage import json_files, tensors, untrusted
from zoo.storage.manifest import Manifest

COUNT = 60  # damages of a format
SEED = 17
ROWS = np.random.default_rng(0).random((40, 6, 6, 1)).astype(np.float32)
WRONG = [None, True, False, -1, 0, 3, 1 << 40, 10**30, 1.5, 1e308, "", "x", "../x", "a\0b",
         "\ud800", [], {}, [1], [None], [[]], {"x": 1}, ["x"] * 3]  # fmt: skip


# What is damaged: for each format a file, and what opens it --------------------------------------


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A folder with one good file or folder of each format, which no test changes."""
    folder = tmp_path_factory.mktemp("good")
    write_good(folder)
    return folder


def write_good(folder):
    pandas = pytest.importorskip("pandas")
    np.savez_compressed(folder / "a.npz", images=ROWS, labels=np.arange(40) % 3, more=np.ones(9))
    np.save(folder / "a.npy", ROWS)
    table = pandas.DataFrame({"a": np.arange(50.0), "b": np.arange(50) * 0.5})
    table.to_parquet(folder / "a.parquet")
    table.to_csv(folder / "a.csv", index=False)
    model = zoo.build("pca", input_shape=(6, 6, 1), latent_dim=2)
    model.adapt(ROWS)
    bundle = zoo.export(model, folder / "bundle")
    for approximate in (False, True):
        name = "approximate" if approximate else "exact"
        Index.build(bundle, ROWS, approximate=approximate).save(folder / f"{name}.index")
    model.save(folder / "a.keras")
    zoo.train("shallow_ae", ROWS, folder=folder / "run", epochs=1, latent_dim=2)


def open_run(folder):
    run = zoo.Run.open(folder)
    return [run.history, run.metrics, run.config, run.model.reconstruct(ROWS)]


def open_bundle(folder):
    return zoo.load(folder).reconstruct(ROWS)


def open_index(path):
    bundle = zoo.load(path.with_name("bundle"))
    return Index.load(path, bundle).query(ROWS[:3], 2)


def open_data(path):
    data = datasets.load(str(path))
    return [data.train.inputs, data.train.labels, data.test.inputs]


def open_model(path):
    return zoo.load_model(path).reconstruct(ROWS)


OPEN = {
    "a.npz": open_data, "a.npy": open_data, "a.parquet": open_data, "a.csv": open_data,
    "bundle": open_bundle, "exact.index": open_index, "approximate.index": open_index,
    "a.keras": open_model, "run": open_run,
}  # fmt: skip
FILES = [
    "a.npz", "a.npy", "a.parquet", "a.csv", "bundle/manifest.json", "bundle/encoder.onnx",
    "exact.index", "approximate.index", "a.keras", "run/config.json", "run/history.json",
    "run/metrics.json", "run/weights.safetensors",
]  # fmt: skip
CHECKED = {"a.npz", "exact.index", "approximate.index", "a.keras",
           "run/weights.safetensors", "bundle/encoder.onnx", "bundle/manifest.json"}  # fmt: skip


def copied(good, folder, name):
    """Copies the files that a format needs; returns the path to damage and what to open."""
    top = name.partition("/")[0]
    for each in {top, "bundle"} if top.endswith(".index") else {top}:
        copy = shutil.copytree if (good / each).is_dir() else shutil.copy
        copy(good / each, folder / each)
    return folder / name, functools.partial(OPEN[top], folder / top)


def outcome(opened):
    """Returns what a file holds, or None if it is refused; any other exception is a failure."""
    try:
        return opened()
    except ZooError:
        return None


def same(found, wanted):
    if isinstance(wanted, (list, tuple)):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    return np.array_equal(found, wanted)


# Bytes ------------------------------------------------------------------------------------------


def damaged(data, random):
    """Returns bytes that differ in a bit, in a few bytes, in their length or in a block."""
    result, kind = bytearray(data), random.integers(5)
    place = int(random.integers(len(data)))
    if kind == 0:
        result[place] ^= 1 << int(random.integers(8))
    elif kind == 1:
        result[place : place + 4] = random.bytes(4)
    elif kind == 2:
        del result[place:]
    elif kind == 3:
        result[place:place] = random.bytes(int(random.integers(1, 40)))
    else:
        result[place : place + 200] = b"\xff" * 200
    return bytes(result)


@pytest.mark.filterwarnings("ignore")  # a damaged file may well be warned of
@pytest.mark.parametrize("name", FILES)
def test_damaged_bytes_are_refused(good, tmp_path, name):
    count_damages(good, tmp_path, name, COUNT)


def count_damages(good, folder, name, count):
    """Asserts that every damage is refused, or changes nothing that a checksum covers."""
    path, opened = copied(good, folder, name)
    whole, wanted = path.read_bytes(), opened()
    random = np.random.default_rng(SEED)
    refused = 0
    for number in range(count):
        path.write_bytes(damaged(whole, random))
        found = outcome(opened)
        refused += found is None
        assert found is None or name not in CHECKED or same(found, wanted), number
    assert refused
    return refused


# Values, sealed anew -----------------------------------------------------------------------------


def nodes(value, path=()):
    """Yields the place of every value within JSON's content."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in items:
        yield (*path, key)
        if isinstance(each, (dict, list)):
            yield from nodes(each, (*path, key))


def changed(content, random):
    """Returns a copy of JSON's content in which one value is gone or another."""
    copy = json.loads(json.dumps(content))
    places = list(nodes(copy))
    *above, key = places[random.integers(len(places))]
    part = functools.reduce(lambda value, each: value[each], above, copy)
    choice = random.integers(len(WRONG) + 2)
    if choice == len(WRONG):
        del part[key]
    elif choice == len(WRONG) + 1 and isinstance(part, dict):
        part[f"{key}x"] = part.pop(key)
    else:
        part[key] = WRONG[choice % len(WRONG)]
    return copy


def seal_manifest(path, content):
    (path.parent / "manifest.json").unlink()
    Manifest(content)._write(path.parent)


def seal_json(path, content):
    path.write_text(json.dumps(content))


def seal_index(path, content):
    tensors, _ = index_file.read(path.with_name("whole"))
    path.unlink(missing_ok=True)
    index_file.write(path, tensors, content)


def seal_keras(path, content):
    with zipfile.ZipFile(path.with_name("whole")) as whole, zipfile.ZipFile(path, "w") as archive:
        for name in whole.namelist():
            archive.writestr(
                name, json.dumps(content) if name == "config.json" else whole.read(name)
            )


def index_notes(path):
    return index_file.read(path)[1]


def keras_config(path):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("config.json"))


def manifest_content(path):
    return Manifest.read(path.parent).content


def json_content(path):
    return json.loads(path.read_text())


SEALED = {
    "bundle/manifest.json": (manifest_content, seal_manifest),
    "exact.index": (index_notes, seal_index),
    "approximate.index": (index_notes, seal_index),
    "a.keras": (keras_config, seal_keras),
    "run/config.json": (json_content, seal_json),
    "run/history.json": (json_content, seal_json),
    "run/metrics.json": (json_content, seal_json),
}


@pytest.mark.filterwarnings("ignore")  # a wrong value may well be warned of
@pytest.mark.parametrize("name", SEALED)
def test_wrong_values_are_refused_or_do_no_harm(good, tmp_path, name):
    count_changes(good, tmp_path, name, COUNT)


def count_changes(good, folder, name, count):
    """Asserts that every wrong value is refused, or what opens still answers."""
    path, opened = copied(good, folder, name)
    if path.is_file():
        shutil.copy(path, path.with_name("whole"))
    read, seal = SEALED[name]
    content, random = read(path), np.random.default_rng(SEED)
    refused = 0
    for _ in range(count):
        seal(path, changed(content, random))
        refused += outcome(opened) is None
    assert refused
    return refused


# Files that would take the memory, or the time ----------------------------------------------------


def nested(path):
    path.write_bytes(b"[" * 200_000 + b"]" * 200_000)


def twice(path):
    """The first key of a dict is there twice."""
    text = path.read_text()
    path.write_text(text.replace("{", '{"variant": "vae", "variant": "pca", ', 1))


def not_finite(path):
    path.write_text(path.read_text().replace("{", '{"loss": [NaN], "sse": Infinity, ', 1))


def sparse(path):
    os.truncate(path, 12 << 30)


def fifo(path):
    path.unlink()
    os.mkfifo(path)


def link_in_a_circle(path):
    path.unlink()
    path.symlink_to(path)


def endless(path):
    path.unlink()
    path.symlink_to("/dev/zero")


def huge_header(path):
    """An array's header, or a tensor's, tells of 10¹² rows."""
    if path.suffix == ".npz":
        with zipfile.ZipFile(path) as archive:
            data = archive.read("images.npy")
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("images.npy", data.replace(b"(40, ", b"(999999999999, "))
    elif path.suffix == ".npy":
        path.write_bytes(path.read_bytes().replace(b"(40, ", b"(999999999999, "))
    else:
        data = path.read_bytes()
        place = data.index(b'"shape":[') + 9
        path.write_bytes(data[:place] + b"9" + data[place + 1 :])


def bomb(path):
    """Every member of an archive says that it inflates to 3 GB, which a deflated one may."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        for member in archive.filelist:
            member.file_size = 3 << 30


def two_of_one_name(path):
    with zipfile.ZipFile(path, "a") as archive:
        name = archive.namelist()[0]
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(name, b"again")


def one_name_with_and_without_suffix(path):
    """Both are the array of that name for numpy."""
    with zipfile.ZipFile(path, "a") as archive:
        name = archive.namelist()[0]
        archive.writestr(name.removesuffix(".npy"), archive.read(name))


JSON = ["bundle/manifest.json", "run/config.json", "run/history.json", "run/metrics.json"]
HOSTILE = [
    *((harm, name) for harm in (sparse, fifo, link_in_a_circle, endless) for name in FILES),
    *((harm, name) for harm in (nested, twice, not_finite) for name in JSON),
    *((huge_header, name) for name in ("a.npz", "a.npy", "exact.index", "run/weights.safetensors")),
    *((harm, name) for harm in (bomb, two_of_one_name) for name in ("a.npz", "a.keras")),
    (one_name_with_and_without_suffix, "a.npz"),
]


@pytest.mark.parametrize(
    ("harm", "name"), HOSTILE, ids=lambda each: getattr(each, "__name__", each)
)
def test_hostile_files_are_refused(good, tmp_path, harm, name):
    path, opened = copied(good, tmp_path, name)
    harm(path)
    with pytest.raises(ZooError):
        opened()


MEMORY = """
import pathlib, resource, sys
sys.path.insert(0, sys.argv[1])
import test_hostile_files as tests
good = pathlib.Path(sys.argv[2])
for name, opened in tests.OPEN.items():
    opened(good / name)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for number, (harm, name) in enumerate(tests.HOSTILE):
    if harm in (tests.sparse, tests.endless, tests.huge_header, tests.bomb, tests.nested):
        folder = pathlib.Path(sys.argv[3]) / str(number)
        folder.mkdir()
        path, opened = tests.copied(good, folder, name)
        harm(path)
        assert tests.outcome(opened) is None, (harm, name)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_hostile_files_take_no_memory(good, tmp_path):
    arguments = [os.path.dirname(__file__), str(good), str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, *arguments], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout.split()[-1]) < 200_000  # kilobytes


def test_members_that_are_not_asked_for_are_not_inflated(good, tmp_path):
    path = shutil.copy(good / "a.npz", tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.filelist[2].file_size = 3 << 30
        archive._didModify = True  # private: writes the directory again
    assert same(open_data(tmp_path / "a.npz"), open_data(good / "a.npz"))


# What a stranger's description may ask for --------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        {"latent_dim": 10**9}, {"latent_dim": 10**15}, {"latent_dim": "x"}, {"latent_dim": None},
        {"input_shape": [6, 6, 10**9]}, {"input_shape": [10**8, 10**8, 1]}, {"unknown": 1},
        {"hidden": 10**9},
    ],
)  # fmt: skip
def test_a_model_larger_than_its_weights_is_not_built(good, tmp_path, arguments):
    folder = shutil.copytree(good / "run", tmp_path / "run")
    config = json_content(folder / "config.json")
    config["arguments"] |= arguments
    seal_json(folder / "config.json", config)
    with pytest.raises(ZooError):
        zoo.Run.open(folder)


def test_layers_without_end_are_not_built(tmp_path):
    model = zoo.build("deep_ae", input_shape=(4,), widths=(3,), latent_dim=2)
    tensors.save(tmp_path / "w.safetensors", model.weights)
    facts = {"variant": "deep_ae", "arguments": model.arguments | {"widths": [1] * 100_000}}
    with pytest.raises(CheckFailedError, match="too few for that model"):
        rebuild.rebuild(facts, tmp_path / "w.safetensors")


@pytest.mark.parametrize("kind", ["sequential", "layer", "function"])
def test_a_keras_file_must_hold_a_model_of_ours(good, tmp_path, kind):
    import keras

    path = tmp_path / "m.keras"
    if kind == "sequential":
        keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).save(path)
        shutil.copy(path, tmp_path / "whole")
        config = keras_config(path)
        config["config"]["variant"] = "pca"
        seal_keras(path, config)
    else:
        shutil.copy(good / "a.keras", tmp_path / "whole")
        config = keras_config(tmp_path / "whole")
        config["registered_name"] = "zoo>TiedDense" if kind == "layer" else "zoo>nothing"
        seal_keras(path, config)
    with pytest.raises(ZooError, match=r"must hold a model that zoo.build made|not a whole"):
        zoo.load_model(path)


# A run's files belong together --------------------------------------------------------------------


@pytest.fixture(scope="module")
def other_run(tmp_path_factory):
    """The folder of a run that only has another seed."""
    folder = tmp_path_factory.mktemp("other") / "run"
    zoo.train("shallow_ae", ROWS, folder=folder, epochs=1, latent_dim=2, seed=1)
    return folder


@pytest.mark.parametrize("name", ["weights.safetensors", "history.json", "metrics.json"])
def test_files_of_another_run_are_refused(good, other_run, tmp_path, name):
    folder = shutil.copytree(good / "run", tmp_path / "run")
    shutil.copy(other_run / name, folder / name)
    with pytest.raises(CheckFailedError, match=f"{name} must belong to the run of the config.json"):
        zoo.Run.open(folder)


def test_a_run_of_an_older_version_is_opened(good, tmp_path):
    folder = shutil.copytree(good / "run", tmp_path / "run")
    for name in ("config.json", "history.json", "metrics.json"):
        content = json_content(folder / name)
        assert content.pop("run_id") == runs.run_id(good / "run")
        seal_json(folder / name, content)
    tensors.save(folder / "weights.safetensors", zoo.Run.open(good / "run").model.weights)
    assert same(open_run(folder)[3], open_run(good / "run")[3])


# The common readers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "schema", "accepted"),
    [
        (1, int, True), (True, int, False), (1, float, True), (True, bool, True),
        ("1", float, False),
        (None, (None, str), True), (1, (None, str), False), ([1, 2], [int], True),
        ([1, "x"], [int], False), ({"a": 1}, {str: int}, True), ({"a": "x"}, {str: int}, False),
        ({"a": 1, "c": 0}, {"a": int, "b?": str}, True),
        ({"a": 1, "b": 1}, {"a": int, "b?": str}, False),
        ({}, {"a": int}, False), ("x", frozenset("xy"), True), ("z", frozenset("xy"), False),
        ([], frozenset("xy"), False), (3, lambda value: value == 3, True), ({}, [int], False),
    ],
)  # fmt: skip
def test_schemas(content, schema, accepted):
    data = json.dumps(content).encode()
    if accepted:
        assert json_files.parse(data, "a.json", schema) == content
    else:
        with pytest.raises(CheckFailedError, match=r"a\.json is damaged"):
            json_files.parse(data, "a.json", schema)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"\xff", b"NaN", b"1e999", b"9" * 30, b"[-Infinity]", b'{"a": 1, "a": 2}',
        b'"\\ud800"', b"[" * 65 + b"]" * 65,
    ],
)  # fmt: skip
def test_json_that_is_not_plain_is_refused(data):
    with pytest.raises(CheckFailedError, match=r"a\.json is not plain JSON"):
        json_files.parse(data, "a.json")


@pytest.mark.parametrize(
    "error", [MemoryError(), RecursionError("deep"), StopIteration(), OSError()]
)
def test_a_guard_passes_on_only_errors_of_ours(error):
    with (
        pytest.raises(CheckFailedError, match=r"^a is not a file: \w+\.$"),
        untrusted.guard("a", "a file"),
    ):
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(), UsageError("mine")])
def test_a_guard_lets_interrupts_through(error):
    with pytest.raises(type(error)), untrusted.guard("a", "a file"):
        raise error
