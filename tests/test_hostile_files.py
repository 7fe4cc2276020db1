"""Damaged and hostile files of every format: a `ZooError`, or the content that was written."""

import json
import os
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import zoo
from zoo import runs
from zoo.errors import CheckFailedError, UsageError, ZooError
from zoo.experiments.mutations import files, formats
from zoo.experiments.servers import processes
from zoo.runs import rebuild
from zoo.storage import json_files, tensors, untrusted

COUNT = 12  # changes of each target; `python -m zoo.experiments.mutations` makes thousands
SEED = 17

# Bytes, names and places --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A folder with one good file or folder of each format, which no test changes."""
    pytest.importorskip("pandas", reason="tables are among the files")
    folder = tmp_path_factory.mktemp("good")
    formats.write(folder)
    return folder


@pytest.mark.filterwarnings("ignore")  # a changed file may well be warned of
@pytest.mark.parametrize("target", files.TARGETS, ids="/".join)
def test_changed_files_are_refused_or_hold_the_same(good, tmp_path, target):
    outcomes = []
    for number in range(COUNT):
        random = np.random.default_rng([SEED, number])
        outcomes.append(files.change(target, good, tmp_path, random)[1])
    assert "refused" in outcomes
    assert "other" not in outcomes or target in files.MAY_DIFFER
    own = {*formats.OPEN, "whole"}  # the file that an index is sealed from
    assert {path.name for path in tmp_path.iterdir()} <= own


def test_changed_requests_are_refused_or_answered_rightly(good):
    grpc = pytest.importorskip("grpc", reason="requests go to a server, extra serve")
    from zoo.experiments.mutations.requests import Requests

    models = {name: good / name for name in ("bundle", "texts")}
    with (
        processes.zoo_serve(models, "--timeout", "1") as (http, address),
        grpc.insecure_channel(address) as channel,
    ):
        found = Requests(http, channel, good).run(320, SEED)
    assert [each for each in found if each["outcome"] == "fault"] == []
    assert {"refused", "same"} <= {each["outcome"] for each in found}


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
    *((harm, name) for harm in (sparse, fifo, link_in_a_circle, endless) for name in formats.FILES),
    *((harm, name) for harm in (nested, twice, not_finite) for name in JSON),
    *((huge_header, name) for name in ("a.npz", "a.npy", "exact.index", "run/weights.safetensors")),
    *((harm, name) for harm in (bomb, two_of_one_name) for name in ("a.npz", "a.keras")),
    (one_name_with_and_without_suffix, "a.npz"),
]


@pytest.mark.parametrize(
    ("harm", "name"), HOSTILE, ids=lambda each: getattr(each, "__name__", each)
)
def test_hostile_files_are_refused(good, tmp_path, harm, name):
    path, opened = formats.copied(good, tmp_path, name)
    harm(path)
    with pytest.raises(ZooError):
        opened()


MEMORY = """
import pathlib, resource, sys
sys.path.insert(0, sys.argv[1])
import test_hostile_files as tests
from zoo.experiments.mutations import formats
good = pathlib.Path(sys.argv[2])
for name, opened in formats.OPEN.items():
    opened(good / name)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for number, (harm, name) in enumerate(tests.HOSTILE):
    if harm in (tests.sparse, tests.endless, tests.huge_header, tests.bomb, tests.nested):
        folder = pathlib.Path(sys.argv[3]) / str(number)
        folder.mkdir()
        path, opened = formats.copied(good, folder, name)
        harm(path)
        assert formats.outcome(opened) is None, (harm, name)
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
    assert formats.same(*(formats.OPEN["a.npz"](each / "a.npz") for each in (tmp_path, good)))


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
    config = formats.read_json(folder / "config.json")
    config["arguments"] |= arguments
    formats.seal_json(folder / "config.json", config)
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
        config = formats.read_keras(path)
        config["config"]["variant"] = "pca"
        formats.seal_keras(path, config)
    else:
        shutil.copy(good / "a.keras", path)
        config = formats.read_keras(path)
        config["registered_name"] = "zoo>TiedDense" if kind == "layer" else "zoo>nothing"
        formats.seal_keras(path, config)
    with pytest.raises(ZooError, match=r"must hold a model that zoo.build made|not a whole"):
        zoo.load_model(path)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"value_range": [0.0, 1.0]', '"value_range": "x"', "`value_range` must be None or a pair"),
        ('"latent"', '"other"', "not a whole .keras file: No such layer: latent"),
        ('"target_shape": [6, 6, 1]', '"target_shape": [-1, -1, -1]', "not a whole .keras file"),
    ],
)
def test_a_keras_file_must_hold_a_model_that_computes(good, tmp_path, before, after, said):
    path = shutil.copy(good / "a.keras", tmp_path)
    text = json.dumps(formats.read_keras(path))
    assert before in text
    formats.seal_keras(path, json.loads(text.replace(before, after)))
    with pytest.raises(ZooError, match=said):
        zoo.load_model(path)


# A run's files belong together --------------------------------------------------------------------


@pytest.fixture(scope="module")
def other_run(tmp_path_factory):
    """The folder of a run that only has another seed."""
    folder = tmp_path_factory.mktemp("other") / "run"
    zoo.train("shallow_ae", formats.ROWS, folder=folder, epochs=1, latent_dim=2, seed=1)
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
        content = formats.read_json(folder / name)
        assert content.pop("run_id") == runs.run_id(good / "run")
        formats.seal_json(folder / name, content)
    tensors.save(folder / "weights.safetensors", zoo.Run.open(good / "run").model.weights)
    assert formats.same(*(formats.OPEN["run"](each)[3] for each in (folder, good / "run")))


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
