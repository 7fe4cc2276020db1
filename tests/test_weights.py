"""The trained weights that ship: built, checked, trained again, and listed."""

import dataclasses
import json
import re
import shutil
import subprocess
import sys
import time
import tomllib
import zlib

import keras
import numpy as np
import pytest
import sklearn
import weights_agree
from safetensors.numpy import load_file, save_file
from typer.testing import CliRunner

import zoo
from zoo import cli
from zoo.errors import CheckFailedError, UsageError
from zoo.experiments import recipe_text, weights, weights_card, weights_training, weights_versions
from zoo.experiments.benchmarks import machine
from zoo.exporting import model_card
from zoo.exporting.onnx_only import write_onnx_only
from zoo.registry import table
from zoo.serving import sources
from zoo.storage.manifest import Manifest
from zoo.weights import sets

LARGEST = 55_000_000  # bytes that weights and bundles take in the wheel
# Whose licences allow weights to be released.
DATA = {"mnist", "fashion_mnist", "docstrings", "photo_crops"}
BUILD_SECONDS = 1  # of the processor, to build a model with weights after TensorFlow is imported
LONGEST = 20 * 60  # seconds to train and measure a set on two cores
LARGEST_PICTURE = 120 << 10  # bytes of the picture of a card
SETS = sets.every()
BUNDLED = [found for found in SETS if "bundle" in found.declaration]
KEYS = [found.key for found in SETS]
OF_VARIANTS = [found for found in SETS if found.variant not in (sets.CLASSIFIER, sets.DETECTOR)]


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the folder of weights, which a test may damage."""
    folder = tmp_path / "weights"
    shutil.copytree(sets.FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    monkeypatch.setattr(sets, "FOLDER", folder)
    return folder


def in_the_wheel(paths):
    """The bytes of some files as a wheel compresses them."""
    return sum(len(zlib.compress(path.read_bytes())) for path in paths)


def test_all_files_are_small_enough_for_the_wheel(show):
    files = {found.key: sets.FOLDER.glob(f"{found.key}.*") for found in SETS}
    files |= {f"bundle {name}": (sources.BUNDLES / name).iterdir() for name in sources.shipped()}
    sizes = {name: in_the_wheel(paths) for name, paths in files.items()}
    lines = [f"  {name:40} {size:>12,}" for name, size in sizes.items()]
    lines.append(f"  {'all':40} {sum(sizes.values()):>12,}")
    show("\n".join(["bytes of the weights in the wheel:", *lines]))
    assert sum(sizes.values()) < LARGEST


@pytest.mark.parametrize("found", OF_VARIANTS, ids=lambda found: found.key)
def test_a_model_with_weights_has_the_metrics_of_its_card(found):
    """On the embedded digits, whose rows are a part of MNIST's training images."""
    started = time.process_time()
    model = zoo.build(found.variant, weights=found.name)
    assert time.process_time() - started < BUILD_SECONDS
    assert model.arguments == zoo.entry(found.variant).arguments(found.facts["arguments"])
    assert model.record["data"]["name"] == found.facts["data"]["name"]
    assert model.record["metrics"] == found.facts["metrics"]
    if found.facts["data"]["name"] == "mnist":
        x = zoo.datasets.load("mnist_5k").test.inputs
        sse = zoo.evaluation.metrics.sse(x, model.reconstruct(x))
        assert sse < 1.15 * found.facts["metrics"]["sse"]


@pytest.mark.parametrize("found", SETS, ids=lambda found: found.key)
def test_the_code_of_a_card_runs(found, monkeypatch):
    """On the embedded digits in place of all of MNIST, and on the texts themselves."""
    load = zoo.datasets.load
    digits = ("mnist", "fashion_mnist")
    monkeypatch.setattr("zoo.datasets.load", lambda x: load("mnist_5k" if x in digits else x))
    (text,) = re.findall(r"```python\n(.*?)```", found.path(".md").read_text(), re.DOTALL)
    names = {}
    exec(text, names)
    assert len(names[text.splitlines()[-1].partition(" = ")[0]]) == len(names["x"]) == 5


def test_arguments_may_be_repeated_and_pca_is_kept_in_fit():
    model = zoo.build("pca", weights="mnist", latent_dim=30, input_shape=(28, 28, 1))
    before = np.array(model.get_layer("pca").mean)
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse")
    model.fit(zoo.datasets.load("mnist_5k").train.inputs[:256], verbose=0)
    np.testing.assert_array_equal(before, model.get_layer("pca").mean)
    assert before.any()


BAD = {
    "unknown variant": (
        lambda: zoo.build("pcaa", weights="mnist"), r"no variant 'pcaa'; did you mean pca",
    ),
    "unknown name": (
        lambda: zoo.build("pca", weights="mnisst"), r"for pca named 'mnisst'; did you mean mnist",
    ),
    "no weights": (
        lambda: zoo.build("logistic_pca", weights="mnist"),
        r"No weights ship for logistic_pca; there are weights for .*pca.*weights='mnist'",
    ),
    "another argument": (
        lambda: zoo.build("pca", weights="mnist", latent_dim=2),
        r"with latent_dim=30; there are mnist \(latent_dim=30\), mnist_2d \(latent_dim=2\)\. "
        r"Received: latent_dim=2",
    ),
    "unknown argument": (
        lambda: zoo.build("pca", weights="mnist", latent_dims=30), "latent_dims",
    ),
    "no encoder": (lambda: zoo.classifier(), "`encoder` and `classes` are required"),
    "classifier with both": (
        lambda: zoo.classifier(zoo.build("pca"), weights="mnist"), "leave them out",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_call_is_told(name):
    call, told = BAD[name]
    with pytest.raises(UsageError, match=told):
        call()


def flip(path):
    data = bytearray(path.read_bytes())
    data[-9] ^= 1
    path.write_bytes(data)


def another_version(path):
    save_file(load_file(path), path, metadata={"version": "0.1.0"})


HARMS = {
    "weights of another version": (
        ".safetensors", another_version, "not the file that was released",
    ),
    "a flipped bit in the weights": (".safetensors", flip, "not the file that was released"),
    "a flipped bit in the facts": (".json", flip, "not the file that was released"),
    "no facts": (".json", lambda path: path.unlink(), "is missing"),
    "weights of another set": (
        ".safetensors",
        lambda path: shutil.copy(path.with_stem("mnist_2d"), path),
        "not the file that was released",
    ),
    "no table": (
        ".json", lambda path: (path.parents[1] / sets.SUMS).unlink(), "not the file that was",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMS)
def test_a_damaged_file_is_told(name, copied):
    suffix, harm, told = HARMS[name]
    harm(copied / "pca" / f"mnist{suffix}")
    with pytest.raises(CheckFailedError, match=told):
        zoo.build("pca", weights="mnist")


def test_a_changed_declaration_is_told_and_the_trainer_reads_it(copied):
    path = copied / "pca" / "mnist.toml"
    path.write_text(path.read_text().replace("30 components", "31 components"))
    with pytest.raises(CheckFailedError, match=r"mnist\.toml is missing, or not the file that"):
        print(sets.find("pca", "mnist").declaration)
    listed = CliRunner().invoke(cli.app, ["list", "pca", "--weights"])
    assert (listed.exit_code, "mnist.toml is missing, or not" in listed.output) == (1, True)
    assert "31 components" in weights_training.declared("pca/mnist").declaration["about"]


def test_an_argument_that_older_facts_lack_has_its_default(copied):
    found = sets.find("pca", "mnist")
    facts = found.facts
    del facts["arguments"]["standardise"]
    found.path(".json").write_text(json.dumps(facts))
    weights.write_sums()
    assert zoo.build("pca", weights="mnist", standardise=False).arguments["standardise"] is False
    with pytest.raises(UsageError, match=r"there are mnist \(standardise=False\), mnist_2d"):
        zoo.build("pca", weights="mnist", standardise=True)


def test_texts_that_a_loaded_model_is_fitted_to_leave_its_vocabulary():
    model = zoo.build("document_ae", weights="docstrings")
    words, word_weights = model.vocabulary.words, np.array(model.vocabulary.weights)
    texts = ["two cats purr", "three dogs bark", "four cats bark loudly", "dogs purr"]
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss=model.loss)
    model.fit(texts, verbose=0)
    assert model.vocabulary.words == words
    np.testing.assert_array_equal(model.vocabulary.weights, word_weights)
    assert model.encode(texts).shape == (4, model.arguments["latent_dim"])


def test_weights_that_are_missing_are_no_weights(copied):
    (copied / "pca" / "mnist.safetensors").unlink()
    with pytest.raises(UsageError, match="named 'mnist'; did you mean mnist_2d"):
        zoo.build("pca", weights="mnist")


@pytest.mark.parametrize("found", SETS, ids=lambda found: found.key)
def test_a_set_is_declared_recorded_and_described(found):
    facts, declaration = found.facts, found.declaration
    assert declaration["data"] == facts["data"]["name"]
    assert found.path(".md").read_text(encoding="utf-8") == weights_card.text(found, facts)
    assert facts["bytes"] == found.path(".safetensors").stat().st_size
    assert set(facts["tolerances"]) == set(weights_training.own(facts["metrics"]))
    assert len(facts["worst_rows"]) == weights.WORST
    # The time of the processor, which what else runs on the machine does not lengthen.
    assert facts["processor_seconds"] <= LONGEST
    images = len(facts["arguments"]["input_shape"]) == 3
    for suffix in sets.SUFFIXES if images else {*sets.SUFFIXES} - {".png"}:
        found.checked(suffix)
    assert images == (f"]({found.name}.png)" in found.path(".md").read_text(encoding="utf-8"))
    assert not images or found.path(".png").stat().st_size < LARGEST_PICTURE


@pytest.mark.parametrize("found", SETS, ids=lambda found: found.key)
def test_a_card_says_what_its_reader_must_know(found):
    facts, declaration = found.facts, found.declaration
    card = weights_card.text(found, facts)
    variant = zoo.entry(facts["variant"])
    parts = {
        "licence of the data": f"licence of the data: {facts['data']['licence']})",
        "licence of the weights": "under the Apache License 2.0 (Apache-2.0)",
        "first seed": f"those of seed {facts['seeds'][0]}",
        "other seeds": ", ".join(map(str, facts["seeds"][1:])),
        "hash of the recipe": facts["recipe_sha256"][:12],
        "latency": f"{facts['latency_ms']['1']:g} ms for 1 and {facts['latency_ms']['64']:g} ms",
        "size": f"{facts['bytes']:,} bytes",
        "weaknesses": f"\nKnown weaknesses: {declaration['weaknesses']}\n",
        "published": declaration.get("published", ""),
        "citation": f"\nPaper: {variant.paper}.\n",
    }
    recipes = [facts["recipe"], facts.get("fine_tuning", {"epochs": 0})]
    for recipe in (recipe for recipe in recipes if recipe["epochs"]):
        values = recipe | {
            "learning_rate": f"learning rate {recipe['learning_rate']:g}",
            "batch_size": f"batch size {recipe['batch_size']}",
            "epochs": f" {recipe['epochs']} epochs",
            "metrics": "`, `".join(recipe["metrics"]),
        }
        parts |= {key: str(value) for key, value in values.items() if value not in (None, "none")}
    if facts["recipe"]["pretrain"] != "none":
        parts["pre-training"] = f"one by one by `{facts['recipe']['pretrain']}`, "
    assert [name for name, text in parts.items() if text not in card] == []
    assert " 0 epochs" not in card
    assert facts["recipe_sha256"] == recipe_text.sha256(facts)
    of_bundle = weights_card.of_bundle(found, facts)
    elsewhere = {"licence of the data", "citation"}  # in the card of every export
    left = [name for name, text in parts.items() if text not in of_bundle]
    assert set(left) <= elsewhere


def test_data_from_installed_packages_are_told_with_their_versions():
    texts = np.array(["two cats purr", "three dogs bark"])
    split = zoo.datasets.Split(texts)
    data = zoo.datasets.Dataset("docstrings", split, split, "several")
    installed = weights.described(data)["versions"]
    assert installed["scikit-learn"] == sklearn.__version__
    assert set(installed) == {"keras", "matplotlib", "numpy", "scipy", "scikit-learn"}
    found = sets.find("document_ae", "docstrings")
    card = weights_card.text(found, found.facts)
    for package, version in found.facts["data"]["versions"].items():
        assert f" {package} {version}" in card
    assert "versions" not in weights.described(zoo.datasets.load("mnist_5k"))


def test_names_and_the_list_show_the_weights():
    assert set(zoo.names(weights="mnist")) == {
        found.variant for found in OF_VARIANTS if found.name == "mnist"
    }
    assert zoo.names("conv*", weights="nothing") == []
    output = subprocess.run(
        [sys.executable, "-m", "zoo", "list", "--weights", "--json"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    listed = json.loads(output)
    assert [f"{row['variant']}/{row['weights']}" for row in listed] == KEYS
    code = (
        "import sys, zoo; zoo.names(weights='*'); print({'tensorflow', 'numpy'} & {*sys.modules})"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert output.strip() == "set()"


@pytest.mark.parametrize("found", BUNDLED, ids=lambda found: found.key)
def test_a_bundle_gives_what_its_weights_give(found):
    model, bundle = zoo.weights.trained(found), zoo.load(found.declaration["bundle"])
    assert bundle.manifest["arguments"] == json.loads(json.dumps(model.arguments))
    assert bundle.manifest["metrics"] == found.facts["metrics"]
    x = np.random.default_rng(0).random((5, *model.input_shape[1:]), "float32")
    x = x if model.vocabulary is None else x / x.sum(axis=1, keepdims=True)
    for endpoint in {*model.signatures} - {"decode"}:
        expected, given = (getattr(each, endpoint)(x) for each in (model, bundle))
        np.testing.assert_allclose(expected, given, rtol=1e-5, atol=1e-5, err_msg=endpoint)


@pytest.mark.parametrize("found", BUNDLED, ids=lambda found: found.key)
def test_the_card_of_a_bundle_is_fresh(found):
    folder = sources.BUNDLES / found.declaration["bundle"]
    notes = weights_card.of_bundle(found, found.facts)
    written = (folder / "card.md").read_text(encoding="utf-8")
    assert written == model_card.text(Manifest.read(folder), notes), "python -m " + weights.__name__


def test_a_bundle_is_written_with_the_card_of_its_weights(tmp_path):
    found = sets.find("pca", "mnist")
    folder = weights.write_bundle(found, tmp_path)
    notes = weights_card.of_bundle(found, found.facts)
    card = (folder / "card.md").read_text(encoding="utf-8")
    assert card.endswith(notes)
    assert "13.87 squared error (Hinton" in notes
    write_onnx_only(folder, folder, overwrite=True, notes="Other notes.")
    changed = (folder / "card.md").read_text(encoding="utf-8")
    assert changed == card.replace(notes, "Other notes.\n")
    assert set(zoo.verify(folder)) == {"files", "rows", "onnxruntime"}


def test_the_detector_that_ships_finds_what_is_no_digit(tmp_path, monkeypatch, caplog):
    detector = zoo.anomaly.Detector.load("mnist")
    digits = zoo.datasets.load("mnist_5k").test.images  # a part of MNIST's training images
    facts = sets.find("detector", "mnist").facts
    assert detector.threshold == facts["detection"]["threshold"]
    assert detector.predict(digits).mean() < 3 * facts["detection"]["false_alarms"]
    assert detector.predict(1 - digits).all()
    assert detector.map(digits[:2]).shape == (2, 28, 28)
    sizes = [path.stat().st_size for path in detector.model.folder.iterdir()]
    assert sum(sizes) <= 2e6
    assert zoo.anomaly.Detector.load("mnist_detector").threshold == detector.threshold
    with pytest.raises(UsageError, match=r"no model of that name ships: .*mnist_detector"):
        zoo.anomaly.Detector.load("mnisst")
    with pytest.raises(UsageError, match="must have a score and a threshold"):
        zoo.anomaly.Detector.load("pca")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(detector.model.folder, "mnist")
    assert zoo.anomaly.Detector.load("mnist").model.folder.as_posix() == "mnist"
    assert caplog.messages == [
        "The folder mnist is opened; the model of that name that ships is not."
    ]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder of two sets that were trained in a test: an auto-encoder and a classifier."""
    folder = tmp_path_factory.mktemp("weights")
    declarations = {
        "linear_ae/small": 'data = "mnist_5k"\n[arguments]\nlatent_dim = 2\n[recipe]\nepochs = 1\n',
        "detector/small": 'data = "mnist_5k"\nvariant = "linear_ae"\n'
        "[arguments]\nlatent_dim = 8\n[recipe]\nepochs = 1\n"
        '[detector]\nunseen = "mnist_5k"\nfalse_alarms = 0.05\n',
        "classifier/small": 'data = "mnist_5k"\nvariant = "stacked_ae"\n'
        "[arguments]\nwidths = [16]\nlatent_dim = 8\n"
        '[recipe]\nepochs = 0\npretrain = "denoising"\npretrain_epochs = 1\n',
    }
    for key, text in declarations.items():
        path = folder / f"{key}.toml"
        path.parent.mkdir()
        path.write_text(f'about = "Small."\nweaknesses = "Few rows."\n{text}')
    weights.ship("linear_ae/small", (0, 1, 2), folder)
    weights.ship("classifier/small", (0,), folder)
    weights.ship("detector/small", (0,), folder)
    return folder


def test_a_shipped_set_is_built_again_and_agrees(trained, monkeypatch):
    monkeypatch.setattr(sets, "FOLDER", trained)
    data = zoo.datasets.load("mnist_5k")
    found = sets.find("linear_ae", "small")
    facts = found.facts
    assert facts["seeds"] == [0, 1, 2]
    assert facts["arguments"]["latent_dim"] == 2
    assert facts["recipe"]["epochs"] == 1
    spread = facts["deviations"]["sse"]
    assert facts["tolerances"]["sse"] == pytest.approx(3 * spread)
    model = zoo.build("linear_ae", weights="small")
    measured = zoo.evaluation.metrics.sse(data.test.inputs, model.reconstruct(data.test.inputs))
    assert abs(measured - facts["metrics"]["sse"]) < 5 * spread
    worst = facts["worst_rows"][0]
    row = data.test.inputs[worst["row"] : worst["row"] + 1]
    error = np.square(row - model.reconstruct(row)).mean()
    assert error == pytest.approx(worst["error"], rel=0.02)
    net = zoo.classifier(weights="small")
    found = np.mean(net.classify(data.test.inputs).argmax(axis=1) != data.test.labels)
    facts = sets.find("classifier", "small").facts
    assert found == pytest.approx(facts["metrics"]["test_error"])
    assert facts["fine_tuning"]["schedule"] == "cosine"
    assert facts["recipe"]["pretrain_epochs"] == 1
    assert facts["machine"]["cores"] == machine.cores()
    assert f"{facts['wall_seconds'] / 60:.1f} minutes on" in (
        weights_card.text(sets.find("classifier", "small"), facts)
    )


def test_a_shipped_detector_is_built_again_and_agrees(trained, monkeypatch):
    monkeypatch.setattr(sets, "FOLDER", trained)
    found, data = sets.find("detector", "small"), zoo.datasets.load("mnist_5k")
    model, facts = zoo.weights.trained(found), found.facts
    assert model.record["metrics"] == facts["metrics"]
    measured = weights_training.measure(found, model, data)
    for name, value in weights_training.own(facts["metrics"]).items():
        assert measured[name] == pytest.approx(value, rel=0.02)
        assert f"pca_{name}" in measured
    assert measured["unseen_auroc"] == pytest.approx(0.5, abs=1e-3)  # the same rows
    assert measured["noise_auroc"] > 0.99
    scores = model.score(data.test.inputs)
    assert facts["worst_rows"][0]["row"] == scores.argmax()
    assert measured["false_alarms"] == np.mean(scores > facts["detection"]["threshold"])
    card = found.path(".md").read_text(encoding="utf-8")
    assert "at most a fraction of 0.05 of them scores higher" in card
    assert 'zoo.anomaly.Detector.load("small")' in card
    assert "Test rows with the largest score" in card


def test_tolerances_are_widened_by_a_training_elsewhere(trained, tmp_path, monkeypatch):
    folder = shutil.copytree(trained, tmp_path / "weights")
    found = sets.find("document_ae", "docstrings")
    documents = found.facts
    monkeypatch.setattr(sets, "FOLDER", folder)
    before = weights_training.declared("linear_ae/small", folder).facts
    facts = weights_versions.widen("linear_ae/small", seed=7, folder=folder)
    (elsewhere,) = facts["elsewhere"]
    assert elsewhere["versions"] == before["versions"]
    for name, value in elsewhere["metrics"].items():
        assert facts["tolerances"][name] >= before["tolerances"][name]
        distance = abs(value - facts["metrics"][name])
        assert facts["tolerances"][name] >= distance + 3 * facts["deviations"][name]
    assert weights_training.declared("linear_ae/small", folder).facts == facts
    again = weights_versions.widen("linear_ae/small", seed=7, folder=folder)
    assert (again["tolerances"], len(again["elsewhere"])) == (facts["tolerances"], 1)
    other = {"data": {"versions": {"numpy": "2.0.2"}}, "metrics": {"sse": 2.0}}
    card = weights_card.text(found, documents | {"elsewhere": [other]})
    assert "a training under numpy 2.0.2, whose `sse` was 2." in card


@pytest.fixture
def other_defaults(trained, monkeypatch):
    """The folder of `trained`, whose variant has other defaults than when it was trained."""
    monkeypatch.setattr(sets, "FOLDER", trained)
    entry = zoo.entry("linear_ae")
    recipe = dataclasses.replace(entry.recipe, learning_rate=1e-5, batch_size=500)
    changed = dataclasses.replace(entry, recipe=recipe, preset={"latent_weight": 0.5})
    monkeypatch.setitem(table._entries, "linear_ae", changed)
    return trained


def run_reproduce(key):
    return CliRunner().invoke(cli.app, ["reproduce", f"weights:{key}", "--json"])


def test_weights_are_trained_again_as_recorded_whatever_the_defaults(other_defaults):
    done = run_reproduce("linear_ae/small")
    assert done.exit_code == 0, done.output
    assert "minutes of processor time" in done.stderr
    facts, report = sets.find("linear_ae", "small").facts, json.loads(done.stdout)
    assert set(report) == set(facts["tolerances"])
    assert report["sse"]["shipped"] == facts["metrics"]["sse"]
    assert run_reproduce("detector/small").exit_code == 0
    found, data = weights_training.declared("linear_ae/small"), zoo.datasets.load("mnist_5k")
    model, today = weights_training.train(found, data, 0)  # by the defaults of today
    sse = zoo.evaluation.metrics.sse(data.test.inputs, model.reconstruct(data.test.inputs))
    assert abs(sse - facts["metrics"]["sse"]) > facts["tolerances"]["sse"]
    assert (today["recipe"]["batch_size"], facts["recipe"]["batch_size"]) == (500, 32)


def test_weights_trained_again_that_differ_are_told(trained, tmp_path, monkeypatch):
    shutil.copytree(trained, tmp_path / "weights")
    monkeypatch.setattr(sets, "FOLDER", tmp_path / "weights")
    found = sets.find("linear_ae", "small")
    metrics = found.facts["metrics"]
    better = found.facts | {"metrics": metrics | {"sse": 0.9 * metrics["sse"]}}
    found.path(".json").write_text(json.dumps(better))
    weights.write_sums()
    done = run_reproduce("linear_ae/small")
    assert done.exit_code == 1
    assert re.search(r"linear_ae/small trained again differs: sse .* \(shipped: ", done.stderr)
    done = run_reproduce("linear_ae/smal")
    assert done.exit_code == 2
    assert "no set of weights 'linear_ae/smal'; did you mean linear_ae/small" in done.stderr


def test_weights_that_float16_cannot_hold_stay_float32(trained):
    assert sets.find("linear_ae", "small", trained).facts["dtype"] == "float16"
    data = zoo.datasets.load("mnist_5k")
    found = weights_training.declared("pca/mnist_2d")
    model, _ = weights_training.train(found, data, seed=0)
    before = model.get_weights()
    sse = zoo.evaluation.metrics.sse(data.test.inputs, model.reconstruct(data.test.inputs))
    assert not weights.keeps_metrics(found, model, data, {"sse": 1.02 * sse})
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    kernel = model.get_layer("pca").mean
    kernel.assign(np.full(kernel.shape, 1e5))
    assert not weights.keeps_metrics(found, model, data, {})
    assert np.array(kernel)[0] == 1e5


@pytest.mark.parametrize(("shift", "kept"), [(0.005, True), (-0.005, True), (0.02, False)])
def test_one_metric_decides_whether_float16_is_kept(shift, kept):
    before = {"sse": 10.0, "knn_accuracy": 0.9, "dead_units": 0.0}
    assert weights.unchanged(before, before | {"knn_accuracy": 0.9 * (1 + shift)}) == kept


def test_installations_agree_on_the_same_sets_only():
    """`.ci/run` compares two versions of Keras by this."""
    values = np.zeros((100, 20))
    one_pixel = values + (np.arange(2000).reshape(100, 20) == 0)
    both = {"pca/mnist": values, "conv_ae/mnist_argmax": values}
    assert weights_agree.disagreements(both, both) == []
    assert weights_agree.disagreements(both, both | {"conv_ae/mnist_argmax": one_pixel}) == []
    assert weights_agree.disagreements(both, both | {"pca/mnist": one_pixel}) == ["pca/mnist"]
    assert weights_agree.disagreements(both, both | {"vae/mnist": values}) == ["vae/mnist"]
    assert weights_agree.disagreements(both | {"vae/mnist": values}, both) == ["vae/mnist"]


def test_a_declaration_without_weaknesses_is_told(tmp_path):
    (tmp_path / "pca").mkdir()
    (tmp_path / "pca" / "small.toml").write_text('about = "Small."\ndata = "mnist_5k"\n')
    with pytest.raises(UsageError, match=r"small.toml must have about, data, weaknesses"):
        weights_training.declared("pca/small", tmp_path)


def test_every_declaration_has_only_known_keys():
    for path in sets.FOLDER.glob("*/*.toml"):
        declaration = tomllib.loads(path.read_text(encoding="utf-8"))
        required = set(weights_training.REQUIRED)
        optional = {"arguments", "recipe", "variant", "published", "bundle"}
        optional |= {"detector"} if path.parent.name == sets.DETECTOR else set()
        assert required <= set(declaration) <= required | optional, path
        assert declaration["data"] in DATA, path
