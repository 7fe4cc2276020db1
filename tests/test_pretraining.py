"""Greedy layer-wise pre-training: what each stage learns, where it goes, and that it resumes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
import safetensors.numpy

import zoo
from zoo.errors import DivergedError, UsageError
from zoo.training import checkpoints, pretrain

SMALL = {"widths": (60,), "latent_dim": 5}


@pytest.fixture(scope="module")
def few(digits):
    """600 real digits."""
    return digits.train.images[:600]


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C in the n-th epoch of all, in the middle."""

    def __init__(self, at):
        super().__init__()
        self.at, self.epochs = at, -1

    def on_epoch_begin(self, epoch, logs=None):
        self.epochs += 1

    def on_train_batch_end(self, batch, logs=None):
        if self.epochs == self.at:
            raise KeyboardInterrupt


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("method", pretrain.METHODS)
def test_layers_are_unrolled_into_encoder_and_decoder(few, method, tied):
    model = zoo.build("dbn", tied=tied, **SMALL)
    stages = zoo.pretrain(model, few, method, epochs=4)
    assert [stage["units"] for stage in stages] == [(784, 60), (60, 5)]
    assert [stage["stage"] for stage in stages] == [1, 2]
    told = "val_reconstruction_error" if method == "rbm" else "val_loss"
    for stage in stages:
        assert stage["method"] == method
        errors = stage["history"][told]
        assert errors[-1] < errors[0]
        assert ("free_energy_gap" in stage["history"]) == (method == "rbm")
    if tied:
        assert not any(layer.name.startswith("decoder") for layer in model.layers)
    else:
        for number in (1, 2):
            down, up = (model.get_layer(f"{end}_{number}") for end in ("encoder", "decoder"))
            np.testing.assert_array_equal(np.asarray(down.kernel).T, up.kernel)
            assert np.any(np.asarray(up.bias) != 0)


@pytest.mark.parametrize(
    ("method", "activation"),
    [*((each, "sigmoid") for each in pretrain.METHODS), ("rbm", "relu"), ("rbm", "silu")],
)
def test_every_method_helps_the_start(few, method, activation):
    model = zoo.build("deep_ae", activation=activation, **SMALL)
    at_random = model.evaluate(few, verbose=0)
    zoo.pretrain(model, few, method, epochs=8)
    assert model.evaluate(few, verbose=0) < 0.8 * at_random


def test_a_layer_is_learnt_on_what_the_one_below_makes_of_the_data(few):
    """The second stage, done by hand on pushed data, is the stage's."""
    model = zoo.build("dbn", **SMALL)
    zoo.pretrain(model, few, epochs=1, validation_split=0.0)
    below = keras.Model(model.inputs, model.get_layer("encoder_1_activation").output)
    learn, _ = zoo.datasets.load(few).hold_out(0.0, 0)
    pushed = below.predict(learn.inputs, verbose=0)

    keras.utils.set_random_seed(2)  # 1000 * seed + stage
    entry = zoo.entry("rbm")
    arguments = entry.arguments({"input_shape": (60,), "latent_dim": 5, "hidden": "linear"})
    machine = entry.build(**arguments)
    import dataclasses

    from zoo.training import resumable_fit

    recipe = dataclasses.replace(entry.recipe_for(arguments), epochs=1)
    resumable_fit.fit(machine, recipe, pushed, pushed[:0], 0)
    np.testing.assert_allclose(
        model.get_layer("encoder_2").kernel, machine.boltzmann.kernel, atol=1e-5
    )


def test_a_layer_that_could_copy_its_input_is_regularised(few):
    model = zoo.build("stacked_ae", widths=(800,), latent_dim=20)
    wide, narrow = zoo.pretrain(model, few, "autoencoder", epochs=1)
    assert "sparsity" in wide["history"]
    assert "sparsity" not in narrow["history"]


def test_of_features_the_first_machine_is_gaussian():
    wine = zoo.datasets.load("wine")
    model = zoo.build("dbn", input_shape=wine.input_shape, standardise=True, **SMALL)
    first, second = zoo.pretrain(model, wine, epochs=1)
    assert "pseudo_likelihood" not in first["history"]
    assert "pseudo_likelihood" in second["history"]
    assert model.standardisation.adapted


def weights(model):
    return [np.asarray(each) for each in model.weights]


@pytest.mark.parametrize(
    ("method", "at"),
    [("rbm", 0), ("rbm", 1), ("rbm", 2), ("autoencoder", 1), ("denoising", 2), ("contractive", 3)],
)
def test_interrupted_and_resumed_it_ends_with_the_same_weights(few, tmp_path, method, at):
    def pretrained(**more):
        keras.utils.set_random_seed(0)
        model = zoo.build("dbn", **SMALL)
        stages = zoo.pretrain(model, few, method, epochs=2, seed=3, **more)
        return model, stages

    whole, stages = pretrained()
    with pytest.raises(KeyboardInterrupt):
        pretrained(folder=tmp_path / "there", callbacks=[Interrupt(at)])
    resumed, again = pretrained(folder=tmp_path / "there")
    for one, other in zip(weights(whole), weights(resumed), strict=True):
        np.testing.assert_array_equal(one, other)
    assert again == stages
    with pytest.raises(UsageError, match=r"pretrain\.epochs=2\. Received: pretrain\.epochs=3"):
        zoo.pretrain(
            zoo.build("dbn", **SMALL), few, method, epochs=3, seed=3, folder=tmp_path / "there"
        )


class Memory(keras.callbacks.Callback):
    """The process's memory at each step, in bytes, as Linux counts it."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self.seen.append(pages * os.sysconf("SC_PAGE_SIZE"))


@pytest.mark.parametrize("method", ["rbm", "autoencoder"])
def test_what_a_layer_makes_of_all_rows_is_not_kept(method):
    rows, width = 30_000, 4_000
    x = np.random.default_rng(0).random((rows, 4), dtype=np.float32)
    model = zoo.build("dbn", input_shape=(4,), widths=(width, 2), latent_dim=2)
    memory = Memory()
    zoo.pretrain(model, x, method, epochs=1, callbacks=[memory])
    all_rows = rows * width * 4
    assert max(memory.seen) - memory.seen[0] < 0.8 * all_rows


TRAIN = (
    "train", "deep_ae", "mnist_5k", "widths=(40,20)", "latent_dim=4", "--epochs", "1",
    "--pretrain", "rbm",
)  # fmt: skip


def test_a_killed_process_resumes_from_within_a_stage(tmp_path):
    def start(folder, *more):
        command = [sys.executable, "-m", "zoo", *TRAIN, "--folder", str(folder), *more]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        )  # fmt: skip

    whole = start(tmp_path / "whole")
    _, errors = whole.communicate()
    assert whole.returncode == 0, errors
    assert "layer 2 of 3, 40-20 (rbm)" in errors
    killed = start(tmp_path / "killed")
    second = tmp_path / "killed" / "stage_2.safetensors"
    while not checkpoints.files(second):
        assert killed.poll() is None, killed.communicate()
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    resumed = start(tmp_path / "killed", "--resume")
    _, errors = resumed.communicate()
    assert resumed.returncode == 0, errors
    assert "layer 1 of 3" not in errors
    one, other = (
        safetensors.numpy.load_file(tmp_path / name / "weights.safetensors")
        for name in ("whole", "killed")
    )
    assert one.keys() == other.keys()
    for name, weight in one.items():
        np.testing.assert_array_equal(weight, other[name])
    assert not list((tmp_path / "killed").glob("stage_*.safetensors"))
    stages = json.loads((tmp_path / "killed" / "stages.json").read_text())
    assert [stage["method"] for stage in stages] == ["rbm"] * 3
    assert (tmp_path / "killed" / "figures" / "stage_3.png").exists()


def test_the_recipes_pretraining_can_be_left_out(few, tmp_path):
    run = zoo.train("dbn", few, epochs=1, pretrain="none", folder=tmp_path / "run", **SMALL)
    assert run.config["recipe"]["pretrain"] == "none"
    assert not (run.folder / "stages.json").exists()


def test_each_layer_has_the_epochs_it_is_given(few, tmp_path):
    run = zoo.train("deep_ae", few, epochs=1, pretrain="autoencoder", pretrain_epochs=2,
                    folder=tmp_path / "run", **SMALL)  # fmt: skip
    stages = json.loads((run.folder / "stages.json").read_text())
    assert [len(stage["history"]["loss"]) for stage in stages] == [2, 2]
    assert run.config["recipe"]["pretrain_epochs"] == 2


class Explode(keras.callbacks.Callback):
    """A learning rate beyond all measure."""

    def on_train_begin(self, logs=None):
        self.model.optimizer.learning_rate = 1e38


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda x: zoo.pretrain(zoo.build("dbn", **SMALL), x, "rmb"), "did you mean rbm"),
        (lambda x: zoo.train("dbn", x, pretrain="rmb"), "did you mean rbm"),
        (
            lambda x: zoo.train("dbn", x, pretrain_epochs=0),
            "`pretrain_epochs` must be a positive integer. Received: pretrain_epochs=0",
        ),
        (
            lambda x: zoo.train("deep_ae", x, pretrain_epochs=3),
            "`pretrain` names a method. Received: pretrain_epochs=3, pretrain='none'",
        ),
        (
            lambda x: zoo.pretrain(zoo.build("deep_ae", activation="tanh", **SMALL), x),
            r"sigmoid, linear, relu, silu units only: .* Received: tanh in encoder_1",
        ),
        (
            lambda x: zoo.train("stacked_ae", x, pretrain="rbm", activation="tanh", **SMALL),
            r"sigmoid, linear, relu, silu units only: .* Received: tanh in encoder_1",
        ),
        (lambda x: zoo.pretrain(zoo.build("conv_ae"), x), "dense layers encoder_1, .*conv_ae"),
        (lambda x: zoo.pretrain(zoo.build("pca"), x), "dense layers encoder_1, .*pca"),
        (lambda x: zoo.pretrain(keras.Sequential(), x), "must be an AutoEncoder"),
        (lambda x: zoo.pretrain(zoo.build("dbn", **SMALL), x, epochs=0), "positive integer"),
        (lambda x: zoo.pretrain(zoo.build("dbn", **SMALL), x[:, :8]), "must have the shape"),
        (
            lambda x: zoo.pretrain(zoo.build("dbn", input_shape=(13,), **SMALL), "wine"),
            r"features must lie within \[0, 1\]",
        ),
    ],
)
def test_bad_input(few, call, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=said):
        call(few)


def test_a_stage_that_stopped_early_is_not_learnt_further(few, tmp_path):
    def early():
        return keras.callbacks.EarlyStopping(
            "loss", min_delta=1e9, patience=1, restore_best_weights=True
        )

    given = {"method": "autoencoder", "epochs": 5, "folder": tmp_path}
    model, again = zoo.build("dbn", **SMALL), zoo.build("dbn", **SMALL)
    stages = zoo.pretrain(model, few, callbacks=[early()], **given)
    assert [len(stage["history"]["loss"]) for stage in stages] == [2, 2]
    assert zoo.pretrain(again, few, callbacks=[early()], **given) == stages
    for one, other in zip(model.weights, again.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


@pytest.mark.parametrize("method", ["denoising", "rbm"])
def test_a_stage_that_diverges_says_which(few, method):
    with pytest.raises(DivergedError, match=rf"layer 1 of 2, 784-60 \({method}\).*not finite"):
        zoo.pretrain(zoo.build("dbn", **SMALL), few, method, callbacks=[Explode()])


@pytest.mark.parametrize(("variant", "method"), [("dbn", "rbm"), ("stacked_ae", "denoising")])
def test_some_recipes_begin_layer_by_layer(variant, method, tmp_path):
    small = {"widths": (20,), "latent_dim": 5, "epochs": 1, "folder": tmp_path / "run"}
    run = zoo.train(variant, "digits", **small)
    assert json.loads((run.folder / "config.json").read_text())["recipe"]["pretrain"] == method
    stages = json.loads((run.folder / "stages.json").read_text())
    assert [stage["method"] for stage in stages] == [method] * 2


DENSE = ["contractive_ae", "denoising_ae", "k_sparse_ae", "linear_ae", "logistic_pca",
         "semantic_hashing", "shallow_ae", "sparse_ae", "vae", "winner_take_all_ae"]  # fmt: skip


@pytest.mark.parametrize("variant", DENSE)
def test_any_dense_variant_is_pretrained(variant):
    model = zoo.build(variant, **zoo.entry(variant).tiny)
    x = np.random.default_rng(0).random((40, *model.input_shape[1:]), dtype=np.float32)
    before = [np.asarray(layer.kernel) for layer in dense_layers(model)]
    stages = zoo.pretrain(model.adapt(x), x, "autoencoder", epochs=1)
    assert stages[0]["units"][0] == np.prod(model.input_shape[1:])
    after = [np.asarray(layer.kernel) for layer in dense_layers(model)[: len(stages)]]
    assert len(after) == len(stages) > 0
    assert not any(np.array_equal(*pair) for pair in zip(before, after, strict=False))


def dense_layers(model):
    return [layer for layer in model.layers if layer.name.startswith("encoder_")
            and hasattr(layer, "kernel")]  # fmt: skip
