"""Rows that stay on disk: every job reads them batch by batch, with the results of an array."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo import datasets
from zoo.datasets.readers import npz, parquet
from zoo.errors import UsageError
from zoo.inputs.lazy import MappedRows
from zoo.search import Index

pandas = pytest.importorskip("pandas", reason="the extra `tabular` is not installed")


@pytest.fixture(scope="module")
def paths(tmp_path_factory, digits):
    """Files of digits: as bytes, as floats, and flat as features."""
    folder = tmp_path_factory.mktemp("stored")
    images = digits.train.images[:600]
    np.save(folder / "bytes.npy", np.round(images[..., 0] * 255).astype("uint8"))
    np.save(folder / "floats.npy", images.astype("float64"))
    np.save(folder / "features.npy", images.reshape(600, -1)[:, 200:230])
    np.save(folder / "masks.npy", (images > 0.5).astype("uint8"))
    np.save(folder / "steps.npy", images[..., 0])
    frame = pandas.DataFrame(images.reshape(600, -1)[:, 200:230].astype("float64"))
    frame = frame.rename(columns="pixel {}".format).assign(
        count=np.arange(600) * 1000, digit=digits.train.labels[:600].astype(str)
    )
    frame.to_parquet(folder / "table.parquet", row_group_size=100)
    return {path.stem: path for path in folder.iterdir()}


KINDS = {"steps": "sequences"}  # of files whose axes fit two kinds


def loaded(paths, name, in_memory):
    label = "digit" if name == "table" else None
    return datasets.load(paths[name], in_memory=in_memory, kind=KINDS.get(name), label=label)


@pytest.mark.parametrize("name", ["bytes", "floats", "features", "masks", "steps", "table"])
def test_rows_on_disk_are_those_in_memory(name, paths):
    stored, whole = (loaded(paths, name, in_memory) for in_memory in (False, True))
    assert (whole.train.in_memory, stored.train.in_memory) == (True, False)
    assert repr(stored) == repr(whole).replace("in_memory=true", "in_memory=false")
    assert stored.name.endswith("in_memory=false")
    assert datasets.load(stored.name).fingerprint == stored.fingerprint
    for part in ("train", "test"):
        ours, theirs = (getattr(data, part).inputs for data in (stored, whole))
        np.testing.assert_array_equal(np.asarray(ours), theirs)
        np.testing.assert_array_equal(ours[5:9], theirs[5:9])
        rows = np.array([7, 3, 4, 5, 3])
        np.testing.assert_array_equal(ours[rows], theirs[rows])
    np.testing.assert_array_equal(np.asarray(stored.train.take([2, 0]).inputs),
                                  whole.train.inputs[[2, 0]])  # fmt: skip
    assert stored.fingerprint == loaded(paths, name, in_memory=False).fingerprint
    assert stored.kind == whole.kind
    for fact in ("column_names", "class_names"):
        assert getattr(stored, fact) == getattr(whole, fact)
    if name == "table":
        np.testing.assert_array_equal(stored.train.labels, whole.train.labels)


SMALL = {"widths": (16,), "latent_dim": 3}


@pytest.mark.parametrize(
    ("variant", "name", "arguments"),
    [
        ("deep_ae", "bytes", SMALL),
        ("deep_ae", "features", SMALL | {"standardise": True}),
        ("deep_ae", "table", SMALL),
        ("pca", "floats", {"latent_dim": 3}),
        ("rbm", "masks", {"latent_dim": 9}),
        ("conv_ae", "bytes", {"filters": (4,), "latent_dim": 3}),
        ("conv1d_ae", "steps", {"filters": (4,), "latent_dim": 3}),
    ],
)
def test_training_on_rows_on_disk_ends_with_the_same_weights(
    variant, name, arguments, paths, tmp_path
):
    runs = [
        zoo.train(variant, loaded(paths, name, in_memory), epochs=2,
                  folder=tmp_path / str(in_memory), **arguments)
        for in_memory in (True, False)
    ]  # fmt: skip
    for first, second in zip(*(run.model.get_weights() for run in runs), strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-5, atol=1e-6)
    assert runs[1].metrics == pytest.approx(runs[0].metrics, rel=1e-3)


def test_every_job_takes_rows_on_disk(paths, tmp_path):
    data = datasets.load(paths["bytes"], in_memory=False)
    whole = datasets.load(paths["bytes"])
    model = zoo.build("shallow_ae", latent_dim=4)
    model.fit(data, epochs=1, verbose=0, validation_split=0.2)
    model.fit(data.train, epochs=1, verbose=0, validation_data=data.test)
    expected = model.evaluate(whole, verbose=0)
    assert model.evaluate(data, verbose=0) == pytest.approx(expected, rel=1e-5)
    bundle = zoo.export(model, tmp_path / "bundle")
    for codec in (model, bundle):
        np.testing.assert_allclose(codec.encode(data.test), codec.encode(whole.test), atol=1e-6)
    index = Index.build(bundle, data.train)
    ids, _ = index.query(data.train.take([3]), k=1)
    assert ids.ravel().tolist() == [3]
    assert zoo.evaluate(bundle, data) == pytest.approx(zoo.evaluate(bundle, whole), rel=1e-3)
    stages = zoo.pretrain(zoo.build("dbn", **SMALL), data, epochs=1)
    assert len(stages) == 2
    detector = zoo.anomaly.Detector.fit(model, data)
    np.testing.assert_allclose(detector.score(data.test), detector.score(whole.test), rtol=1e-4)


def test_a_sample_of_many_rows_is_evaluated(paths):
    split = datasets.load(paths["bytes"], in_memory=False).train
    part = split.sample(most=100 * 28 * 28 * 4)
    assert (len(part), part.in_memory) == (100, True)
    np.testing.assert_array_equal(part.inputs, split.sample(100 * 28 * 28 * 4).inputs)


def test_bad_rows_are_found_where_they_are(tmp_path, digits):
    rows = digits.train.images[:100].copy()
    rows[77, 3, 3] = np.nan
    np.save(tmp_path / "nan.npy", rows)
    data = datasets.load(tmp_path / "nan.npy", in_memory=False)
    model = zoo.build("linear_ae", latent_dim=2)
    with pytest.raises(UsageError, match=r"finite numbers\. Received: nan in row 77\."):
        model.fit(data.train if 77 in data.train.inputs._positions else data.test, verbose=0)
    np.save(tmp_path / "large.npy", 100 * digits.train.images[:10])
    with pytest.raises(UsageError, match=r"must lie within \[0, 1\].*in row \d"):
        model.encode(datasets.rows(tmp_path / "large.npy", in_memory=False))


BAD = {
    "objects": (np.array([{}], dtype=object), "must be a whole"),
    "columns": (np.asfortranarray(np.eye(3)[:, :2]), "row by row"),
    "cube": (np.zeros((2, 2, 2, 2, 2, 2, 2)), "rows of a known kind"),
    "counts": (np.zeros((2, 4, 4, 1), "int64"), "floating-point"),
    "times": (np.array([[1.7e9], [1.7e9 + 1]]), "float32 can tell apart"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_read_by_rows_is_refused(name, tmp_path):
    array, message = BAD[name]
    np.save(tmp_path / "bad.npy", array, allow_pickle=True)
    with pytest.raises(UsageError, match=message):
        datasets.load(tmp_path / "bad.npy", in_memory=False)


def test_a_file_that_changes_is_refused(tmp_path):
    path = tmp_path / "rows.npy"
    np.save(path, np.zeros((100, 8), np.float32))
    rows = npz.open_rows(path)
    path.write_bytes(path.read_bytes()[:-64])
    with pytest.raises(UsageError, match="must stay as it was when it was opened"):
        rows[90:]
    with pytest.raises(UsageError, match="its header states"):
        datasets.load(path, in_memory=False)
    with pytest.raises(UsageError, match=r"rows that can stay on disk.*mnist_5k"):
        datasets.load("mnist_5k", in_memory=False)


def test_pairs_need_rows_in_memory(paths):
    with pytest.raises(UsageError, match=r"needs its rows in memory as one dense array.*on disk"):
        zoo.build("neighbour_ae", widths=(4,)).fit(datasets.load(paths["bytes"], in_memory=False))


def test_columns_of_a_table_on_disk_are_put_in_the_order_of_the_model(paths, tmp_path):
    run = zoo.train("pca", loaded(paths, "table", False), latent_dim=3, folder=tmp_path / "run")
    expected = run.model.encode(loaded(paths, "table", True).test)
    frame = pandas.read_parquet(paths["table"])[::-1]
    frame = frame[[*frame.columns[::-1]]].reset_index(drop=True)
    frame.to_parquet(tmp_path / "reversed.parquet")
    address = f"{tmp_path}/reversed.parquet?label=digit&in_memory=false"
    codes = np.load(zoo.encode(run, address, tmp_path / "codes.npy"))[::-1]
    _, test = loaded(paths, "table", True).hold_out(0, 0)[0], loaded(paths, "table", True).test
    rows = [np.flatnonzero((frame["count"][::-1] == count).to_numpy())[0]
            for count in test.inputs[:, -1]]  # fmt: skip
    np.testing.assert_allclose(codes[rows], expected, atol=1e-3)


TABLES = {  # what makes a table that cannot be read by rows, the options, and the message
    "text": (lambda frame: frame, "", "column 'digit' of (large_)?string in .*name it by `label`"),
    "missing": (
        lambda frame: frame.assign(count=frame["count"].where(frame.index != 555)),
        "&label=digit",
        "Column 'count' of .* must hold a value in each row. Received: none in row 555",
    ),
    "infinite": (
        lambda frame: frame.assign(count=np.where(frame.index == 321, np.inf, 0.5)),
        "&label=digit",
        "finite numbers of 32 bits. Received: inf in row 321",
    ),
    "times": (
        lambda frame: frame.assign(count=1.7e9 + frame.index),
        "&label=digit",
        "float32 can tell apart",
    ),
    "empty": (lambda frame: frame[:0], "&label=digit", "at least one row. Received: none"),
    "unknown": (lambda frame: frame, "&label=digits", "no column 'digits'; did you mean digit"),
    "texts": (lambda frame: frame, "&text=digit", "read as features.* Received: `text`"),
    "series": (lambda frame: frame, "&window=10", "rows that can stay on disk"),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_cannot_stay_on_disk_is_refused(name, paths, tmp_path, monkeypatch):
    change, options, message = TABLES[name]
    monkeypatch.setattr(parquet, "AT_ONCE", 100 * 31)
    change(pandas.read_parquet(paths["table"])).to_parquet(tmp_path / "bad.parquet")
    with pytest.raises(UsageError, match=message):
        datasets.load(f"{tmp_path}/bad.parquet?in_memory=false{options}")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1")
    with pytest.raises(UsageError, match=r"not a \.parquet table"):
        datasets.load(f"{tmp_path}/bad.parquet?in_memory=false")
    with pytest.raises(UsageError, match=r"Received: DataFrame\."):
        datasets.load(pandas.DataFrame({"a": [1.0]}), in_memory=False)


def test_rows_under_a_function_are_checked_when_they_are_read(paths):
    images = datasets.rows(paths["bytes"], in_memory=False).inputs
    doubled = MappedRows(lambda rows: 2 * rows, images).take(slice(3, 600)).within((0, 1), "twos")
    assert images[0:1].max() > 0.5
    with pytest.raises(UsageError, match=r"twos must lie within \[0, 1\].* in row 4\."):
        doubled[4:9]
    assert doubled.within((0, 2)).take([5, 7])[:].max() > 1


def test_predict_reads_rows_on_disk(paths):
    data, whole = (loaded(paths, "bytes", in_memory) for in_memory in (False, True))
    model = zoo.build("shallow_ae", latent_dim=4)
    np.testing.assert_allclose(
        model.predict(data.test, verbose=0), model.predict(whole.test, verbose=0), atol=1e-6
    )


LIMITED = """
import resource, sys
import zoo
in_memory, *sources = sys.argv[1:]
models = []
for source in sources:  # what TensorFlow itself needs
    first = zoo.datasets.load(source, in_memory=False).train.take(slice(64))
    models.append(zoo.build("shallow_ae", input_shape=first.inputs.shape[1:], latent_dim=4))
    models[-1].fit(first, batch_size=64, verbose=0)
    del first
used = int(open("/proc/self/statm").read().split()[5]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_DATA, (used + 150_000_000,) * 2)
for source, model in zip(sources, models):
    data = zoo.datasets.load(source, in_memory=in_memory == "True")
    model.fit(data, batch_size=64, verbose=0)
    assert model.encode(data.train, batch_size=64).shape == (len(data.train), 4)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of data")
def test_memory_does_not_grow_with_the_rows(tmp_path, digits):
    # Each 200 MB as float32.
    many, table, photos = tmp_path / "many.npy", tmp_path / "many.parquet", tmp_path / "photos"
    pixels = np.round(digits.train.images * 255).astype("uint8")
    np.save(many, np.tile(pixels, (16, 1, 1, 1)))
    frame = pandas.DataFrame(digits.train.images.reshape(4000, -1)).rename(columns=str)
    pandas.concat([frame] * 16).to_parquet(table, index=False)
    photos.mkdir()
    for number, image in enumerate(pixels[..., 0]):
        Image.fromarray(np.pad(image, 18)).convert("RGB").save(photos / f"{number}.jpg")
    for in_memory, sources in ((False, [many, table, photos]), (True, [many]), (True, [photos])):
        command = [sys.executable, "-c", LIMITED, str(in_memory), *map(str, sources)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.returncode == 0) == (not in_memory), done.stderr
