"""Codes that are written to files, batch by batch."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import zoo
from zoo.errors import UsageError


@pytest.fixture(scope="module")
def bundle(tmp_path_factory, digits):
    model = zoo.build("pca", latent_dim=3).adapt(digits.train)
    return zoo.export(model, tmp_path_factory.mktemp("codes") / "bundle")


@pytest.fixture(scope="module")
def images(tmp_path_factory, digits):
    """A folder of 70 images."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("images")
    for number, image in enumerate(digits.test.images[:70, ..., 0]):
        Image.fromarray(np.round(255 * image).astype("uint8")).save(folder / f"{number}.png")
    return folder


def test_codes_are_those_of_encode(bundle, digits, tmp_path):
    np.save(tmp_path / "rows.npy", digits.test.images[:70])
    expected = bundle.encode(digits.test.images[:70])
    sources = {
        "path": str(tmp_path / "rows.npy"),
        "array": digits.test.images[:70],
        "disk": zoo.datasets.rows(tmp_path / "rows.npy", in_memory=False),
    }
    for name, data in sources.items():
        path = zoo.encode(bundle.folder, data, tmp_path / f"{name}.npy", batch_size=32)
        codes = np.load(path)
        assert (codes.dtype, codes.shape) == (np.float32, (70, 3))
        np.testing.assert_allclose(codes, expected, atol=1e-5)
    assert not list(tmp_path.glob("*.part*"))


def test_rows_keep_their_names(bundle, images, tmp_path):
    rows = zoo.datasets.rows(images)
    path = zoo.encode(bundle, images, tmp_path / "codes.npy")
    assert json.loads((tmp_path / "codes.npy.names.json").read_text()) == list(rows.names)
    table = pd.read_parquet(zoo.encode(bundle, images, tmp_path / "codes.parquet", batch_size=32))
    assert list(table.columns) == ["name", "code_0", "code_1", "code_2"]
    assert table["name"].tolist() == list(rows.names)
    np.testing.assert_array_equal(table.iloc[:, 1:], np.load(path))
    unnamed = zoo.encode(bundle, rows.inputs, tmp_path / "unnamed.parquet")
    assert pd.read_parquet(unnamed)["name"].tolist() == list(range(70))


class Stopping:
    """A model that stops after some batches, and counts them."""

    def __init__(self, model, batches):
        self.model, self.left, self.encoded = model, batches, 0

    def __getattr__(self, name):
        return getattr(self.model, name)

    def encode(self, x):
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        self.encoded += len(x)
        return self.model.encode(x)


def test_it_continues_where_it_was_stopped(bundle, digits, tmp_path):
    x, to = digits.test.images[:70], tmp_path / "codes.npy"
    with pytest.raises(KeyboardInterrupt):
        zoo.encode(Stopping(bundle, 2), x, to, batch_size=16)
    part = tmp_path / "codes.npy.part" / "codes.npy"
    with open(part, "ab") as file:
        file.write(b"half")  # of a row
    rest = Stopping(bundle, -1)
    zoo.encode(rest, x, to, batch_size=16)
    assert rest.encoded == 70 - 32
    np.testing.assert_array_equal(np.load(to), bundle.encode(x))
    to.unlink()
    with pytest.raises(KeyboardInterrupt):
        zoo.encode(Stopping(bundle, 2), x, to, batch_size=16)
    others = Stopping(bundle, -1)
    zoo.encode(others, digits.test.images[70:140], to, batch_size=16)
    assert others.encoded == 70  # of other rows nothing is kept


@pytest.mark.parametrize(
    ("to", "data", "message"),
    [
        ("codes.csv", None, r"must end in \.npy or \.parquet"),
        ("there.npy", None, "exists already"),
        ("codes.npy", np.zeros((0, 28, 28, 1), "float32"), "at least one row"),
        ("codes.npy", np.zeros((3, 5)), r"must have the shape \(rows, 28, 28, 1\)"),
    ],
)
def test_bad_calls_are_refused(to, data, message, bundle, digits, tmp_path):
    (tmp_path / "there.npy").write_bytes(b"mine")
    data = digits.test.images[:4] if data is None else data
    with pytest.raises(UsageError, match=message):
        zoo.encode(bundle, data, tmp_path / to)
    assert (tmp_path / "there.npy").read_bytes() == b"mine"


def test_the_command_writes_codes(bundle, images, tmp_path):
    command = [sys.executable, "-m", "zoo", "encode", str(bundle.folder), str(images), "--to",
               "codes.parquet", "--json"]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"written": "codes.parquet"}
    assert len(pd.read_parquet(tmp_path / "codes.parquet")) == 70
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert "which exists already" in done.stderr
