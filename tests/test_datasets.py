"""Data from every source, and the cache of tensorflow-datasets filled from files at hand."""

import dataclasses
import gzip
import hashlib
import inspect
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from PIL import Image

import zoo
from zoo import datasets
from zoo.datasets import options
from zoo.datasets.readers import images
from zoo.datasets.sources import curves
from zoo.errors import FolderWarning, UsageError
from zoo.evaluation import probes


def test_the_embedded_digits(digits):
    assert digits.train.images.shape == (4000, 28, 28, 1)
    assert digits.test.images.shape == (1000, 28, 28, 1)
    assert digits.train.images.dtype == np.float32
    assert (digits.train.images.min(), digits.train.images.max()) == (0, 1)
    for split in (digits.train, digits.test):
        assert set(np.bincount(split.labels)) == {len(split) // 10}
    # Real digits: near neighbours are of one class.
    assert probes.knn_accuracy(
        digits.train.images, digits.train.labels, digits.test.images, digits.test.labels
    ) == pytest.approx(0.93, abs=0.03)


def test_held_out_images_are_fixed_by_seed_and_apart(digits):
    rest, held = digits.hold_out(0.1, 3)
    again, _ = digits.hold_out(0.1, 3)
    other, _ = digits.hold_out(0.1, 4)
    assert (len(rest), len(held)) == (3600, 400)
    np.testing.assert_array_equal(rest.images, again.images)
    assert (rest.images != other.images).any()
    together = {row.tobytes() for split in (rest, held) for row in split.images}
    assert together == {row.tobytes() for row in digits.train.images}


def test_arrays_streams_and_files_are_split_alike(digits, tmp_path):
    x, y = digits.train.images[:50], digits.train.labels[:50]
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "bytes.npy", np.round(x[..., 0] * 255).astype("uint8"))
    np.savez(tmp_path / "xy.npz", images=x, labels=y)
    stream = tf.data.Dataset.from_tensor_slices((x, y))
    assert len(datasets.load(((x, y), (x[:5], y[:5]))).test) == 5
    files = [tmp_path / "x.npy", str(tmp_path / "bytes.npy"), tmp_path / "xy.npz"]
    streams = [stream, stream.batch(7), tf.data.Dataset.from_tensor_slices(x)]
    first = datasets.load(x)
    assert (len(first.train), len(first.test)) == (40, 10)
    for source in [x, (x, y), *files, *streams]:
        data = datasets.load(source)
        np.testing.assert_allclose(data.test.images, first.test.images, atol=1e-6)
        assert data.train.images.dtype == np.float32
    labelled = datasets.load(stream.batch(7))
    np.testing.assert_array_equal(
        labelled.train.labels, datasets.load(tmp_path / "xy.npz").train.labels
    )
    assert datasets.load(first) is first


def test_a_stream_with_sample_weights_is_refused():
    x, y = np.zeros((6, 8, 8), "float32"), np.arange(6) % 2
    batches = [(x[:3], y[:3], np.ones(3)), (x[3:], y[3:], np.ones(3))]
    said = "without sample weights, .* Received: 3 parts"
    for stream in (iter(batches), tf.data.Dataset.from_tensor_slices((x, y, y)).batch(3)):
        with pytest.raises(UsageError, match=said):
            datasets.load(stream)
    assert len(datasets.rows(iter([batch[:2] for batch in batches]))) == 6


def test_the_options_of_a_source_have_one_home():
    fields = {field.name: field.default for field in dataclasses.fields(options.Options)}
    for function in (datasets.load, datasets.rows):
        parameters = list(inspect.signature(function).parameters.values())[1:]
        assert {each.name: each.default for each in parameters} == fields


def test_an_npz_with_a_test_split_keeps_it(digits, tmp_path):
    x, y = digits.train.images[:30, :, :, 0], digits.train.labels[:30]
    np.savez(tmp_path / "mnist.npz", x_train=x[:20], y_train=y[:20], x_test=x[20:], y_test=y[20:])
    data = datasets.load(tmp_path / "mnist.npz")
    np.testing.assert_array_equal(data.test.images[..., 0], x[20:])
    np.testing.assert_array_equal(data.test.labels, y[20:])


def write_images(folder, count, size=(8, 8), mode="L", seed=0):
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    for number in range(count):
        shape = size if mode == "L" else (*size, len(mode))
        pixels = random.integers(0, 256, shape).astype("uint8")
        Image.fromarray(pixels).save(folder / f"{number}.png")


def test_folders_of_images(tmp_path):
    write_images(tmp_path / "flat", 10)
    flat = datasets.load(tmp_path / "flat")
    assert (len(flat.train), len(flat.test), flat.input_shape) == (8, 2, (8, 8, 1))
    assert flat.train.labels is None
    stored = np.asarray(Image.open(tmp_path / "flat" / "0.png"), "float32") / 255
    everything = np.concatenate([flat.train.images, flat.test.images])
    assert np.any(np.all(np.isclose(everything[..., 0], stored), axis=(1, 2)))

    write_images(tmp_path / "classes" / "cat", 5, mode="RGB")
    write_images(tmp_path / "classes" / "dog", 5)  # grey among colour
    by_class = datasets.load(tmp_path / "classes")
    assert by_class.input_shape == (8, 8, 3)
    labels = np.concatenate([by_class.train.labels, by_class.test.labels])
    assert sorted(labels) == [0] * 5 + [1] * 5

    for part, count in (("train", 6), ("test", 3)):
        for name in ("a", "b"):
            write_images(tmp_path / "both" / part / name, count)
    both = datasets.load(str(tmp_path / "both"))
    assert (len(both.train), len(both.test)) == (12, 6)
    assert zoo.train("pca", tmp_path / "flat", latent_dim=2, folder=tmp_path / "run").metrics

    write_images(tmp_path / "both" / "test" / "aa", 2)  # a class that only one split has
    labels = datasets.load(tmp_path / "both").test.labels
    assert np.bincount(labels).tolist() == [3, 2, 3]
    (tmp_path / "both" / "README.txt").write_text("about these images")
    (tmp_path / "flat" / "LICENSE.txt").write_text("free")
    assert {datasets.load(tmp_path / name).kind for name in ("both", "flat")} == {"images"}


def test_every_image_of_a_folder_in_the_order_of_paths(tmp_path):
    for place, count in {"cat": 3, "dog": 2, "dog/deep": 1}.items():
        write_images(tmp_path / "classes" / place, count)
    names = ["cat/0.png", "cat/1.png", "cat/2.png", "dog/0.png", "dog/1.png", "dog/deep/0.png"]
    rows = datasets.rows(tmp_path / "classes")
    assert rows.names == tuple(names)
    assert rows.labels.tolist() == [0, 0, 0, 1, 1, 1]
    for name, image in zip(names, rows.images, strict=True):
        np.testing.assert_array_equal(image, images.read_image(tmp_path / "classes" / name))
    few = rows.take([4, 0])
    assert (few.names, few.labels.tolist()) == (("dog/1.png", "cat/0.png"), [1, 0])
    loaded = datasets.load(tmp_path / "classes")
    assert set(loaded.train.names + loaded.test.names) == set(names)

    for part in ("train", "test"):
        for name in ("a", "b"):
            write_images(tmp_path / "both" / part / name, 1)
    both = datasets.rows(str(tmp_path / "both"))
    assert both.names == ("test/a/0.png", "test/b/0.png", "train/a/0.png", "train/b/0.png")
    assert both.labels.tolist() == [0, 1, 0, 1]
    write_images(tmp_path / "both", 1)  # of no class: then there are no labels
    with pytest.warns(FolderWarning, match="No row of .* as 1 of 5 files lie in no .*: 0.png"):
        rows = datasets.rows(tmp_path / "both")
    assert (len(rows), rows.labels) == (5, None)
    with pytest.raises(UsageError, match="`label` names a column of a table"):
        datasets.rows(tmp_path / "both", label="kind")


def test_every_text_of_a_folder(tmp_path):
    for name in ("b", "a"):
        (tmp_path / f"{name}.txt").write_text(f"text {name}")
    rows = datasets.rows(tmp_path)
    assert (rows.names, list(rows.inputs)) == (("a.txt", "b.txt"), ["text a", "text b"])


def of_32_bits(folder):
    folder.mkdir()
    Image.fromarray(np.full((8, 8), 70000, np.int32)).save(folder / "1.tif")


FOLDERS = [
    (of_32_bits, "must have 8 or 16 bits, or floats in .* Received: .*1.tif of 32 bits"),
    (Path.mkdir, "must hold image files"),
]


def test_sixteen_bits_are_scaled_and_not_cut_off(tmp_path):
    pixels = np.linspace(0, 65535, 64).astype("uint16").reshape(8, 8)
    for number in range(5):
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    data = datasets.load(tmp_path)
    np.testing.assert_allclose(data.test.images[0, ..., 0], pixels / 65535, atol=1e-6)


PIXELS = np.linspace(0, 1, 64, dtype="float32").reshape(8, 8)
FORMATS = {
    "x.pgm": lambda path: path.write_bytes(
        b"P5 8 8 65535\n" + (PIXELS * 65535).round().astype(">u2").tobytes()
    ),
    "x.tif": lambda path: Image.fromarray(PIXELS).save(path),
    "big.tif": lambda path: Image.frombytes(
        "I;16B", (8, 8), (PIXELS * 65535).round().astype(">u2").tobytes()
    ).save(path),
}


@pytest.mark.parametrize("name", FORMATS)
def test_all_bits_are_read(name, tmp_path):
    FORMATS[name](tmp_path / name)
    image = images.read_image(tmp_path / name)
    assert image.dtype == np.float32
    np.testing.assert_allclose(image[..., 0], PIXELS, atol=1e-5)


def test_a_stream_of_several_sizes_is_refused():
    sizes = tf.data.Dataset.from_generator(
        lambda: (np.zeros((size, 4, 1), "float32") for size in (4, 5)),
        output_signature=tf.TensorSpec((None, 4, 1)),
    )
    with pytest.raises(UsageError, match="must all have one size"):
        datasets.load(sizes)


@pytest.mark.parametrize(("make", "told"), FOLDERS)
def test_folders_that_cannot_be_used(make, told, tmp_path):
    make(tmp_path / "images")
    with pytest.raises(UsageError, match=told):
        datasets.load(tmp_path / "images")


def bad_sum(path):
    np.savez(path, images=np.zeros((4, 4, 4, 1)))
    data = bytearray(path.read_bytes())
    data[300] ^= 1
    path.write_bytes(data)


FILES = [
    (lambda path: path.write_text("hello"), "must be a whole .npy or .npz"),
    (bad_sum, "must be a whole .npy or .npz"),
    (lambda path: np.savez(path, images=np.array([{}])), "must be a whole .npy or .npz"),
    (lambda path: np.save(path, np.array([{}], dtype=object)), "must be a whole .npy or .npz"),
    (lambda path: np.savez(path, other=np.zeros(3)), "must hold images .* Received: other"),
    (
        lambda path: np.save(path, np.zeros(3)),
        r"shape \(rows, height, width, channels\) or \(rows, columns\)",
    ),
    (
        lambda path: np.savez(path, images=np.zeros((9, 4, 4)), labels=np.zeros(8)),
        "labels must be 9",
    ),
]


@pytest.mark.parametrize(("write", "told"), FILES)
def test_files_that_cannot_be_used(write, told, tmp_path):
    write(tmp_path / "data.npz")
    path = next(tmp_path.iterdir())  # numpy adds .npy
    with pytest.raises(UsageError, match=told):
        datasets.load(path)


# tensorflow-datasets -----------------------------------------------------------------------------

SOURCE = "https://nowhere.invalid/stripes.gz"


class Stripes(tfds.core.GeneratorBasedBuilder):
    """A dataset of twelve small images, whose source no network has."""

    VERSION = tfds.core.Version("1.0.0")
    pixels = (np.arange(12 * 36) % 251).astype(np.uint8)
    packed = gzip.compress(pixels.tobytes(), mtime=0)

    @classmethod
    def _get_pkg_dir_path(cls):
        return Path(__file__).parent

    def _info(self):
        features = {
            "image": tfds.features.Image(shape=(6, 6, 1)),
            "label": tfds.features.ClassLabel(num_classes=3),
        }
        return self.dataset_info_from_configs(features=tfds.features.FeaturesDict(features))

    def _split_generators(self, manager):
        path = manager.download(SOURCE)
        return {
            "train": self._generate_examples(path, 0, 9),
            "test": self._generate_examples(path, 9, 12),
        }

    def _generate_examples(self, path, first, last):
        images = np.frombuffer(gzip.decompress(Path(path).read_bytes()), np.uint8).reshape(
            12, 6, 6, 1
        )
        for number in range(first, last):
            yield number, {"image": images[number], "label": number % 3}


Stripes.url_infos = {
    SOURCE: tfds.core.download.checksums.UrlInfo(
        tfds.core.utils.Size(len(Stripes.packed)),
        hashlib.sha256(Stripes.packed).hexdigest(),
        "stripes.gz",
    )
}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """tensorflow-datasets' folder, and a folder of source files."""
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(tmp_path / "tfds"))
    (tmp_path / "sources").mkdir()
    return tmp_path


def test_imported_sources_are_found_by_tensorflow_datasets(cache):
    with pytest.raises(
        UsageError, match=r"stripes is not on this machine .*zoo data import stripes DIR"
    ):
        datasets.load("tfds:stripes")
    (cache / "sources" / "stripes.gz").write_bytes(Stripes.packed)
    assert all(path.exists() for path in datasets.import_sources("stripes", cache / "sources"))
    data = datasets.load("tfds:stripes")
    assert data.name == "tfds:stripes"
    assert (len(data.train), len(data.test)) == (9, 3)
    together = np.concatenate([data.train.images, data.test.images])
    expected = {row.tobytes() for row in Stripes.pixels.reshape(12, 36).astype("float32") / 255}
    assert {row.tobytes() for row in together} == expected
    plain = tfds.load("stripes", split="train", data_dir=cache / "tfds")  # and unchanged
    assert len(plain) == 9


@pytest.mark.parametrize("content", [None, b"", b"something else"])
def test_sources_that_are_not_the_originals_are_refused(cache, content):
    if content is not None:
        (cache / "sources" / "stripes.gz").write_bytes(content)
    told = (
        "must be in a folder. Missing in"
        if content is None
        else "must be the original file, of sha256"
    )
    with pytest.raises(UsageError, match=told):
        datasets.import_sources("stripes", cache / "sources")
    assert not list((cache / "tfds").rglob("*.gz*"))


DEBIAN = Path("/usr/share/datasets/fashion-mnist")


@pytest.mark.skipif(not DEBIAN.exists(), reason="Debian's dataset-fashion-mnist is not installed")
def test_debians_fashion_mnist_is_taken_for_the_original(cache):
    """Its gzip headers have lost name and time; the sums are those of the originals."""
    datasets.import_sources("fashion_mnist", DEBIAN)
    data = datasets.load("fashion_mnist")
    assert (len(data.train), len(data.test)) == (60000, 10000)
    with gzip.open(DEBIAN / "t10k-images-idx3-ubyte.gz") as file:
        assert struct.unpack(">4I", file.read(16)) == (2051, 10000, 28, 28)
        first = np.frombuffer(file.read(784), np.uint8).astype("float32") / 255
    assert np.any(np.all(data.test.images.reshape(-1, 784) == first, axis=1))


@pytest.mark.skipif(not DEBIAN.exists(), reason="Debian's dataset-fashion-mnist is not installed")
def test_two_processes_may_prepare_a_dataset_at_the_same_time(tmp_path):
    folder = tmp_path / "tfds"
    datasets.import_sources("fashion_mnist", DEBIAN, folder)
    code = "import zoo; print(len(zoo.datasets.load('fashion_mnist').train))"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, "TFDS_DATA_DIR": str(folder)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    outputs = [process.communicate()[0].splitlines()[-1:] for process in processes]
    assert outputs == [["60000"], ["60000"]]


def test_no_progress_bar_where_there_is_no_terminal(cache, capfd):
    (cache / "sources" / "stripes.gz").write_bytes(Stripes.packed)
    datasets.import_sources("stripes", cache / "sources")
    datasets.load("tfds:stripes")
    assert "it/s" not in capfd.readouterr().err
    assert not sys.stderr.isatty()


def test_curves_are_drawn_by_seed():
    images = curves.draw(300, seed=0)
    assert (images.shape, images.dtype) == ((300, 28, 28, 1), np.float32)
    assert (images.min(), images.max()) == (0, 1)
    np.testing.assert_array_equal(images[:5], curves.draw(300, seed=0)[:5])
    assert (images != curves.draw(300, seed=1)).any(axis=(1, 2, 3)).all()
    inked = images.max(axis=(1, 2, 3))
    assert inked.min() > 0.3  # none is empty
    data = datasets.load("curves")
    assert (len(data.train), len(data.test), data.train.labels) == (20_000, 10_000, None)
    seen = {image.tobytes() for image in data.train.images}
    assert not any(image.tobytes() in seen for image in data.test.images)


def test_a_straight_curve_is_a_pen_of_the_given_width():
    straight = curves.through(np.array([[[4.0, 14.0], [13.0, 14.0], [22.0, 14.0]]]))[0, ..., 0]
    across = np.exp(-np.square((np.arange(28) - 14) / curves.PEN) / 2)
    np.testing.assert_allclose(straight[:, 13], across, atol=0.02)
    bent = curves.through(np.array([[[4.0, 4.0], [22.0, 13.0], [4.0, 22.0]]]))[0, ..., 0]
    for x, y in ((4, 4), (22, 13), (4, 22)):  # through all three
        assert bent[y, x] > 0.4
    assert bent[13, 8] < 0.01


@pytest.mark.parametrize("read", [datasets.load, datasets.rows])
def test_none_is_no_data(read):
    with pytest.raises(UsageError, match=r"a name, a path, an array or a stream\. Received: None"):
        read(None)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"names": ("a", "b")}, r"`names` must be one for each row, 3\. Received: 2\."),
        ({"windows": np.zeros((4, 2), int)}, r"`windows` must be one for each row, 3\."),
        ({"column_names": ("a", "b", "c")}, r"`column_names` must be one for each column, 2\."),
    ],
)
def test_names_are_as_many_as_rows_or_columns(names, message):
    with pytest.raises(UsageError, match=message):
        datasets.Split(np.zeros((3, 2)), **names)
