"""A small good file or folder of every format, and how each one is opened and sealed."""

import functools
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

import zoo
from zoo import datasets
from zoo.errors import ZooError
from zoo.search import Index, index_file
from zoo.storage.manifest import Manifest

ROWS = np.random.default_rng(0).random((40, 6, 6, 1)).astype(np.float32)
TEXTS = ["a function returns an array", "the file holds names", "an array of numbers", "Ärger"]
FILES = (
    "a.npz", "a.npy", "a.parquet", "a.csv", "bundle/manifest.json", "bundle/encoder.onnx",
    "texts/manifest.json", "texts/vocabulary.json", "exact.index", "approximate.index", "a.keras",
    "run/config.json", "run/history.json", "run/metrics.json", "run/weights.safetensors",
)  # fmt: skip
# A checksum covers all that these hold. The others may be opened with other content.
CHECKED = {
    "a.npz", "exact.index", "approximate.index", "a.keras", "run/weights.safetensors",
    "bundle/encoder.onnx", "bundle/manifest.json", "texts/manifest.json", "texts/vocabulary.json",
}  # fmt: skip
ARCHIVES = ("a.npz", "a.keras")
FOLDERS = ("bundle", "texts", "run")


def write(folder: Path) -> None:
    """Writes one good file or folder of each format.

    Args:
        folder: Path of an empty folder.

    Example:

    >>> write(Path("good"))  # doctest: +SKIP
    """
    import pandas

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
    words = zoo.build("document_ae", input_shape=(8,), widths=(4,), latent_dim=2)
    zoo.export(words.adapt(TEXTS * 3), folder / "texts")
    zoo.train("shallow_ae", ROWS, folder=folder / "run", epochs=1, latent_dim=2)


def _run(folder):
    run = zoo.Run.open(folder)
    return [run.history, run.metrics, run.config, run.model.reconstruct(ROWS)]


def _bundle(folder):
    return zoo.load(folder).reconstruct(ROWS)


def _texts(folder):
    return zoo.load(folder).reconstruct(TEXTS)


def _index(path):
    bundle = zoo.load(path.with_name("bundle"))
    return Index.load(path, bundle).query(ROWS[:3], 2)


def _data(path):
    data = datasets.load(str(path))
    return [data.train.inputs, data.train.labels, data.test.inputs]


def _model(path):
    return zoo.load_model(path).reconstruct(ROWS)


OPEN = {  # by file or folder, a function of its path that returns what it holds
    "a.npz": _data, "a.npy": _data, "a.parquet": _data, "a.csv": _data, "bundle": _bundle,
    "texts": _texts, "exact.index": _index, "approximate.index": _index, "a.keras": _model,
    "run": _run,
}  # fmt: skip


def copied(good: Path, folder: Path, name: str) -> tuple[Path, Callable]:
    """Copies the files that a format needs.

    Args:
        good: Path of the folder that `write` wrote to.
        folder: Path of the folder to copy to; what is there already is replaced.
        name: String. One of `FILES`, or of the keys of `OPEN`.

    Returns:
        A tuple of the path to damage, and a function that opens what it belongs to.

    Example:

    >>> path, opened = copied(Path("good"), Path("work"), "a.npz")  # doctest: +SKIP
    """
    top = name.partition("/")[0]
    for each in {top, "bundle"} if top.endswith(".index") else {top}:
        if (good / each).is_dir():
            shutil.rmtree(folder / each, ignore_errors=True)
            shutil.copytree(good / each, folder / each)
        else:
            shutil.copy(good / each, folder / each)
    return folder / name, functools.partial(OPEN[top], folder / top)


def outcome(opened: Callable):
    """Returns what a file holds, or None if it is refused by a `ZooError`.

    Args:
        opened: Function without arguments. Any other exception of it is a fault.

    Example:

    >>> outcome(lambda: zoo.load("no such folder")) is None
    True
    """
    try:
        return opened()
    except ZooError:
        return None


def same(found, wanted) -> bool:
    """Returns whether two results of `outcome` are equal.

    Args:
        found: Array, or a list or tuple of arrays, lists or other values.
        wanted: The same.

    Example:

    >>> same([np.ones(2), {"a": 1}], [np.ones(2), {"a": 1}])
    True
    """
    if isinstance(wanted, (list, tuple)):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    return np.array_equal(found, wanted)


def read_json(path: Path):
    """Returns the content of a file of JSON.

    Args:
        path: Path of the file.

    Example:

    >>> _ = Path("a.json").write_text('{"a": 1}')
    >>> read_json(Path("a.json"))
    {'a': 1}
    """
    return json.loads(path.read_text(encoding="utf-8"))


def seal_json(path: Path, content) -> None:
    """Writes the content of a file of JSON that no hash covers.

    Args:
        path: Path of the file.
        content: What JSON can hold.

    Example:

    >>> seal_json(Path("b.json"), [1])
    """
    path.write_text(json.dumps(content), encoding="utf-8")


def _read_manifest(path):
    return Manifest.read(path.parent).content


def _seal_manifest(path, content):
    path.unlink()
    Manifest(content).seal(path.parent)


def _read_index(path):
    return index_file.read(path)[1]


def _seal_index(path, content):
    whole = path.with_name("whole")
    if not whole.exists():
        shutil.copy(path, whole)
    tensors, _ = index_file.read(whole)
    path.unlink(missing_ok=True)
    index_file.write(path, tensors, content)


def read_keras(path: Path):
    """Returns the configuration in a `.keras` file.

    Args:
        path: Path of the file.

    Example:

    >>> zoo.build("pca", input_shape=(4,), latent_dim=2).save("pca.keras")
    >>> read_keras(Path("pca.keras"))["class_name"]
    'AutoEncoder'
    """
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("config.json"))


def seal_keras(path: Path, content) -> None:
    """Writes another configuration into a `.keras` file.

    Args:
        path: Path of the file.
        content: Dict.

    Example:

    >>> zoo.build("pca", input_shape=(4,), latent_dim=2).save("p.keras")
    >>> seal_keras(Path("p.keras"), {})
    """
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, json.dumps(content) if name == "config.json" else data)


SEALED = {  # by file, functions that read its content and that write it with hashes that are right
    "bundle/manifest.json": (_read_manifest, _seal_manifest),
    "texts/manifest.json": (_read_manifest, _seal_manifest),
    "exact.index": (_read_index, _seal_index),
    "approximate.index": (_read_index, _seal_index),
    "a.keras": (read_keras, seal_keras),
    "run/config.json": (read_json, seal_json),
    "run/history.json": (read_json, seal_json),
    "run/metrics.json": (read_json, seal_json),
}
