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
from zoo import datasets, json_files, runs, untrusted, weights
from zoo.errors import CheckFailedError, UsageError, ZooError
from zoo.manifest import Manifest
from zoo.search import Index, files

COUNT = 60  # damages of a format
SEED = 17
ROWS = np.random.default_rng(0).random((40, 6, 6, 1)).astype(np.float32)
WRONG = [None, True, False, -1, 0, 3, 1 << 40, 10**30, 1.5, 1e308, "", "x", "../x", "a\0b", "\ud800",
         [], {}, [1], [None], [[]], {"x": 1}, ["x"] * 3]  # fmt: skip


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
    table = pandas.DataFrame({"a": np.arange(50.0), "b": np.arange(50) * 0.5, "c": ["x", "y"] * 25})
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
CHECKED = {"a.npz", "a.parquet", "exact.index", "approximate.index", "a.keras",
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
    except ZooError as error:
        assert str(error)
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
    tensors, _ = files.read(path.with_name("whole"))
    path.unlink(missing_ok=True)
    files.write(path, tensors, content)


def seal_keras(path, content):
    with zipfile.ZipFile(path.with_name("whole")) as whole, zipfile.ZipFile(path, "w") as archive:
        for name in whole.namelist():
            archive.writestr(
                name, json.dumps(content) if name == "config.json" else whole.read(name)
            )


def index_notes(path):
    return files.read(path)[1]


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


@pytest.mark.filterwarnings("ignore")
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
