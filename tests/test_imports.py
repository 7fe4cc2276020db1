"""Imported files: the real ones where they are at hand, and everything else refused."""

import codecs
import http.server
import io
import json
import os
import pickle
import tarfile
import threading
from pathlib import Path

import joblib
import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat
from typer.testing import CliRunner

from zoo import datasets
from zoo.cli import app
from zoo.datasets.imports import IMPORTS, cache, newsgroups, olivetti
from zoo.errors import UsageError

SOURCES = os.environ.get("ZOO_SOURCES")
GROUPS = ("20news-bydate-train", "20news-bydate-test")


def real(pattern):
    """The folder below ZOO_SOURCES that holds a file of the real data."""
    if SOURCES is None:
        pytest.skip("ZOO_SOURCES names no folder of source files")
    found = sorted(Path(SOURCES).rglob(pattern))
    if not found:
        pytest.skip(f"there is no {pattern} below {SOURCES}, which ZOO_SOURCES names")
    return found[0].parent


def cached(tmp_path):
    return [path for path in (tmp_path / "home").rglob("*") if path.is_file()]


# scikit-learn's own -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "shape", "rows", "classes"),
    [
        ("digits", "images", (8, 8, 1), 1797, 10),
        ("breast_cancer", "features", (30,), 569, 2),
        ("wine", "features", (13,), 178, 3),
    ],
)
def test_what_comes_with_scikit_learn(name, kind, shape, rows, classes):
    data = datasets.load(name)
    assert (data.name, data.kind, data.input_shape) == (name, kind, shape)
    assert (len(data.train) + len(data.test), len(data.test)) == (rows, rows // 5)
    assert set(data.test.labels) == set(range(classes))
    if kind == "images":
        assert (data.train.images.min(), data.train.images.max()) == (0, 1)


def test_what_is_not_on_this_machine_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    for module in (newsgroups, olivetti):
        monkeypatch.setattr(module, "URL", "http://127.0.0.1:9/none")
    for name in IMPORTS:
        with pytest.raises(UsageError, match=f"zoo data import {name} DIR"):
            datasets.load(name)
    with pytest.raises(UsageError, match="no dataset '20newsgroup'; did you mean 20newsgroups"):
        datasets.import_sources("20newsgroup", tmp_path)


class Harm:
    """Runs code when it is unpickled, as a stranger's cache file could."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["20newsgroups", "olivetti"])
def test_no_pickle_is_read(name, tmp_path, monkeypatch):
    module = {"20newsgroups": newsgroups, "olivetti": olivetti}[name]
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    monkeypatch.setattr(module, "URL", "http://127.0.0.1:9/none", raising=False)
    harm = Harm(tmp_path / "harmed")
    packed = codecs.encode(pickle.dumps({"train": harm, "test": harm}), "zlib_codec")
    (tmp_path / "20news-bydate_py3.pkz").write_bytes(packed)
    joblib.dump(harm, tmp_path / "olivetti_py3.pkz")
    with pytest.raises(UsageError, match="scikit-learn's own cache, a pickle, is not read"):
        datasets.load(name)
    rows = np.array([harm], object)
    for content in ({"images": rows, "train_labels": rows}, {"images": np.zeros(3)}):
        np.savez(tmp_path / module.CACHE, **content)
        with pytest.raises(UsageError, match=f"{module.CACHE} is damaged"):
            datasets.load(name)
    (tmp_path / module.CACHE).write_bytes(b"not a file of arrays")
    with pytest.raises(UsageError, match=f"{module.CACHE} is damaged"):
        datasets.load(name)
    assert not harm.path.exists()


def test_a_download_is_imported_if_it_is_the_original_file(tmp_path):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"the original")

        def log_message(self, *_):
            pass

    imported = []
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/file"

        def download(registered):
            cache.download(
                "faces", url, registered, lambda path: imported.append(path.read_bytes())
            )

        download(cache.sha256(b"the original"))
        assert imported == [b"the original"]
        with pytest.raises(UsageError, match=r"has another file: run `zoo data import faces DIR`"):
            download(cache.sha256(b"another"))
        assert len(imported) == 1
        server.shutdown()


def test_the_command_line_lists_them_all():
    run = CliRunner().invoke
    listed = json.loads(run(app, ["data", "list", "--json"]).stdout)
    assert {row["name"] for row in listed} == {*IMPORTS, *datasets.NAMES}
    assert all(row["kind"] and row["source"] and row["licence"] for row in listed)
    told = run(app, ["data", "import", "--help"]).stdout
    assert all(name in told for name in IMPORTS)


# The real files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("unpacked", [False, True])
def test_20_newsgroups_is_scikit_learns(unpacked, tmp_path, monkeypatch):
    source = real("20news-bydate.tar.*")
    if unpacked:
        with tarfile.open(next(source.glob("20news-bydate.tar.*"))) as archive:
            archive.extractall(tmp_path, filter="data")
        source = tmp_path
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "home"))
    datasets.import_sources("20newsgroups", source)
    data = datasets.load("20newsgroups")
    assert (len(data.train), len(data.test)) == tuple(newsgroups.COUNTS.values())
    # Of what `fetch_20newsgroups` gives without headers, footers and quotes.
    assert data.fingerprint == "042178575484750efd079d478346f982fe364fe87f9a4002f8f402b97f278995"


def test_olivetti_is_scikit_learns(tmp_path, monkeypatch):
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "home"))
    datasets.import_sources("olivetti", real("olivettifaces.mat"))
    data = datasets.load("olivetti")
    documented = [0.309917, 0.367769, 0.417355, 0.442149]  # in scikit-learn's user guide
    np.testing.assert_allclose(data.train.images[0, 0, :4, 0], documented, atol=1e-6)
    assert (len(data.train), len(data.test), data.input_shape) == (320, 80, (64, 64, 1))
    assert (data.train.images.min(), data.train.images.max()) == (0, 1)
    np.testing.assert_array_equal(np.bincount(data.test.labels), np.full(40, 2))
    # Of what `fetch_olivetti_faces` gives.
    assert data.fingerprint == "9d5b1547fc795a3975f136f5c8364327e52350ebc3513640c5dbacaeaa47d990"


def test_cifar10_subset_is_a_folder_of_images(tmp_path):
    source = real("cifar10_batch_50.png")
    assert datasets.import_sources("cifar10_subset", source, tmp_path / "c") == [tmp_path / "c"]
    data = datasets.load(tmp_path / "c")
    assert (len(data.train), len(data.test), data.input_shape) == (2000, 1000, (32, 32, 3))
    assert set(data.test.labels) == set(range(10))
    assert (tmp_path / "c" / "train" / "frog" / "0000.png").exists()  # CIFAR-10's first image
    with Image.open(tmp_path / "c" / "test" / "cat" / "0000.png") as image:
        kept = np.asarray(image)
    with Image.open(source / "cifar10_batch_50.png") as batch:
        np.testing.assert_array_equal(kept, np.asarray(batch)[0].reshape(32, 32, 3))
    with pytest.raises(UsageError, match="exists already: name another folder"):
        datasets.import_sources("cifar10_subset", source, tmp_path / "c")
    with pytest.raises(UsageError, match="name a new one, with --to FOLDER"):
        datasets.import_sources("cifar10_subset", source)


# Anything else ------------------------------------------------------------------------------------


def add_message(archive, name, content=b"From: a\n\nhello", kind=tarfile.REGTYPE):
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname = len(content), kind, "/etc/hosts"
    archive.addfile(member, io.BytesIO(content))


def few_messages(folder):
    with tarfile.open(folder / "20news-bydate.tar.xz", "w:xz") as archive:
        for split in GROUPS:
            add_message(archive, f"{split}/alt.atheism/1")


def packed(name, kind=tarfile.REGTYPE):
    def write(folder):
        with tarfile.open(folder / "20news-bydate.tar.gz", "w:gz") as archive:
            add_message(archive, name, kind=kind)

    return write


def large_message(folder):
    with tarfile.open(folder / "20news-bydate.tar.gz", "w:gz") as archive:
        add_message(archive, f"{GROUPS[0]}/alt.atheism/1", bytes(newsgroups.LONGEST + 1))


def cut_off(folder):
    few_messages(folder)
    path = folder / "20news-bydate.tar.xz"
    path.write_bytes(path.read_bytes()[:100])


def few_in_folders(folder):
    for split in GROUPS:
        (folder / split / "alt.atheism").mkdir(parents=True)
        (folder / split / "alt.atheism" / "1").write_text("hello")


def no_tar(folder):
    (folder / "20news-bydate.tar.gz").write_bytes(b"\x1f\x8b\x08\x00rubbish")


def faces(array, name="faces"):
    return lambda folder: savemat(folder / olivetti.FILE, {name: array})


def batches(folder):
    for number in (0, 1, 50):
        Image.new("RGB", (1024, 1000)).save(folder / f"cifar10_batch_{number}.png")


REFUSED = [
    ("20newsgroups", lambda folder: None, "20news-bydate-test; they are not"),
    ("20newsgroups", few_messages, "11314 in train, .* Received: 1 in train, of sha256"),
    ("20newsgroups", few_in_folders, "11314 in train, .* Received: 1 in train"),
    ("20newsgroups", packed("../../alt.atheism/1"), r"Received: '../../alt.atheism/1', of 14"),
    ("20newsgroups", packed("/20news-bydate-train/g/1"), "Received: '/20news-bydate-train/g/1'"),
    ("20newsgroups", packed(f"{GROUPS[0]}/../1"), "Received: '20news-bydate-train/../1'"),
    ("20newsgroups", packed(f"{GROUPS[0]}/g/1", tarfile.SYMTYPE), "train/g/1'"),
    ("20newsgroups", large_message, "of 1048577 bytes"),
    (
        "20newsgroups",
        cut_off,
        "a whole .tar.gz or .tar.xz. Received: a file that cannot be unpacked",
    ),
    (
        "20newsgroups",
        no_tar,
        "a whole .tar.gz or .tar.xz. Received: a file that cannot be unpacked",
    ),
    ("wine", lambda folder: None, "wine is part of scikit-learn: there is nothing to import"),
    ("olivetti", lambda folder: None, "olivettifaces.mat must be in .*; it is not"),
    ("olivetti", lambda folder: (folder / olivetti.FILE).write_text("x"), "no such array"),
    ("olivetti", faces(np.zeros((4096, 400), "uint8")), "Received: others, of [0-9a-f]{64}"),
    ("olivetti", faces(np.full((4096, 400), 0.5)), "no such array"),
    ("olivetti", faces(np.zeros((4096, 400), "uint8"), "other"), "no such array"),
    ("olivetti", faces(np.zeros((400, 4096), "uint8")), "no such array"),
    ("cifar10_subset", lambda folder: None, "cifar10_batch_0.png must be in .*; it is not"),
    ("cifar10_subset", batches, "cifar10_batch_0.png must be the original file, of sha256"),
]


@pytest.mark.parametrize(("name", "write", "told"), REFUSED)
def test_other_files_are_refused_and_nothing_is_written(name, write, told, tmp_path):
    (tmp_path / "sources").mkdir()
    write(tmp_path / "sources")
    with pytest.raises(UsageError, match=told) as raised:
        datasets.import_sources(name, tmp_path / "sources", tmp_path / "home")
    assert len(str(raised.value).splitlines()) == 1
    assert not cached(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} <= {"sources", "home"}


def test_the_sum_of_messages_knows_paths_and_contents():
    one = newsgroups.message_sum({"a/1": b"x", "a/2": b"y"})
    assert newsgroups.message_sum({"a/2": b"y", "a/1": b"x"}) == one
    others = [{"a/1": b"y", "a/2": b"x"}, {"a/1": b"x"}, {"a/1": b"x", "b/2": b"y"}]
    assert len({newsgroups.message_sum(other) for other in others} | {one}) == 4


def test_the_sums_are_those_scikit_learn_registers():
    from sklearn.datasets import _olivetti_faces, _twenty_newsgroups

    for theirs, ours in (
        (_olivetti_faces.FACES, olivetti),
        (_twenty_newsgroups.ARCHIVE, newsgroups),
    ):
        assert (theirs.checksum, theirs.url) == (ours.REGISTERED, ours.URL)
