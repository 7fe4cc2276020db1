"""Exports without a SavedModel, and the ones that ship with the package."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import zoo
from zoo.errors import CheckFailedError, UsageError
from zoo.exporting.onnx_only import write_onnx_only
from zoo.serving import sources
from zoo.storage.manifest import Manifest

MOST = 6  # bundles that ship
KINDS = ("conv_ae", "vq_vae", "argmax", "document_ae", "detector", "classifier")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of whole exports, and of the small form of each."""
    folder = tmp_path_factory.mktemp("bundles")
    models = {name: zoo.build(name, **zoo.entry(name).tiny) for name in KINDS[:2]}
    models["argmax"] = zoo.build("conv_ae", **zoo.entry("conv_ae").tiny | {"unpooling": "argmax"})
    texts = ["two cats purr", "three dogs bark", "four cats bark loudly"]
    models["document_ae"] = zoo.build("document_ae", **zoo.entry("document_ae").tiny).adapt(texts)
    x = np.random.default_rng(0).random((40, 16, 16, 1), "float32")
    models["detector"] = zoo.anomaly.Detector.fit(models["conv_ae"], x)
    models["classifier"] = zoo.classifier(models["conv_ae"], classes=3)
    for name, model in models.items():
        zoo.export(model, folder / name)
        write_onnx_only(folder / name, folder / f"{name}_small")
    return folder


@pytest.mark.parametrize("name", KINDS)
def test_the_small_form_gives_the_same_numbers(name, folder):
    whole, small = zoo.load(folder / name), zoo.load(folder / f"{name}_small")
    if name == "document_ae":
        x = ["cats bark", "dogs", ""]
    else:
        x = np.random.default_rng(1).random((4, *whole.input_shape[1:]), "float32")
    for endpoint in whole.signatures:
        if endpoint != "decode":
            np.testing.assert_array_equal(
                getattr(whole, endpoint)(x), getattr(small, endpoint)(x), endpoint
            )
    report = zoo.verify(folder / f"{name}_small")
    assert set(report) == {"files", "rows", "onnxruntime"}
    card = (folder / f"{name}_small" / "card.md").read_text()
    assert "SavedModel" not in card
    assert "onnxruntime" in card


@pytest.mark.parametrize("name", [*KINDS, *sources.shipped()])
def test_the_code_of_a_card_runs(name, folder, monkeypatch):
    exports = [folder / name, folder / f"{name}_small"]
    for path in exports if name in KINDS else [sources.BUNDLES / name]:
        monkeypatch.chdir(path)
        snippets = re.findall(r"```python\n(.*?)```", Path("card.md").read_text(), re.DOTALL)
        assert len(snippets) == 1 + Path("saved_model").is_dir()
        for text in snippets:
            names = {}
            exec(text, names)
            result = names[re.findall(r"^(\w+) = ", text, re.MULTILINE)[-1]]
            assert np.isfinite(result).all()
            assert len(result) == 1


def test_weights_that_float16_holds_take_half_the_space(tmp_path):
    model = zoo.build("linear_ae", latent_dim=20)
    model.set_weights([weight.astype(np.float16) for weight in model.get_weights()])
    whole = zoo.export(model, tmp_path / "whole")
    small = write_onnx_only(tmp_path / "whole", tmp_path / "small")
    sizes = [(bundle.folder / "encoder.onnx").stat().st_size for bundle in (whole, small)]
    assert sizes[1] < 0.55 * sizes[0]
    x = np.random.default_rng(0).random((3, 28, 28, 1), "float32")
    np.testing.assert_array_equal(whole.reconstruct(x), small.reconstruct(x))
    assert not (small.folder / "autoencoder.onnx").exists()  # each weight is there once


@pytest.mark.parametrize("listed", ["saved_model/saved_model.pb", "weights.safetensors"])
def test_a_file_of_the_whole_form_cannot_be_slipped_in(listed, folder, tmp_path):
    """Else a SavedModel beside them would not be checked."""
    shutil.copytree(folder / "conv_ae_small", tmp_path / "changed")
    path = tmp_path / "changed" / listed
    path.parent.mkdir(exist_ok=True)
    shutil.copy(folder / "conv_ae" / listed, path)
    Manifest(Manifest.read(folder / "conv_ae_small").content).write(tmp_path / "changed")
    for read in (zoo.load, zoo.verify):
        with pytest.raises(CheckFailedError, match="the SavedModel and the weights"):
            read(tmp_path / "changed")


def test_a_changed_file_of_the_small_form_is_found(folder, tmp_path):
    shutil.copytree(folder / "conv_ae_small", tmp_path / "changed")
    data = bytearray((tmp_path / "changed" / "encoder.onnx").read_bytes())
    data[100] ^= 1
    (tmp_path / "changed" / "encoder.onnx").write_bytes(data)
    with pytest.raises(CheckFailedError, match=r"encoder\.onnx"):
        zoo.verify(tmp_path / "changed")


@pytest.fixture
def shipping(folder, monkeypatch, tmp_path):
    """A package with one bundle, `digits`."""
    (tmp_path / "package").mkdir()
    shutil.copytree(folder / "conv_ae_small", tmp_path / "package" / "digits")
    monkeypatch.setattr(sources, "BUNDLES", tmp_path / "package")
    monkeypatch.chdir(tmp_path)


def test_few_models_ship_as_bundles():
    assert 0 < len(sources.shipped()) <= MOST


def test_a_name_is_opened_after_a_folder(shipping, folder, caplog):
    assert zoo.load("digits").folder == sources.BUNDLES / "digits"
    shutil.copytree(folder / "vq_vae_small", "digits")
    assert not caplog.messages
    assert zoo.load("digits").manifest["variant"] == "vq_vae"
    assert caplog.messages == [
        "The folder digits is opened; the model of that name that ships is not."
    ]


def test_an_address_is_opened_after_a_folder(shipping, folder):
    shutil.copytree(folder / "vq_vae_small", "hf:/someone/digits")
    assert zoo.load("hf://someone/digits").manifest["variant"] == "vq_vae"


def test_a_name_that_is_neither_is_told(shipping):
    with pytest.raises(UsageError, match=r"no folder digitz, and no model .* there are digits"):
        zoo.load("digitz")


@pytest.mark.parametrize("name", sources.shipped())
def test_a_bundle_that_ships_runs_without_tensorflow(name):
    code = (
        f"import sys, zoo, numpy; bundle = zoo.load({name!r}); "
        "x = numpy.zeros((2, *bundle.input_shape[1:]), 'float32'); "
        "print(bundle.encode(x).shape[0], 'tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "2 False\n", done.stderr
    assert set(zoo.verify(sources.BUNDLES / name)) == {"files", "rows", "onnxruntime"}
