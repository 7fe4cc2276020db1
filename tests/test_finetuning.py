"""Classifiers: an encoder and a softmax layer, from many labels or few, exported like the rest."""

import dataclasses
import subprocess
import sys

import keras
import numpy as np
import onnxruntime
import pytest

import zoo
from zoo.errors import UsageError
from zoo.training import finetune


@pytest.fixture(scope="module")
def digits64():
    return zoo.datasets.load("digits")


@pytest.fixture(scope="module")
def run(digits64, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "stacked"
    return zoo.train(
        "stacked_ae",
        digits64,
        epochs=3,
        pretrain="none",
        folder=folder,
        widths=(40,),
        latent_dim=20,
    )


@pytest.fixture(scope="module")
def tuned(run, tmp_path_factory):
    return zoo.finetune(run, "digits", epochs=60, folder=tmp_path_factory.mktemp("runs") / "tuned")


def test_a_frozen_encoder_stays_as_it_was(run, tuned, tmp_path):
    frozen = zoo.finetune(run, "digits", epochs=1, freeze=True, folder=tmp_path / "tuned")
    for name in ("encoder_1", "encoder_2"):
        was, still, moved = (each.model.get_layer(name).kernel for each in (run, frozen, tuned))
        np.testing.assert_array_equal(was, still)
        assert not np.array_equal(was, moved)


def test_the_labels_are_learnt_and_the_encoders_run_is_left_alone(run, tuned, digits64):
    assert tuned.metrics["test_error"] < 0.1
    assert tuned.metrics["test_rows"] == len(digits64.test)
    assert tuned.metrics["labelled_rows"] == len(digits64.train)
    assert set(tuned.history) == {"loss", "accuracy"}
    wrong = tuned.model.classify(digits64.test.inputs).argmax(axis=1) != digits64.test.labels
    assert tuned.metrics["test_error"] == wrong.mean()
    again = zoo.Run.open(run.folder)
    np.testing.assert_array_equal(
        again.model.encode(digits64.test.inputs), run.model.encode(digits64.test.inputs)
    )
    opened = zoo.Run.open(tuned.folder)
    np.testing.assert_array_equal(
        opened.model.classify(digits64.test.inputs), tuned.model.classify(digits64.test.inputs)
    )


@pytest.mark.parametrize("freeze", [False, True])
def test_a_classifier_is_a_keras_model_with_a_copy_of_the_encoder(digits64, freeze, tmp_path):
    model = zoo.build("rbm", input_shape=digits64.input_shape, latent_dim=30)
    codes = model.encode(digits64.test.inputs)
    classifier = zoo.classifier(model.encoder, 10, freeze=freeze)
    history = classifier.fit(digits64.train.inputs, digits64.train.labels, epochs=3, verbose=0)
    losses = history.history["loss"]
    assert losses[-1] < losses[0]
    np.testing.assert_array_equal(codes, model.encode(digits64.test.inputs))
    probabilities = classifier.classify(digits64.test.inputs)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert classifier.classify(digits64.test.inputs[:0]).shape == (0, 10)
    path = tmp_path / "classifier.keras"
    classifier.save(path)
    loaded = keras.models.load_model(path)
    np.testing.assert_array_equal(loaded.predict(digits64.test.inputs, verbose=0),
                                  classifier.predict(digits64.test.inputs, verbose=0))  # fmt: skip
    code = f"import zoo; print(zoo.load_model({str(path)!r}).classes)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "10"


def test_a_classifier_is_fed_as_an_auto_encoder_is(digits64):
    model = zoo.build("pca", input_shape=digits64.input_shape, latent_dim=8).adapt(digits64)
    classifier = zoo.classifier(model, 10)
    told = classifier.fit(digits64, epochs=1, validation_data=digits64.test, verbose=0).history
    assert set(told) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    x, y = digits64.train.inputs, digits64.train.labels
    told = classifier.fit(x, y, epochs=1, validation_split=0.2, verbose=0).history
    assert "val_loss" in told
    assert classifier.predict(x[:0]).shape == (0, 10)
    _, accuracy = classifier.evaluate(digits64.test, verbose=0)
    probabilities = classifier.classify(digits64.test.inputs)
    assert accuracy == pytest.approx((probabilities.argmax(axis=1) == digits64.test.labels).mean())


def test_classes_are_counted_however_large_labels_are(run, digits64, tmp_path):
    def renamed(split):
        return dataclasses.replace(split, labels=split.labels * 10**12 - 7)

    tuned = zoo.finetune(run, digits64.map(renamed), epochs=1, folder=tmp_path / "tuned")
    assert tuned.model.classes == 10
    assert tuned.config["class_names"] == [str(label * 10**12 - 7) for label in range(10)]
    plain = zoo.finetune(run, digits64, epochs=1, folder=tmp_path / "plain")
    assert plain.config["class_names"] == list("0123456789")
    assert plain.metrics == tuned.metrics


def test_texts_are_finetuned_as_they_are_trained(tmp_path):
    texts = [f"{word} matters here" for word in ("sea", "sky") for _ in range(500)]
    data = zoo.datasets.load((texts, np.repeat([0, 1], 500)))
    run = zoo.train("document_ae", data, folder=tmp_path / "run", input_shape=(6,), widths=(8,),
                    latent_dim=3, epochs=1)  # fmt: skip
    tuned = zoo.finetune(run, data, epochs=40, folder=tmp_path / "tuned")
    assert tuned.metrics["test_error"] == 0
    assert tuned.model.classify(["the sea", "the sky"]).argmax(axis=1).tolist() == [0, 1]


@pytest.mark.parametrize("variant", zoo.names())
def test_every_variants_encoder_starts_a_classifier(variant):
    model = zoo.build(variant, **zoo.entry(variant).tiny)
    classifier = zoo.classifier(model, 3)
    x = np.zeros((2, *model.input_shape[1:]), "float32")
    assert classifier(x).shape == (2, 3)


def test_the_loss_is_of_the_labels_alone(digits64):
    """An encoder's own terms, here a machine's free energies, are not in it."""
    model = zoo.build("rbm", input_shape=digits64.input_shape, latent_dim=30)
    classifier = zoo.classifier(model, 10)
    x, y = digits64.test.inputs, digits64.test.labels
    shown = classifier.fit(x, y, epochs=1, verbose=0).history
    assert set(shown) == {"loss", "accuracy"}
    measured = finetune.evaluate(classifier, digits64.test)
    assert classifier.evaluate(x, y, verbose=0)[0] == pytest.approx(
        measured["crossentropy"], rel=1e-4
    )


def test_labelled_rows_are_balanced_and_drawn_by_seed(digits64):
    few = finetune.balanced(digits64.train, 34, seed=1)
    assert sorted(np.bincount(few.labels)) == [3] * 6 + [4] * 4
    same, other = (finetune.balanced(digits64.train, 34, seed=seed) for seed in (1, 2))
    np.testing.assert_array_equal(few.inputs, same.inputs)
    assert not np.array_equal(few.inputs, other.inputs)


def test_exported_it_classifies_without_the_zoo(tuned, digits64, tmp_path):
    folder = tmp_path / "exported"
    bundle = zoo.export(tuned, folder)
    x = digits64.test.inputs
    wanted = tuned.model.classify(x)
    np.testing.assert_allclose(bundle.classify(x), wanted, atol=1e-5)
    assert bundle.classify(x[:0]).shape == (0, 10)
    assert {path.name for path in folder.glob("*.onnx")} == {"classifier.onnx"}
    session = onnxruntime.InferenceSession(folder / "classifier.onnx")
    np.testing.assert_allclose(session.run(["probabilities"], {"image": x})[0], wanted, atol=1e-5)
    report = zoo.verify(folder)
    assert report["rows"] == 7
    assert {"tensorflow", "onnxruntime", "weights"} <= set(report)
    assert bundle.manifest["classes"] == 10
    card = (folder / "card.md").read_text()
    assert f"{tuned.metrics['test_error']:.4g}" in card
    with pytest.raises(UsageError, match=r"This model cannot encode.*Its endpoints: classify"):
        bundle.encode(x)
    with pytest.raises(UsageError, match="cannot decode"):
        bundle.decode(np.zeros((1, 20), np.float32))
    code = (
        "import sys, numpy as np, tensorflow as tf\n"
        f"served = tf.saved_model.load({str(folder / 'saved_model')!r}).signatures\n"
        "assert set(served) == {'classify', 'serving_default'}, set(served)\n"
        "out = served['classify'](image=tf.zeros((3, 8, 8, 1)))['probabilities']\n"
        "assert out.shape == (3, 10) and 'zoo' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, capture_output=True)


def test_finetune_on_the_command_line(run, tmp_path):
    command = [sys.executable, "-m", "zoo", "finetune", str(run.folder), "--labels", "50",
               "--epochs", "2", "--freeze", "--folder", str(tmp_path / "few"),
               "--json"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert '"labelled_rows": 50' in done.stdout
    few = zoo.Run.open(tmp_path / "few")
    was, still = (each.model.get_layer("encoder_1").kernel for each in (run, few))
    np.testing.assert_array_equal(was, still)  # frozen
    again = subprocess.run(command, capture_output=True, text=True)
    assert again.returncode == 2
    assert "--resume" in again.stderr


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda run: zoo.classifier(keras.Sequential(), 10), "must be an AutoEncoder, or"),
        (lambda run: zoo.classifier(run.model, 1), "at least 2"),
        (lambda run: zoo.classifier(run.model, 2.5), "`classes` must be a positive integer"),
        (
            lambda run: zoo.classifier(run.model, 3).fit(
                np.zeros((4, 8, 8, 1), np.float32), np.array([0, 1, 2, 3])
            ),
            r"within \[0, 2\] for 3 classes. Received: labels from 0 to 3",
        ),
        (
            lambda run: zoo.classifier(run.model, 3).fit(
                np.zeros((4, 8, 8, 1), np.float32), np.array([0, 1])
            ),
            "must have the same number of rows. Received: 4, 2",
        ),
        (
            lambda run: zoo.classifier(run.model, 3).fit(
                np.zeros((4, 8, 8, 1), np.float32), np.eye(4)
            ),
            r"labels must be integers, one for each row. Received: float64 of shape \(4, 4\)",
        ),
        (lambda run: zoo.classifier(run.model, 3).predict(np.ones((4, 8, 8, 1), int)), "int64"),
        (lambda run: zoo.classifier(run.model, 3).fit(np.zeros((0, 8, 8, 1))), "labels must be"),
        (
            lambda run: zoo.classifier(run.model, 3).evaluate(
                np.full((4, 8, 8, 1), np.nan), np.arange(4) % 3
            ),
            "must be finite",
        ),
        (
            lambda run: zoo.classifier(run.model, 3).fit(
                np.zeros((4, 8, 8, 1), np.float32),
                np.arange(4) % 3,
                validation_data=(np.zeros((4, 8, 8, 1), np.float32), np.arange(4)),
            ),
            "validation targets must lie within",
        ),
        (lambda run: zoo.finetune(run, "digits", seed=-1), "`seed` must be an integer"),
        (
            lambda run: zoo.finetune(
                run, (np.zeros((15_000, 8, 8, 1), np.float32), np.arange(15_000))
            ),
            "There must be at most 10000 classes. Received: 15000 different labels",
        ),
        (lambda run: zoo.finetune(run, "digits", labels=10**6), "class 0 has .* rows"),
        (lambda run: zoo.finetune(run, "digits", labels=0), "`labels` must be a positive"),
        (lambda run: zoo.finetune(run, np.zeros((9, 8, 8, 1), np.float32)), "has no labels"),
        (lambda run: zoo.finetune(run, "mnist_5k"), "must have the shape"),
        (lambda run: zoo.finetune("nowhere"), "There is no folder nowhere"),
    ],
)
def test_bad_input(run, call, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=said):
        call(run)


def test_a_classifier_is_not_finetuned_again(tuned):
    with pytest.raises(UsageError, match="is a classifier already"):
        zoo.finetune(tuned)
