"""Searching by codes: against brute force, through files and the command line, and refused."""

import copy
import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image
from sklearn.neighbors import NearestNeighbors
from typer.testing import CliRunner

import zoo
from zoo.cli import app
from zoo.errors import CheckFailedError, MissingExtraError, UsageError
from zoo.search import exact as search
from zoo.search.hnsw import Graph
from zoo.search.index import Index
from zoo.storage.manifest import Manifest

RNG = np.random.default_rng(0)
SMALL = {"input_shape": (28, 28, 1), "latent_dim": 6}


@pytest.fixture(scope="module")
def model(digits):
    return zoo.build("pca", **SMALL).adapt(digits.train.images[:500])


@pytest.fixture(scope="module")
def exports(tmp_path_factory, model):
    """A folder with the exports of two models; one remembers switches."""
    folder = tmp_path_factory.mktemp("search")
    zoo.export(model, folder / "pca")
    zoo.export(zoo.build("conv_ae", filters=(2,), unpooling="argmax", **SMALL), folder / "argmax")
    return folder


@pytest.fixture(scope="module")
def bundle(exports):
    return zoo.load(exports / "pca")


# Against brute force ------------------------------------------------------------------------------


def codes_like(kind, rows, numbers=5):
    codes = RNG.normal(size=(rows, numbers)).astype("float32")
    return {
        "centred": codes,
        "far away": codes + 1000,  # where squares alone round off all that differs
        "one number": codes[:, :1],
        "many alike": np.round(codes[:, :2]),
        "all alike": np.ones_like(codes),
        "with zeros": codes * (RNG.random((rows, 1)) < 0.9),
    }[kind].astype("float32")


KINDS = ["centred", "far away", "one number", "many alike", "all alike", "with zeros"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("metric", search.METRICS)
@pytest.mark.parametrize("at_a_time", [search.SCORES, 1000])
def test_the_nearest_are_brute_forces(kind, metric, at_a_time, monkeypatch):
    monkeypatch.setattr(search, "SCORES", at_a_time)
    codes = codes_like(kind, 700)
    queries = np.concatenate([codes[:40], codes_like(kind, 60)])
    brute = NearestNeighbors(
        algorithm="brute", metric={"l2": "minkowski", "cosine": "cosine"}[metric]
    ).fit(codes.astype(np.float64))
    if metric == "cosine":
        codes_in, queries_in = search.normalised(codes), search.normalised(queries)
    else:
        codes_in, queries_in = codes, queries
    for k in (1, 10, 700):
        expected, _ = brute.kneighbors(queries.astype(np.float64), k)
        rows, distances = search.nearest(
            search.Exact(codes_in, metric), codes_in, queries_in, k, metric
        )
        np.testing.assert_allclose(distances, expected, atol=2e-7, rtol=1e-6)
        assert all(len(set(each)) == k for each in rows.tolist())
        assert (np.diff(distances, axis=1) >= 0).all()
        ties = np.diff(distances, axis=1) == 0
        assert (np.diff(rows, axis=1)[ties] > 0).all()


def test_a_million_codes_take_little_longer_than_their_product():
    codes = RNG.standard_normal((1_000_000, 32), np.float32)
    exact, times = search.Exact(codes), {"search": [], "product": []}
    for query in codes[:7]:
        started = time.perf_counter()
        rows, _ = search.nearest(exact, codes, query[None], 10)
        searched = time.perf_counter()
        np.dot(codes, query)
        times["product"].append(time.perf_counter() - searched)
        times["search"].append(searched - started)
        np.testing.assert_array_equal(codes[rows[0, 0]], query)
    assert min(times["search"]) < 10 * min(times["product"])


def test_the_graph_finds_nearly_all_and_grows(digits, model):
    codes, queries = model.encode(digits.train.images), model.encode(digits.test.images[:200])
    graph = Graph(codes[:3000])
    graph.add(codes[3000:])
    truth, exact = search.nearest(search.Exact(codes), codes, queries, 10)
    found, distances = search.nearest(graph, codes, queries, 10)
    same = [len(set(a) & set(b)) for a, b in zip(found.tolist(), truth.tolist(), strict=True)]
    assert sum(same) >= 0.98 * truth.size
    np.testing.assert_allclose(np.median(distances), np.median(exact), rtol=1e-3)


def test_an_approximate_search_finds_duplicates():
    codes = np.repeat(RNG.random((50, 4), dtype=np.float32), 20, axis=0)
    graph = Graph(codes)
    found, distances = search.nearest(graph, codes, codes[::20], 10)
    np.testing.assert_array_equal(found // 20, np.repeat(np.arange(50)[:, None], 10, axis=1))
    np.testing.assert_allclose(distances, 0, atol=1e-6)


# An index -----------------------------------------------------------------------------------------

WAYS = [{}, {"metric": "cosine"}, {"approximate": True}]
IDS = [None, np.arange(60)[::-1] * 7, [f"digits/é{n}.png" for n in range(60)]]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ids", IDS, ids=["row numbers", "integers", "strings"])
def test_an_index_keeps_what_it_was_given(way, ids, digits, bundle, tmp_path):
    x = digits.train.images[:60]
    index = Index.build(bundle, x, ids, **way)
    expected = np.arange(60) if ids is None else np.asarray(ids)
    found, distances = index.query(x[:9], 5)
    assert found[:, 0].tolist() == expected[:9].tolist()
    assert distances.shape == (9, 5)
    np.testing.assert_allclose(distances[:, 0], 0, atol=1e-6)

    path = index.save(tmp_path / "some.index")
    loaded = Index.load(path, bundle)
    for came, was in zip(loaded.query(x[:9], 5), (found, distances), strict=True):
        np.testing.assert_array_equal(came, was)
    assert loaded.ids.dtype == index.ids.dtype
    assert (loaded.metric, loaded.approximate) == (index.metric, index.approximate)
    assert [each.name for each in tmp_path.iterdir()] == ["some.index"]  # and nothing temporary


@pytest.mark.parametrize("way", WAYS)
def test_rows_come_and_go(way, digits, bundle):
    x = digits.train.images[:50]
    index = Index.build(bundle, x[:30], **way)
    index.query(x[:1], 1)
    index.add(x[30:])
    assert index.ids.tolist() == list(range(50))
    assert index.query(x[40:41], 1)[0].item() == 40
    index.delete([40, 3])
    index.delete(7)
    kept = [n for n in range(50) if n not in (3, 7, 40)]
    assert index.ids.tolist() == kept
    found, distances = index.query(x[:9], 47)
    again = Index.build(bundle, x[kept], kept, **way).query(x[:9], 47)
    np.testing.assert_array_equal(found, again[0])
    np.testing.assert_allclose(distances, again[1], rtol=1e-5, atol=1e-6)
    index.add(x[3:4], [3])
    assert index.query(x[3:4], 1)[0].item() == 3
    index.delete(index.ids)
    assert len(index) == 0
    index.add(x[:2])
    assert index.ids.tolist() == [0, 1]


def test_only_the_latent_is_indexed(digits, exports):
    bundle = zoo.load(exports / "argmax")
    assert bundle.code_names == ["latent", "switches_1"]
    x = digits.train.images[:20]
    index = Index.build(bundle, x)
    assert index.codes.shape == (20, 6)
    assert index.query(x[:3], 1)[0].ravel().tolist() == [0, 1, 2]


def test_an_index_lies_beside_its_export_and_moves_with_it(digits, exports, tmp_path):
    shutil.copytree(exports / "pca", tmp_path / "a" / "pca")
    x = digits.train.images[:20]
    path = Index.build(zoo.load(tmp_path / "a" / "pca"), x).save()
    assert path == tmp_path / "a" / "pca.index"
    (tmp_path / "a").rename(tmp_path / "b")
    moved = tmp_path / "b" / "pca.index"
    Manifest.read(tmp_path / "b" / "pca").copy(tmp_path / "b" / "pca", tmp_path / "copy")
    assert Index.load(moved).query(x[:1], 1)[0].item() == 0
    (tmp_path / "b" / "pca").rename(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match=r"no longer at .*b/pca: pass it, Index\.load\(path, "):
        Index.load(moved)
    assert len(Index.load(moved, zoo.load(tmp_path / "elsewhere"))) == 20


def test_none_in_none_out(digits, bundle):
    index = Index.build(bundle, digits.train.images[:5])
    ids, distances = index.query(digits.train.images[:0], 3)
    assert (ids.shape, distances.shape) == ((0, 3), (0, 3))
    index.add(digits.train.images[:0])
    assert len(index) == 5


# Refused ------------------------------------------------------------------------------------------

X = np.full((4, 28, 28, 1), 0.5, np.float32)
CALLS = [
    (lambda b: Index.build(b, X, metric="l1"), r"no metric 'l1'; did you mean l2"),
    (lambda b: Index.build(None, X), r"must be a Bundle from zoo\.load, .* Received: None"),
    (lambda b: Index.build("pca", X), r"Received: 'pca'"),
    (lambda b: Index.build(b, X, [1, 2, 3]), r"`ids` must be 4, one for each row\. Received: 3"),
    (lambda b: Index.build(b, X, [1, 2, 3, 2]), r"differ from each other\. Received: 2 twice"),
    (lambda b: Index.build(b, X, ["a", "b", "c", "a"]), r"Received: 'a' twice"),
    (lambda b: Index.build(b, X, ["a", "b", "c", 1]), r"all integers or all strings\. .* int, str"),
    (lambda b: Index.build(b, X, [0.0, 1.0, 2.0, 3.0]), r"Received: float"),
    (lambda b: Index.build(b, X, [True, False, 1, 2]), r"Received: bool, int"),
    (lambda b: Index.build(b, X[:, :9]), r"shape \(rows, 28, 28, 1\)\. Received: \(4, 9, 28, 1\)"),
    (lambda b: Index.build(b, X * np.nan), r"must be finite numbers\. Received: nan in row 0"),
    (
        lambda b: Index.build(b, X).query(X[:, :9], 1),
        r"shape \(rows, 28, 28, 1\)\. Received: \(4, 9",
    ),
    (lambda b: Index.build(b, X).query(X * 255, 1), r"within \[0, 1\]"),
    (lambda b: Index.build(b, X).query(X, 5), r"at most 4, the rows of the index\. Received: k=5"),
    (lambda b: Index.build(b, X).query(X, 0), r"`k` must be a positive integer\. Received: k=0"),
    (lambda b: Index.build(b, X[:0]).query(X, 1), r"The index is empty: add rows to it first"),
    (lambda b: Index.build(b, X).add(X, [3, 4, 5, 6]), r"new: 3 is in the index; delete it first"),
    (lambda b: Index.build(b, X).add(X, list("abcd")), r"must be integers, .* Received: 'a'"),
    (lambda b: Index.build(b, X, list("abcd")).add(X), r"must name the new rows, .* strings"),
    (lambda b: Index.build(b, X).delete([1, 9]), r"must be in the index\. Received: 9, which is"),
    (lambda b: Index.build(b, X).save("/proc/x.index"), r"/proc/x\.index cannot be written"),
    (lambda b: Index.load("nowhere.index"), r"nowhere\.index cannot be read: No such file"),
    (lambda b: Index.load("/"), r"/ cannot be read: Is a directory"),
    (lambda b: Index.load(__file__), r"is not an index that zoo\.search wrote"),
]


@pytest.mark.parametrize(("call", "told"), CALLS, ids=[told[:40] for _, told in CALLS])
def test_a_wrong_call_is_told(call, told, bundle):
    with pytest.raises(UsageError, match=told):
        call(bundle)


def test_a_refused_change_changes_nothing(bundle):
    index = Index.build(bundle, X)
    for change in (lambda: index.add(X, [3, 4, 5, 6]), lambda: index.delete([1, 9])):
        with pytest.raises(UsageError):
            change()
    assert index.ids.tolist() == [0, 1, 2, 3]


def test_another_encoder_is_refused(digits, model, bundle, exports, tmp_path):
    path = Index.build(bundle, X).save(tmp_path / "pca.index")
    other = zoo.load(exports / "argmax")
    for wrong in (other, model):  # whose codes may even be equal: it is known by its hash
        with pytest.raises(UsageError, match="was made by another encoder, of hash"):
            Index.load(path, wrong)
    in_memory = Index.build(model, X).save(tmp_path / "model.index")
    assert len(Index.load(in_memory, model)) == 4
    with pytest.raises(UsageError, match="was made by a model in memory: pass it"):
        Index.load(in_memory)
    with pytest.raises(UsageError, match="must be a file, because this model has no folder"):
        Index.build(model, X).save()


def test_a_model_that_was_trained_on_is_another(digits):
    model = zoo.build("linear_ae", **SMALL)
    index = Index.build(model, X)
    assert index.query(X, 1)[1].max() == 0
    model.fit(digits.train.images[:64], verbose=0)
    for ask in (lambda: index.query(X, 1), lambda: index.add(X)):
        with pytest.raises(UsageError, match=r"trained further after it made this index"):
            ask()


def test_a_classifier_has_no_codes(tmp_path):
    classifier = zoo.classifier(zoo.build("shallow_ae", **SMALL), classes=3)
    with pytest.raises(UsageError, match="must be a Bundle"):
        Index.build(classifier, X)
    with pytest.raises(UsageError, match=r"cannot encode, since it has no such endpoint"):
        Index.build(zoo.export(classifier, tmp_path / "c"), X)


@pytest.mark.parametrize("way", WAYS)
def test_any_changed_byte_is_told(way, bundle, tmp_path):
    path = Index.build(bundle, X, list("abcd"), **way).save(tmp_path / "i.index")
    data = path.read_bytes()
    places = {*range(0, 120, 7), *range(0, len(data), len(data) // 60), len(data) - 1}
    damaged = [data[:n] + bytes([data[n] ^ 4]) + data[n + 1 :] for n in sorted(places)]
    for each in [*damaged, data[:-1], data + b"\0", data[:50], b""]:
        path.write_bytes(each)
        with pytest.raises((CheckFailedError, UsageError), match=r"is damaged|is not an index"):
            Index.load(path, bundle)
    path.write_bytes(data)
    assert len(Index.load(path, bundle)) == 4


def test_without_faiss_the_extra_is_named(bundle, uninstall):
    uninstall("faiss")
    with pytest.raises(MissingExtraError, match=r"pip install 'autoencoder-zoo\[search\]'"):
        Index.build(bundle, X, approximate=True)
    assert Index.build(bundle, X).query(X, 1)[0].shape == (4, 1)


# The command line ---------------------------------------------------------------------------------


@pytest.fixture
def work(exports, digits, tmp_path, monkeypatch):
    """A folder with exports, a folder of 12 images, one of them in colour, and bad files."""
    shutil.copytree(exports, tmp_path, dirs_exist_ok=True)
    pixels = np.round(digits.train.images[:12, ..., 0] * 255).astype("uint8")
    for n, each in enumerate(pixels):
        (tmp_path / "photos" / str(n % 2)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(each).save(tmp_path / "photos" / str(n % 2) / f"{n:02d}.png")
    (tmp_path / "photos" / "bad.png").write_bytes(b"no image")
    (tmp_path / "photos" / "cut.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (tmp_path / "photos" / "notes.txt").write_text("no image, and not meant as one")
    Image.new("L", (30, 20)).save(tmp_path / "wide.png")
    Image.new("RGB", (28, 28)).save(tmp_path / "colour.png")
    np.save(tmp_path / "few.npy", digits.train.images[:3])
    np.save(tmp_path / "none.npy", digits.train.images[:0])
    for name in ("wide", "colour", "empty", "unread"):
        (tmp_path / name).mkdir()
    shutil.copy(tmp_path / "wide.png", tmp_path / "wide")
    shutil.copy(tmp_path / "colour.png", tmp_path / "colour")
    (tmp_path / "unread" / "bad.png").write_bytes(b"no image")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, ["search", *arguments])


def test_a_folder_is_indexed_and_asked(work):
    done = run("index", "pca", "photos", "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    index = str(work / "pca.index")
    assert told == {"index": index, "rows": 12, "split": "every image", "skipped": 2}
    assert done.stderr.count("skipped: Pillow cannot read photos/") == 2
    for where in ("pca", "pca.index"):
        found = json.loads(run("query", where, "photos/1/03.png", "-k", "3", "--json").stdout)
        assert [row["query"] for row in found] == ["photos/1/03.png"] * 3
        assert found[0]["id"] == "photos/1/03.png"
        assert found[0]["distance"] == pytest.approx(0, abs=1e-6)
        assert 1e-6 < found[1]["distance"] <= found[2]["distance"]
    shown = run("query", "pca", "few.npy").stdout.splitlines()
    assert len(shown) == 3 * 10
    assert shown[20].split()[:2] == ["2", "photos/0/02.png"]


def test_a_data_set_is_indexed_by_its_training_rows(work):
    done = run("index", "pca", "mnist_5k", "--to", "other.index", "--metric", "cosine", "--json")
    told = json.loads(done.stdout)
    assert told == {"index": "other.index", "rows": 4000, "split": "train", "skipped": 0}
    assert json.loads(run("query", "other.index", "few.npy", "-k", "1", "--json").stdout)[2] == {
        "query": 2, "id": 2, "distance": pytest.approx(0, abs=1e-6),
    }  # fmt: skip
    assert run("index", "pca", "few.npy").exit_code == 0
    assert len(run("query", "pca", "few.npy").stdout.splitlines()) == 3 * 2  # of 3 rows, 2 train


FAILURES = [
    (["index", "nowhere", "photos"], 2, "There is no folder nowhere"),
    (["index", "pca", "nothing"], 2, "no dataset, file or folder 'nothing'"),
    (["index", "pca", "empty"], 2, "A folder must hold image files"),
    (
        ["index", "pca", "unread"],
        2,
        "Received: 1 of 1 that are not. Pillow cannot read unread/bad.png",
    ),
    (
        ["index", "pca", "wide"],
        2,
        "(28, 28, 1), which this model takes. Received: (20, 30, 1) in wide/",
    ),
    (["index", "pca", "colour"], 2, "Received: (28, 28, 3) in colour/colour.png"),
    (["index", "pca", "digits"], 2, "(rows, 28, 28, 1). Received: (1438, 8, 8, 1)"),
    (["index", "pca", "photos", "--metric", "l1"], 2, "no metric 'l1'"),
    (["index", "pca", "photos", "--to", "no/x.index"], 2, "there is no folder no"),
    (["index", "pca", "photos", "--to", "few.npy"], 2, "few.npy is a file but not an index"),
    (["index", "pca", "photos", "--approximate"], 3, "pip install 'autoencoder-zoo[search]'"),
    (
        ["query", "argmax", "few.npy"],
        2,
        "argmax has no index: write one with zoo search index argmax DATA",
    ),
    (["query", "pca", "few.npy", "-k", "13"], 2, "at most 12, the rows of the index. Received: k"),
    (["query", "pca", "few.npy", "-k", "0"], 2, "`k` must be a positive integer"),
    (["query", "pca", "photos/bad.png"], 2, "Pillow cannot read photos/bad.png"),
    (["query", "pca", "absent.png"], 2, "There is no file absent.png"),
    (["query", "pca", "wide.png"], 2, "Received: (20, 30, 1) in wide.png"),
    (["query", "pca", "none.npy"], 2, "The query must hold at least one image"),
    (["query", "pca", "photos/notes.txt"], 2, "is not a whole .npy or .npz file"),
    (["query", "few.npy", "few.npy"], 2, "few.npy is not an index"),
    (["query", "swapped", "few.npy"], 2, "was made by another encoder"),
    (["query", "damaged.index", "few.npy"], 1, "damaged.index is damaged"),
]


@pytest.fixture
def indexed(work, uninstall):
    assert run("index", "pca", "photos").exit_code == 0
    uninstall("faiss")
    data = bytearray((work / "pca.index").read_bytes())
    data[-5] ^= 1
    (work / "damaged.index").write_bytes(data)
    shutil.copytree(work / "argmax", work / "swapped")
    shutil.copy(work / "pca.index", work / "swapped.index")
    return work


@pytest.mark.parametrize(
    ("arguments", "code", "told"), FAILURES, ids=[" ".join(each[0]) for each in FAILURES]
)
def test_failures_have_an_exit_code_and_one_sentence(indexed, arguments, code, told):
    done = run(*arguments)
    assert done.exit_code == code, done.stderr
    assert told in done.stderr
    assert done.stdout == ""
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("zoo: ")


def test_nothing_of_it_imports_tensorflow(work):
    code = (
        "import sys\n"
        "from zoo.cli import app\n"
        "app(['search', 'index', 'pca', 'photos'], standalone_mode=False)\n"
        "app(['search', 'query', 'pca', 'few.npy', '-k', '2'], standalone_mode=False)\n"
        "assert not {'tensorflow', 'keras', 'sklearn', 'faiss'} & set(sys.modules), 'imported'"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 4 + 3 * 2


# From several threads ----------------------------------------------------------------------------


@pytest.mark.parametrize("approximate", [False, True])
def test_threads_add_query_and_delete_without_losing_rows(model, digits, approximate):
    images, threads, each = digits.train.images[:640], 8, 10
    index = Index.build(model, images[:1], ids=[10_000], approximate=approximate)

    def add(thread):
        for start in range(80 * thread, 80 * thread + 80, each):
            index.add(images[start : start + each], ids=list(range(start, start + each)))
            assert len(index.query(images[start : start + 1], 1)[0]) == 1
        index.delete(80 * thread)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(add, range(threads)))
    expected = [10_000, *(row for row in range(640) if row % 80)]
    assert sorted(index.ids.tolist()) == sorted(expected)
    codes = model.encode(images)[index.ids % 10_000]
    np.testing.assert_allclose(index.codes, codes, rtol=1e-4, atol=1e-4)
    assert len(copy.copy(index).query(images[:1], 5)[0]) == 1  # a copy has a lock of its own
