"""Photos of any size and mode: scikit-image's and scikit-learn's own, and files that are none."""

import importlib.util
import json
import re
import shutil
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
import sklearn.datasets
from PIL import Image
from typer.testing import CliRunner

import zoo
from zoo import anomaly, datasets, search
from zoo.cli import app
from zoo.datasets.readers import decoded, images
from zoo.datasets.readers.addresses import address
from zoo.datasets.readers.preparation import Preparation, of_record
from zoo.datasets.sources import photo_crops
from zoo.errors import FolderWarning, UsageError

SKIMAGE = Path(importlib.util.find_spec("skimage").origin).parent / "data"
SKLEARN = Path(sklearn.datasets.__file__).parent / "images"
MODES = {
    SKIMAGE / "no_time_for_that_tiny.gif": ("P", 3),
    SKIMAGE / "multipage.tif": ("L", 1),
    SKIMAGE / "microaneurysms.png": ("L", 1),
    SKIMAGE / "cell.png": ("L", 1),
    SKIMAGE / "horse.png": ("RGBA", 3),
    SKIMAGE / "logo.png": ("RGBA", 3),
    SKIMAGE / "retina.jpg": ("RGB", 3),
    SKIMAGE / "coffee.png": ("RGB", 3),
    SKLEARN / "china.jpg": ("RGB", 3),
    SKLEARN / "flower.jpg": ("RGB", 3),
}


def picture(path):
    with Image.open(path) as image:
        image.load()
        return image


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Photos as they ship, of ten sizes and four modes."""
    folder = tmp_path_factory.mktemp("data") / "photos"
    folder.mkdir()
    for path in MODES:
        shutil.copy(path, folder)
    return folder


@pytest.mark.parametrize("path", MODES, ids=lambda path: path.name)
@pytest.mark.parametrize("size", [(24, 24), (16, 40)])
def test_a_photo_is_fitted(path, size, tmp_path):
    """Each fit against the whole photo, brought to that size by means over its pixels."""
    mode, channels = MODES[path]
    assert picture(path).mode == mode
    whole = images.read_image(path)
    assert whole.shape[-1] == channels
    height, width = whole.shape[:2]
    for fit in ("crop", "pad", "stretch"):
        image = images.read_image(path, Preparation(size, fit))
        assert (image.shape, image.dtype) == ((*size, channels), np.float32)
        assert image.min() >= 0
        assert image.max() <= 1
        scale = (max if fit == "crop" else min)(size[0] / height, size[1] / width)
        seen = size if fit == "stretch" else (height * scale, width * scale)
        seen = tuple(map(round, seen)) if fit == "pad" else seen
        expected = drawn(whole, size, seen)
        inside = expected >= 0
        assert inside.mean() > (0.15 if fit == "pad" else 0.9)
        enlarged = height < size[0] or width < size[1]
        assert np.abs(image - expected)[inside].mean() < (0.08 if enlarged else 0.035)
        if fit == "pad":
            assert not image[~inside].any()


def drawn(whole, size, seen):
    """The mean over each pixel's part of a photo drawn `seen` in size, centred; -1 outside."""
    result = np.full((*size, whole.shape[-1]), -1.0)
    edges = []
    for length, target, stored in zip(seen, size, whole.shape, strict=False):
        start = (target - length) // 2 if length <= target else (target - length) / 2
        ends = (np.arange(target + 1) - start) * stored / length
        edges.append(np.round(ends).astype(int))
    for y, (top, bottom) in enumerate(zip(edges[0], edges[0][1:], strict=False)):
        for x, (left, right) in enumerate(zip(edges[1], edges[1][1:], strict=False)):
            part = whole[max(top, 0) : max(bottom, top + 1), max(left, 0) : max(right, left + 1)]
            if (
                min(top, left) >= 0
                and part.size
                and bottom <= len(whole)
                and right <= whole.shape[1]
            ):
                result[y, x] = part.mean(axis=(0, 1))
    return result


PIXELS = np.asarray(picture(SKIMAGE / "camera.png").resize((40, 30)))
STORED = {  # files of one picture, and how far its pixels may be off
    "8 bits": (Image.fromarray(PIXELS), ".png", 0.004),
    "16 bits": (Image.fromarray(PIXELS.astype("uint16") * 257), ".png", 0.004),
    "floats": (Image.fromarray(PIXELS / np.float32(255)), ".tif", 0.004),
    "CMYK": (Image.fromarray(PIXELS).convert("RGB").convert("CMYK"), ".jpg", 0.03),
    "LA": (Image.fromarray(PIXELS).convert("LA"), ".png", 0.004),
    "P": (Image.fromarray(PIXELS).convert("P"), ".png", 0.004),
}


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
@pytest.mark.parametrize("mode", STORED)
def test_every_mode_gives_the_same_picture(mode, fit, tmp_path):
    image, suffix, tolerance = STORED[mode]
    image.save(tmp_path / f"a{suffix}", quality=95)
    seen = images.read_image(tmp_path / f"a{suffix}", Preparation((16, 12), fit, "gray"))
    Image.fromarray(PIXELS).save(tmp_path / "b.png")
    expected = images.read_image(tmp_path / "b.png", Preparation((16, 12), fit))
    assert seen.shape == (16, 12, 1)
    np.testing.assert_allclose(seen, expected, atol=tolerance)


def test_one_bit_is_smoothed(tmp_path):
    Image.fromarray(PIXELS).convert("1").save(tmp_path / "dithered.png")
    seen = images.read_image(tmp_path / "dithered.png", Preparation((5, 5)))
    expected = drawn(PIXELS[..., None] / 255, (5, 5), (5, 20 / 3))
    assert np.abs(seen - expected).mean() < 0.1


def test_a_line_stays_a_line(tmp_path):
    Image.fromarray(np.full((1, 2000), 200, "uint8")).save(tmp_path / "line.png")
    padded = images.read_image(tmp_path / "line.png", Preparation((8, 6), "pad"))
    assert np.round(255 * padded[..., 0]).sum(axis=1).tolist() == [0, 0, 0, 1200, 0, 0, 0, 0]
    for fit in ("crop", "stretch"):
        seen = images.read_image(tmp_path / "line.png", Preparation((8, 6), fit))
        np.testing.assert_allclose(seen, 200 / 255, atol=1e-6)


def test_a_photo_is_turned_before_it_is_fitted(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned right by 90 degrees
    photo = picture(SKLEARN / "china.jpg")
    photo.rotate(90, expand=True).save(tmp_path / "turned.jpg", exif=exif, quality=95)
    for fit in ("crop", "pad"):
        seen = images.read_image(tmp_path / "turned.jpg", Preparation((20, 30), fit))
        expected = images.read_image(SKLEARN / "china.jpg", Preparation((20, 30), fit))
        assert np.abs(seen - expected).mean() < 0.01
    shutil.copy(SKLEARN / "china.jpg", tmp_path)
    assert datasets.rows(tmp_path).images.shape == (2, 427, 640, 3)


def test_a_folder_is_loaded_by_options_and_by_its_address(photos):
    data = datasets.load(photos, image_size=(16, 24))
    assert (len(data.train), len(data.test), data.input_shape) == (8, 2, (16, 24, 3))
    assert data.name == f"{photos}?image_size=16x24&fit=crop&color=rgb"
    same = [
        datasets.load(data.name),
        datasets.load(f"{photos}?image_size=16x24"),
        datasets.load(f"{photos}?image_size=9&fit=crop", image_size="16x24"),
    ]
    assert {each.fingerprint for each in same} == {data.fingerprint}
    assert {each.name for each in same} == {data.name}
    grey = datasets.load(photos, image_size=16, fit="pad", color="gray")
    assert grey.input_shape == (16, 16, 1)
    assert datasets.load(grey.name).fingerprint == grey.fingerprint
    rows = datasets.rows(photos, image_size=16, fit="stretch")
    assert sorted(rows.names) == sorted(path.name for path in MODES)
    for name, image in zip(rows.names, rows.images, strict=True):
        alone = images.read_image(photos / name, Preparation(16, "stretch", "rgb"))
        np.testing.assert_array_equal(image, alone)


def test_a_list_of_photos(photos):
    paths = sorted(photos.iterdir())
    data = datasets.load(paths, image_size=8, color="gray")
    assert (data.name, data.input_shape) == ("files?image_size=8x8&fit=crop&color=gray", (8, 8, 1))
    labelled = datasets.rows((paths, range(10)), image_size=8)
    assert (labelled.names[3], labelled.labels[3]) == (str(paths[3]), 3)
    with pytest.raises(UsageError, match="must have one size"):
        datasets.load(paths)


def test_photos_of_one_size_need_no_options(tmp_path):
    for name in ("brick", "camera", "grass", "moon"):
        shutil.copy(SKIMAGE / f"{name}.png", tmp_path)
    data = datasets.load(tmp_path)
    assert (data.name, data.input_shape) == (str(tmp_path), (512, 512, 1))
    assert datasets.load(tmp_path, color="rgb").input_shape == (512, 512, 3)
    shutil.copy(SKIMAGE / "astronaut.png", tmp_path)
    assert datasets.load(tmp_path, color="gray").input_shape == (512, 512, 1)


def test_a_folder_of_two_sizes_is_refused_in_one_sentence(photos, tmp_path, monkeypatch):
    for name in ("brick", "camera", "grass"):
        shutil.copy(SKIMAGE / f"{name}.png", tmp_path)
    shutil.copy(SKLEARN / "china.jpg", tmp_path)
    monkeypatch.setattr(images, "_pixels", None)  # it is seen before any pixel is read
    for read in (datasets.load, datasets.rows):
        with pytest.raises(UsageError) as error:
            read(tmp_path)
        for message in ("image_size=(64, 64)", "'crop', 'pad' or 'stretch'", "'rgb' or 'gray'",
                     "?image_size=64x64&fit=crop&color=rgb",
                     "3 of 512x512, 1 of 427x640."):  # fmt: skip
            assert message in str(error.value)
    with pytest.raises(UsageError, match=r"2 of 427x640, .* and 6 more sizes\.$"):
        datasets.load(photos)


def truncated(path):
    path.write_bytes((SKLEARN / "flower.jpg").read_bytes()[:100_000])


def bomb(path):
    """A PNG of 100 bytes whose header claims 100,000 x 100,000 pixels."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)),
              (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b"")]  # fmt: skip
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    ))  # fmt: skip


def large(path):
    """A photo of 100 million pixels, above the limit, in a file of 12 kB."""
    Image.new("1", (10_000, 10_000)).save(path)


BAD = {
    "truncated.jpg": (truncated, "Pillow cannot read .*truncated.jpg as an image"),
    "bomb.png": (bomb, r"bomb.png must have at most 89,478,485 pixels"),
    "large.png": (large, r"large.png must have at most 89,478,485 pixels"),
    "text.png": (lambda path: path.write_text("no image"), "cannot read .*text.png"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_among_photos_is_counted(name, tmp_path):
    make, message = BAD[name]
    shutil.copy(SKLEARN / "china.jpg", tmp_path)
    shutil.copy(SKLEARN / "flower.jpg", tmp_path)
    make(tmp_path / name)
    for options in ({}, {"image_size": 8, "fit": "pad"}):
        with pytest.warns(FolderWarning, match=f"1 of 3 files of .* are left out: .*{message}"):
            rows = datasets.rows(tmp_path, **options)
        assert rows.names == ("china.jpg", "flower.jpg")
    with pytest.raises(UsageError, match=message):
        datasets.rows([tmp_path / name], image_size=8)


WRONG = {
    "image_size=0": "`image_size` must be a height and a width from 1 to 8192 pixels",
    "image_size=64x": "Received: image_size='64x'.",
    "image_size=64x64x3": "Received: image_size='64x64x3'.",
    "image_size=-8x8": "Received: image_size='-8x8'.",
    "image_size=9999x9999": "from 1 to 8192 pixels",
    "image_size=": "Received: image_size=''.",
    "image_size=8&fit=cropp": "There is no `fit` 'cropp'; did you mean crop?",
    "image_size=8&color=grey": "There is no `color` 'grey'; did you mean gray?",
    "fit=pad": "`fit` needs an `image_size`",
    "size=8": "There is no option 'size' of a folder of images; did you mean image_size?",
    "label=cat": "There is no option 'label' of a folder of images",
}


@pytest.mark.parametrize("query", WRONG)
def test_wrong_options_are_told_in_one_sentence(query, photos):
    done = CliRunner().invoke(app, ["train", "pca", f"{photos}?{query}"])
    assert done.exit_code == 2
    assert WRONG[query] in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    with pytest.raises(UsageError, match=re.escape(WRONG[query])):
        datasets.load(f"{photos}?{query}")


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("mnist_5k", {"image_size": 8}, "for image files: .* Received: image_size=8 for mnist_5k."),
        ("mnist_5k?image_size=8", {}, "Only the address of a table or of a folder has options"),
        (np.zeros((4, 8, 8)), {"color": "rgb"}, "Received: color='rgb' for a ndarray."),
        ("photos", {"image_size": (8, 8, 3)}, r"Received: image_size=\(8, 8, 3\)."),
        ("photos", {"image_size": (8.0, 8)}, r"Received: image_size=\(8.0, 8\)."),
        ("photos", {"image_size": True}, "Received: image_size=True."),
        ("photos", {"image_size": 8, "fit": 3}, "There is no `fit` 3; there are crop, pad, str"),
        ("photos?image_size=8", {"color": "blue"}, "There is no `color` 'blue'"),
        ("texts", {"image_size": 8}, "Received: image_size=8 for the texts of texts."),
        ("texts?fit=pad", {}, "Received: fit='pad' for the texts of texts."),
        (["texts/a.txt"], {"image_size": 8}, "Received: image_size=8 for texts."),
        ("table.csv", {"image_size": 8}, "Received: image_size=8 for a table."),
    ],
)  # fmt: skip
def test_options_where_they_have_no_use(source, options, message, photos, tmp_path, monkeypatch):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("Some words.")
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    (tmp_path / "photos").symlink_to(photos)
    monkeypatch.chdir(tmp_path)
    for read in (datasets.load, datasets.rows):
        with pytest.raises(UsageError, match=message):
            read(source, **options)


def test_rows_that_are_loaded_take_no_options(digits):
    for source in (digits, digits.train):
        with pytest.raises(UsageError, match=r"Received: color='gray' for a (Dataset|Split)\."):
            datasets.rows(source, color="gray")


def test_a_question_mark_in_the_name_of_a_folder(tmp_path):
    folder = tmp_path / "what?image_size=3"
    folder.mkdir()
    for name in ("camera", "coins", "moon"):
        shutil.copy(SKIMAGE / f"{name}.png", folder)
    assert address(folder) == (folder, {})
    assert address("?image_size=3") == (Path("?image_size=3"), {})
    assert address("~nobody-here?") == (Path("~nobody-here?"), {})
    data = datasets.load(f"{folder}?image_size=8")
    assert data.name == f"{folder}?image_size=8x8&fit=crop&color=gray"
    assert of_record({"data": {"name": data.name}}) == Preparation(8, "crop", "gray")
    assert not of_record({"data": {"name": str(folder)}})
    hostile = {"data": {"name": "x?image_size=9999x9999&fit=no&color=rgb"}}
    assert not of_record(hostile)


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Parts of two photos, each of its own size, and the run of a model that learned from them."""
    folder, random = tmp_path_factory.mktemp("parts") / "parts", np.random.default_rng(0)
    for name in ("china", "flower"):
        (folder / name).mkdir(parents=True)
        photo = picture(SKLEARN / f"{name}.jpg")
        for number in range(20):
            width, height = random.integers(60, 200, 2)
            left, top = random.integers(0, (640 - width, 427 - height))
            part = photo.crop((left, top, left + width, top + height))
            part.save(folder / name / f"{number}.jpg", quality=90)
    data = datasets.load(folder, image_size=(16, 24), fit="pad", color="gray")
    return folder, zoo.train("pca", data, latent_dim=4, folder=folder.parent / "run")


@pytest.fixture(scope="module")
def exported(parts):
    return zoo.export(parts[1].model, parts[1].folder.parent / "export")


def test_a_run_records_how_its_photos_were_prepared(parts):
    folder, run = parts
    name = f"{folder}?image_size=16x24&fit=pad&color=gray"
    config = json.loads((run.folder / "config.json").read_text())
    assert config["data"]["name"] == run.model.record["data"]["name"] == name
    assert zoo.train("pca", name, latent_dim=4, folder=run.folder, resume=True).config == config
    with pytest.raises(UsageError, match=r"holds another run, with data.name=.*fit=pad"):
        zoo.train("pca", name.replace("pad", "crop"), latent_dim=4, folder=run.folder, resume=True)
    assert zoo.runs.default_folder("pca", name, 0, False).name == "pca-parts-seed0"


def test_a_model_prepares_the_photos_of_a_folder_as_its_own(parts, exported):
    folder, run = parts
    for model in (run.folder, exported.folder):
        found = zoo.evaluate(model, folder, baselines=False)
        assert found["sse"] == pytest.approx(run.metrics["sse"], rel=1e-4)
    assert zoo.evaluate(exported, f"{folder}?image_size=16x24&color=gray", baselines=False)[
        "sse"
    ] != pytest.approx(found["sse"], rel=1e-3)
    with pytest.raises(UsageError, match=r"takes images of \(16, 24, 1\). Received: images of \(8"):
        zoo.evaluate(exported, f"{folder}?image_size=8")


NAMES = [f"{name}/{number}.jpg" for name in ("china", "flower") for number in range(20)]


def test_photos_are_scored_by_their_paths(parts, capsys):
    folder, run = parts
    detector = anomaly.Detector.fit(run, anomaly.rows_of_run(run))
    assert anomaly.report(detector, folder)["names"] == NAMES
    normal = anomaly.one_class(f"{folder}?image_size=16x24&fit=pad&color=gray", "china")
    assert all(name.startswith("china/") for name in normal.train.names)
    done = CliRunner().invoke(app, ["detect", str(run.folder), str(folder), "--normal", "china",
                                    "--json"])  # fmt: skip
    result = json.loads(done.stdout)
    assert result["names"] == NAMES
    assert 0 <= result["auroc"] <= 1
    done = CliRunner().invoke(app, ["detect", str(run.folder), str(folder), "--normal", "chin"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "There is no class 'chin'; did you mean china?" in done.stderr


def test_photos_are_found_by_a_photo(parts, exported, tmp_path):
    folder, _ = parts
    codes, ids, skipped = search.codes_of_folder(exported, folder)
    assert ids == [str(folder / name) for name in NAMES]
    assert not skipped
    own = datasets.rows(folder, image_size=(16, 24), fit="pad", color="gray")
    np.testing.assert_allclose(codes, exported.encode(own), atol=1e-5)
    index = str(tmp_path / "photos.index")
    for data, like in ((folder, NAMES[7]), (f"{folder}?image_size=16x24&color=gray", NAMES[30])):
        query = str(folder / like) + str(data).removeprefix(str(folder))
        done = CliRunner().invoke(app, ["search", "index", str(exported.folder), str(data),
                                        "--to", index, "--json"])  # fmt: skip
        assert json.loads(done.stdout)["rows"] == 40
        done = CliRunner().invoke(app, ["search", "query", index, query, "-k", "1", "--json"])
        (found,) = json.loads(done.stdout)
        assert found["id"] == str(folder / like)
        assert found["distance"] == pytest.approx(0, abs=1e-3)
        Path(index).unlink()


def test_a_run_is_finetuned_on_photos(parts, tmp_path):
    folder, run = parts
    tuned = zoo.finetune(run, folder, epochs=1, freeze=True, folder=tmp_path / "tuned")
    assert tuned.config["data"]["name"] == run.config["data"]["name"]
    assert tuned.config["class_names"] == ["china", "flower"]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty folder of decoded photos."""
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def sixteen_bits(folder):
    shutil.copy(SKLEARN / "china.jpg", folder)
    Image.fromarray(PIXELS.astype("uint16") * 257).save(folder / "a.png")
    Image.fromarray(PIXELS / np.float32(255)).save(folder / "b.tif")


def masks(folder):
    for number in range(3):
        Image.fromarray((60 * number < PIXELS).astype("uint8")).save(folder / f"{number}.png")


def grey(folder):
    for name in ("brick", "camera", "moon"):
        shutil.copy(SKIMAGE / f"{name}.png", folder)
    truncated(folder / "cut.jpg")  # in colour


def of_all_modes(folder):
    for path in MODES:
        shutil.copy(path, folder)
    truncated(folder / "cut.jpg")
    bomb(folder / "bomb.png")


SMALL = {"image_size": (16, 24)}
FOLDERS = [
    (of_all_modes, SMALL, 2),
    (of_all_modes, SMALL | {"fit": "pad", "color": "gray"}, 2),
    (of_all_modes, SMALL | {"fit": "stretch", "color": "rgb"}, 2),
    (grey, SMALL, 1),
    (grey, SMALL | {"color": "rgb"}, 1),
    (sixteen_bits, SMALL, 0),
    (masks, {}, 0),
]


@pytest.mark.parametrize(("make", "options", "bad"), FOLDERS)
def test_photos_on_disk_are_those_in_memory(make, options, bad, tmp_path, cache):
    (tmp_path / "a").mkdir()
    make(tmp_path / "a")
    seen = []
    for in_memory in (True, False, False):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", FolderWarning)
            rows = datasets.rows(tmp_path / "a", in_memory=in_memory, **options)
        assert rows.in_memory == in_memory
        seen.append((np.asarray(rows.inputs), rows.names, [str(each.message) for each in caught]))
    for images_, names, messages in seen[1:]:
        np.testing.assert_array_equal(images_, seen[0][0])
        assert (names, messages) == seen[0][1:]
    assert len(seen[0][2]) == bool(bad)
    assert f"{bad} of" in "".join(seen[0][2]) or not bad


def test_photos_are_decoded_once_until_one_changes(tmp_path, cache, monkeypatch, capsys):
    folder = tmp_path / "folder"
    folder.mkdir()
    grey(folder)
    (folder / "cut.jpg").unlink()
    data = datasets.load(folder, in_memory=False, **SMALL)
    assert capsys.readouterr().err == f"zoo: decoding 3 photos of {folder}, once\n"
    files, before = sorted(cache.iterdir()), data.fingerprint
    pixels = datasets.rows(data.name).images[:]
    with monkeypatch.context() as patched:
        patched.setattr(images, "_pixels", None)
        again = [datasets.load(folder, in_memory=False, **SMALL), datasets.load(data.name)]
    for each in again:  # also by its name, which says the colour
        assert each.fingerprint == before
        assert each.name == f"{folder}?image_size=16x24&fit=crop&color=gray&in_memory=false"
    shutil.copy(SKIMAGE / "grass.png", folder / "moon.png")
    changed = datasets.load(data.name)
    assert changed.name == data.name
    seen = datasets.rows(data.name).images[:]
    assert (seen != pixels).any(axis=(1, 2, 3)).tolist() == [False, False, True]
    with pytest.raises(UsageError, match=r"must stay as it was .*Received: no file\."):
        print(data.fingerprint)
    shutil.copy(SKIMAGE / "coffee.png", folder)
    assert datasets.rows(folder, in_memory=False, **SMALL).images.shape == (4, 16, 24, 3)
    assert len(list(cache.glob("*.npy"))) < 2 * len(files)
    (path,) = [path for path in cache.glob("*.npy") if path.stat().st_size > 4 * 16 * 24 * 3]
    path.write_bytes(path.read_bytes()[:-1])  # such as by a full disk
    assert len(datasets.rows(folder, in_memory=False, **SMALL).images[:]) == 4
    assert not [path for path in cache.iterdir() if path.name.startswith(".")]


def test_photos_that_are_too_large_for_memory_stay_on_disk(photos, cache, monkeypatch):
    from zoo.datasets.readers import memory

    monkeypatch.setattr(memory, "FRACTION", 1e-9)
    assert not datasets.rows(photos, image_size=64).in_memory
    assert datasets.rows(photos, image_size=64, in_memory=True).in_memory
    assert decoded.folder() == cache


def test_photos_on_disk_are_trained_on_and_used(parts, tmp_path):
    folder, _ = parts
    address = f"{folder}?image_size=16x24&fit=pad&color=gray"
    net = {"filters": (3,), "latent_dim": 4, "epochs": 2, "augment": {"crop": 0.2}}
    runs = [
        zoo.train("conv_ae", f"{address}&in_memory={value}", folder=tmp_path / value, **net)
        for value in ("true", "false")
    ]
    for first, second in zip(*(run.model.get_weights() for run in runs), strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-5, atol=1e-6)
    run = runs[1]
    assert run.config["data"]["name"] == f"{address}&in_memory=false"
    large = f"{folder}?in_memory=false"  # prepared as the model's own photos
    found = zoo.evaluate(run.folder, large, baselines=False)
    assert found["sse"] == pytest.approx(run.metrics["sse"], rel=1e-4)
    codes = np.load(zoo.encode(run.folder, large, tmp_path / "codes.npy"))
    expected = run.model.encode(datasets.rows(address))
    np.testing.assert_allclose(codes, expected, atol=1e-5)
    np.testing.assert_allclose(search.codes_of_folder(run.model, large)[0], expected, atol=1e-5)
    done = CliRunner().invoke(app, ["detect", str(run.folder), large, "--json"])
    assert json.loads(done.stdout)["names"] == NAMES


def test_one_photo_is_a_folder_of_one(parts, exported, tmp_path):
    folder, run = parts
    one = folder / NAMES[3]
    every = datasets.rows(folder, image_size=(16, 24), fit="pad", color="gray")
    split = datasets.rows(f"{one}?image_size=16x24&fit=pad&color=gray")
    np.testing.assert_array_equal(split.images, every.images[3:4])
    assert split.names == ("3.jpg",)
    scores = []
    for data in (one, folder):
        done = CliRunner().invoke(app, ["detect", str(run.folder), str(data), "--json"])
        scores.append(json.loads(done.stdout)["scores"])
    assert scores[0] == [pytest.approx(scores[1][3], rel=1e-5)]
    path = zoo.encode(exported.folder, one, tmp_path / "code.npy")
    np.testing.assert_allclose(np.load(path), exported.encode(every.images[3:4]), atol=1e-5)
    index = tmp_path / "one.index"
    done = CliRunner().invoke(app, ["search", "index", str(exported.folder), str(one),
                                    "--to", str(index), "--json"])  # fmt: skip
    assert json.loads(done.stdout)["rows"] == 1
    with pytest.raises(UsageError, match="at least two rows to train on"):
        datasets.load(one)
    (tmp_path / "bad.jpg").write_text("no image")
    with pytest.raises(UsageError, match="Received: 1 of 1 that are not"):
        datasets.rows(tmp_path / "bad.jpg")


NOT_ON_DISK = {
    "photos?in_memory=no": "There is no `in_memory` 'no'; there are true, false",
    "texts?in_memory=false": "Texts are read into memory",
    "mnist_5k?in_memory=false": "rows that can stay on disk: an .npy file, .* Received: mnist_5k.",
    "photos?in_memory=false&fits=pad": "There is no option 'fits'",
}


@pytest.mark.parametrize("source", NOT_ON_DISK)
def test_what_cannot_stay_on_disk(source, photos, tmp_path, monkeypatch):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("Some words.")
    (tmp_path / "photos").symlink_to(photos)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=NOT_ON_DISK[source]):
        datasets.load(source)
    with pytest.raises(UsageError, match=r"disk: .* Received: list\."):
        datasets.load(sorted(photos.iterdir()), image_size=8, in_memory=False)


def test_photos_whose_pixels_have_no_place(photos, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(UsageError, match="file/cache cannot be written: Not a directory"):
        datasets.rows(photos, image_size=8, in_memory=False)
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    resource = pytest.importorskip("resource", reason="only Unix limits the size of a file")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
        with pytest.raises(UsageError, match="cache must have room for the decoded rows: File too"):
            datasets.rows(photos, image_size=8, color="rgb", in_memory=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list((tmp_path / "cache").iterdir())
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    for path in (SKLEARN / "china.jpg", SKIMAGE / "camera.png"):
        shutil.copy(path, mixed)
    with pytest.raises(UsageError, match="Images must have one size"):
        datasets.rows(mixed, in_memory=False)


def test_the_crops_of_photos_come_from_different_photos():
    data = datasets.load("photo_crops")
    assert repr(data) == (
        "<zoo.datasets.Dataset photo_crops: 3600 training and 600 test images of (64, 64, 3)>"
    )
    assert not set(photo_crops.TRAIN) & set(photo_crops.TEST)
    assert all("CC0" in terms or "public domain" in terms
               for terms in (photo_crops.TRAIN | photo_crops.TEST).values())  # fmt: skip
    assert "; coffee.png: CC0, R. Michetti; " in data.licence
    np.testing.assert_array_equal(data.test.images[:300] * 255,
                                  photo_crops.crops_of(["chelsea.png"], 300, seed=1))  # fmt: skip
    assert len(np.unique(data.train.images[::40], axis=0)) == 90
