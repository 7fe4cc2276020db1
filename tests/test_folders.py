"""Folders as users have them: layouts, class names, and files that cannot be used."""

import os
import re

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo import anomaly, datasets, search
from zoo.cli import completions
from zoo.datasets.readers import images
from zoo.errors import FolderWarning, UsageError
from zoo.search import sources


def write(folder, *names, size=(8, 8)):
    """Grey images, or texts, each with its number as its content."""
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".txt":
            path.write_text(f"text {number}")
        else:
            Image.fromarray(np.full(size, number, "uint8")).save(path)


def by_part(data):
    """For each part the names of its files, each with the name of its class."""
    found = {}
    for part in ("train", "test"):
        split = getattr(data, part)
        classes = [None] * len(split)
        if split.labels is not None:
            classes = [data.class_names[label] for label in split.labels]
        found[part] = dict(zip(split.names, classes, strict=True))
    return found


TEST = ["test/a/x", "test/b/x"]
TRAIN = ["train/a/x", "train/a/y", "train/b/x", "train/b/y"]
LAYOUTS = {
    "train and test": ([*TRAIN, *TEST], TEST),
    "validation rows are training rows": ([*TRAIN, *TEST, "val/a/x", "val/b/x"], TEST),
    "or test rows": ([*TRAIN, "valid/a/x", "valid/b/x"], ["valid/a/x", "valid/b/x"]),
    "other names": (["Training/a/x", "Training/b/x", "testing/a/x"], ["testing/a/x"]),
    "hidden ones": (
        [*TRAIN, *TEST, ".ipynb_checkpoints/x", "train/.cache/x", "train/a/.x", "__MACOSX/a/x"],
        TEST,
    ),
    "a deep one": ([*TRAIN, *TEST, "train/a/b/c/x"], TEST),
}


@pytest.mark.parametrize("suffix", [".png", ".txt"])
@pytest.mark.parametrize("case", LAYOUTS)
def test_the_parts_and_classes_of_a_folder(case, suffix, tmp_path):
    names, tested = ([f"{name}{suffix}" for name in each] for each in LAYOUTS[case])
    write(tmp_path, *names)
    seen = [name for name in names if not re.search(r"(^|/)(\.|__MACOSX)", name)]
    parts = by_part(datasets.load(tmp_path))
    assert set(parts["test"]) == set(tested)
    assert set(parts["train"]) == set(seen) - set(tested)
    for name, label in (parts["train"] | parts["test"]).items():
        assert label == name.split("/")[1]
    rows = datasets.rows(tmp_path)
    assert rows.names == tuple(sorted(seen, key=lambda name: name.split("/")))
    assert [rows.class_names[label] for label in rows.labels] == [
        name.split("/")[1] for name in rows.names
    ]


@pytest.mark.parametrize("suffix", [".png", ".txt"])
@pytest.mark.parametrize("place", ["data/{}", "a/b/{}", "within the classes"])
def test_parts_that_lie_deeper(place, suffix, tmp_path):
    moved = {f"{name}{suffix}": place.format(name) + suffix for name in [*TRAIN, *TEST]}
    if place == "within the classes":
        moved = {name: "{1}/{0}/{2}".format(*name.split("/")) for name in moved}
    write(tmp_path, *moved.values())
    parts = by_part(datasets.load(tmp_path))
    for part in ("train", "test"):
        expected = {moved[name]: name.split("/")[1] for name in moved if name.startswith(part)}
        assert parts[part] == expected


def test_a_folder_within_a_class_is_no_part(tmp_path):
    names = [f"{name}/{n}.png" for name in ("land/car", "land/train", "sea/ship") for n in range(4)]
    write(tmp_path, *names)
    parts = by_part(datasets.load(tmp_path))
    assert parts["train"] | parts["test"] == {name: name.split("/")[0] for name in names}


def test_a_single_part_is_divided_by_seed(tmp_path):
    write(tmp_path, *(f"train/{name}/{n}.png" for name in "ab" for n in range(5)))
    data = datasets.load(tmp_path)
    assert (len(data.train), len(data.test), data.class_names) == (8, 2, ("a", "b"))


def test_the_layout_of_imdb(tmp_path):
    rows = [f"{part}/{name}/{n}_7.txt" for part in ("train", "test") for name in ("neg", "pos")
            for n in range(3)]  # fmt: skip
    others = ["train/urls_pos.txt", "imdbEr.txt", *(f"train/unsup/{n}_0.txt" for n in range(30))]
    write(tmp_path, *rows, *others)
    with pytest.warns(
        FolderWarning, match="32 of 44 files .* imdbEr.txt is in none of the parts. .*more"
    ):
        data = datasets.load(tmp_path)
    assert (len(data.train), len(data.test), data.class_names) == (6, 6, ("neg", "pos"))
    assert set(data.test.names) == set(rows[6:])


def test_images_outside_of_the_classes_are_read_and_told(tmp_path):
    write(tmp_path, "cat/1.png", "cat/2.png", "dog/1.png", "dog/2.png", "cover.png")
    with pytest.warns(FolderWarning, match="No row .* 1 of 5 .* in no class's folder: cover.png"):
        data = datasets.load(tmp_path)
    assert data.train.labels is data.class_names is None
    assert len(data.train) + len(data.test) == 5
    write(tmp_path, "train/cat/1.png", "train/dog/1.png", "test/cat/1.png", "test/dog/1.png")
    with pytest.warns(FolderWarning, match="5 of 9 files .* cat/1.png is in none of the parts"):
        assert len(datasets.load(tmp_path).train) == 2


@pytest.fixture
def numbered(tmp_path):
    write(tmp_path, *(f"{name}/{n}.png" for name in (10, 9, 2, 1) for n in range(2)))
    return tmp_path


def test_classes_named_by_numbers_are_in_their_order(numbered):
    rows = datasets.rows(numbered)
    assert rows.class_names == ("1", "2", "9", "10")
    for name, label in ((1, 0), ("2", 1), (10, 3)):
        assert rows.label_of(name) == label
    for wrong, offered in (
        (3, "there are 1, 2, 9, 10."),
        ("01", "did you mean 1 or 10?"),
        ("one", "there"),
    ):
        with pytest.raises(
            UsageError, match=f"There is no class '{wrong}'; .*{re.escape(offered)}"
        ):
            rows.label_of(wrong)


def test_runs_are_completed_in_natural_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number in (10, 9, 2):
        write(tmp_path, f"runs/pca-seed0-{number}/x.png")
        (tmp_path / f"runs/pca-seed0-{number}/config.json").touch()
    assert completions.runs("runs/pca") == [f"runs/pca-seed0-{n}" for n in (2, 9, 10)]


@pytest.mark.parametrize("suffix", [".png", ".txt"])
def test_files_are_in_natural_order(suffix, tmp_path):
    names = [f"{name}{suffix}" for name in ("b2/a1", "b2/a02", "b2/a2", "b2/a10", "b10/a3", "B3/x")]
    write(tmp_path, *names)
    expected = ("B3/x", "b2/a1", "b2/a02", "b2/a2", "b2/a10", "b10/a3")
    assert datasets.rows(tmp_path).names == tuple(f"{name}{suffix}" for name in expected)


def test_a_class_is_found_by_its_name(tmp_path):
    write(tmp_path, *(f"{name}/{n}.png" for name in ("good", "scratch") for n in range(10)))
    scratched = anomaly.one_class(tmp_path, "scratch")
    assert scratched.name.endswith("class scratch")
    assert all(name.startswith("scratch/") for name in scratched.train.names)
    assert datasets.load(tmp_path).train.label_of(1) == 1
    with pytest.raises(UsageError, match="There is no class 'scrach'; did you mean scratch"):
        anomaly.one_class(tmp_path, "scrach")
    frame = pytest.importorskip("pandas").DataFrame({"x": range(4), "label": list("baba")})
    assert datasets.rows(frame).class_names == ("a", "b")
    assert datasets.rows(frame).label_of("b") == 1


def broken(path):
    path.write_bytes(b"no image")


def cut_off(path):
    write(path.parent, path.name)
    path.write_bytes(path.read_bytes()[:40])


BAD = {
    "no image": ("bad.png", broken, "Pillow cannot read .*bad.png as an image."),
    "cut off": ("bad.png", cut_off, "Pillow cannot read .*bad.png as an image."),
    "heic": ("bad.heic", broken, "cannot read .*bad.heic as an image without pillow-heif."),
    "avif": ("bad.avif", broken, "Pillow cannot read .*bad.avif as an image."),
    "a pipe": ("bad.png", os.mkfifo, "bad.png must be a file."),
    "a link to nowhere": (
        "bad.png", lambda path: path.symlink_to("nowhere.png"),
        "bad.png cannot be read: No such file or directory.",
    ),
    "a pipe among texts": ("bad.txt", os.mkfifo, "bad.txt must be a file."),
    "Latin-1": ("bad.txt", lambda path: path.write_bytes(b"caf\xe9"), "is not a text in UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_used_is_left_out_and_told(case, tmp_path):
    name, make, why = BAD[case]
    suffix = ".txt" if name.endswith(".txt") else ".png"
    write(tmp_path, *(f"{n}{suffix}" for n in range(4)))
    make(tmp_path / name)
    for load in (datasets.load, datasets.rows):
        with pytest.warns(FolderWarning, match=f"1 of 5 files of .* are left out: .*{why}"):
            data = load(tmp_path)
        assert len(data.train) + len(data.test) == 4 if load is datasets.load else len(data) == 4


def test_more_than_half_is_refused(tmp_path):
    write(tmp_path, "1.png", "2.png")
    for name in ("3.png", "4.heic", "5.avif"):
        broken(tmp_path / name)
    with pytest.raises(UsageError, match=r"At least half .* Received: 3 of 5 .*3.png as an image"):
        datasets.load(tmp_path)


def test_images_that_pillow_does_not_read_are_counted(tmp_path):
    names = [f"{number}.png" for number in range(6)]
    write(tmp_path, *names)
    (tmp_path / "drawing.svg").write_text("<svg/>")
    (tmp_path / "scan.DCM").write_bytes(bytes(200))
    (tmp_path / "README.md").write_text("No image.")
    said = r"2 of 8 files of .* are left out: .*drawing\.svg as an image: convert it .*scan\.DCM"
    for read in (datasets.load, datasets.rows):
        with pytest.warns(FolderWarning, match=said):
            read(tmp_path)
    for name in names:
        (tmp_path / name).unlink()
    with pytest.raises(UsageError, match=r"2 of 2 that are not.* cannot read"):
        datasets.load(tmp_path)
    with pytest.raises(UsageError, match=r"drawing\.svg as an image"):
        datasets.rows([str(tmp_path / "drawing.svg")])


def test_documents_that_are_no_plain_text_are_counted(tmp_path):
    names = [f"{number}.txt" for number in range(6)]
    write(tmp_path, *names)
    (tmp_path / "drawing.svg").write_text("<svg/>")
    (tmp_path / "paper.PDF").write_bytes(bytes(200))
    (tmp_path / "README.md").write_text("No text of the data.")
    said = r"2 of 8 files of .* are left out: .*drawing\.svg cannot be read as a text: .*paper\.PDF"
    with pytest.warns(FolderWarning, match=said):
        assert datasets.rows(tmp_path).names == tuple(names)
    model = zoo.build("document_ae", input_shape=(4,), widths=(3,), latent_dim=2).adapt(["text"])
    _, ids, skipped = sources.codes_of_texts(model, tmp_path)
    assert (len(ids), len(skipped)) == (6, 2)


def test_links_to_folders_are_followed_but_not_round(tmp_path):
    write(tmp_path / "far", "x.png", "y.png", "z.png")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cat").symlink_to(tmp_path / "far")
    (tmp_path / "far" / "again").symlink_to(tmp_path / "data")
    (tmp_path / "data" / "self").symlink_to("self")
    assert datasets.rows(tmp_path / "data").names == ("cat/x.png", "cat/y.png", "cat/z.png")


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_white(mode, tmp_path):
    pixels = np.zeros((2, 2, 4), "uint8")
    pixels[0, 0] = (40, 40, 40, 255)
    pixels[1] = (0, 0, 0, 128)
    image = Image.fromarray(pixels)
    if mode == "P":
        image = Image.fromarray(np.array([[1, 0], [0, 0]], "uint8"), "L").convert("P")
        image.putpalette([200, 0, 0, 40, 40, 40])
        image.info["transparency"] = 0
    else:
        image = image.convert(mode)
    image.save(tmp_path / "x.png")
    seen = images.read_image(tmp_path / "x.png")
    assert seen.shape[-1] == (1 if mode == "LA" else 3)
    below = 255 if mode == "P" else 127
    expected = np.array([[40, 255], [below, below]])[..., None] / 255
    np.testing.assert_allclose(seen, np.broadcast_to(expected, seen.shape), atol=1e-6)


def test_images_are_turned_as_the_camera_noted(tmp_path):
    pixels = np.arange(6, dtype="uint8").reshape(2, 3) * 40
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned right by 90 degrees
    Image.fromarray(pixels).save(tmp_path / "x.png", exif=exif)
    seen = np.round(images.read_image(tmp_path / "x.png")[..., 0] * 255)
    np.testing.assert_array_equal(seen, np.rot90(pixels, -1))


def test_a_list_of_files(tmp_path):
    write(tmp_path, "b.png", "a.png", "c.png", "x.txt", "y.txt")
    paths = [str(tmp_path / name) for name in ("b.png", "a.png", "c.png")]
    rows = datasets.rows(paths)
    assert (rows.kind, rows.names) == ("images", tuple(paths))
    assert np.round(rows.images[:, 0, 0, 0] * 255).tolist() == [0, 1, 2]
    labelled = datasets.rows(([tmp_path / "a.png", paths[0]], [1, 0]))
    assert (labelled.kind, labelled.labels.tolist()) == ("images", [1, 0])
    of_texts = datasets.rows([str(tmp_path / "y.txt"), str(tmp_path / "x.txt")])
    assert list(of_texts.inputs) == ["text 4", "text 3"]
    assert datasets.rows(["see a.png", "see b.png and c"]).kind == "documents"
    for wrong, told in [
        ([*paths, "nowhere.png"], "nowhere.png cannot be read: No such file or directory."),
        ([tmp_path / "a.png", tmp_path / "x.txt"], "must be of images, or of texts .* .png, .txt."),
    ]:
        with pytest.raises(UsageError, match=told):
            datasets.load(wrong)


def test_arrays_as_keras_has_them():
    x = np.random.default_rng(0).integers(0, 256, (12, 5, 5)).astype("uint8")
    y = (np.arange(12) % 3).astype("uint8")
    data = datasets.load(((x, y[:, None]), (x[:4], y[:4, None])))
    assert (data.train.images.shape, data.test.images.shape) == ((12, 5, 5, 1), (4, 5, 5, 1))
    np.testing.assert_allclose(data.train.images[..., 0], x / 255, atol=1e-6)
    np.testing.assert_array_equal(data.train.labels, y)
    for source in (x, (x, y), [*x]):
        np.testing.assert_allclose(datasets.rows(source).images[..., 0], x / 255, atol=1e-6)


class Codes:
    """A stand-in for the encoder: an image's mean."""

    input_shape = (None, 8, 8, 1)
    record = None

    def encode(self, x):
        return x.mean(axis=(1, 2))


def test_an_index_leaves_out_what_it_cannot_use(tmp_path):
    write(tmp_path, "a/1.png", "a/2.png", "b/1.png", ".hidden/1.png", "c.png")
    write(tmp_path, "odd.png", size=(9, 9))
    broken(tmp_path / "bad.png")
    codes, ids, skipped = search.codes_of_folder(Codes(), tmp_path)
    assert [os.path.relpath(path, tmp_path) for path in ids] == [
        "a/1.png", "a/2.png", "b/1.png", "c.png",
    ]  # fmt: skip
    assert len(codes) == 4
    assert re.search("cannot read .*bad.png", skipped[0])
    assert re.search(r"Received: \(9, 9, 1\) in .*odd.png", skipped[1])
    for name in ("c.png", "a/1.png", "a/2.png"):
        (tmp_path / name).unlink()
    with pytest.raises(UsageError, match="Received: 2 of 3 that are not"):
        search.codes_of_folder(Codes(), tmp_path)
