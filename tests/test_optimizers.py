"""The fused update against Keras's own."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.fused import FusedAdam, FusedSGD, optimizers
from zoo.recipes.optimizers import FUSED

FALLING = keras.optimizers.schedules.CosineDecay(0.01, 20)
RNG = np.random.default_rng(0)
X = RNG.random((64, 6)).astype("float32")


def trained(optimizer):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(5, "tanh")])
    model.add(keras.layers.Dense(6))
    model.compile(optimizer, "mse")
    model.fit(X, X, batch_size=16, epochs=5, verbose=0)
    return model


@pytest.mark.parametrize(
    ("ours", "theirs", "config"),
    [
        (FusedAdam, keras.optimizers.Adam, {}),
        (FusedAdam, keras.optimizers.Adam, {"learning_rate": FALLING}),
        (FusedAdam, keras.optimizers.Adam, {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3}),
        (FusedAdam, keras.optimizers.Adam, {"weight_decay": 0.1, "clipnorm": 0.5}),
        (FusedAdam, keras.optimizers.Adam, {"use_ema": True}),
        (FusedAdam, keras.optimizers.Adam, {"gradient_accumulation_steps": 2}),
        (FusedAdam, keras.optimizers.Adam, {"amsgrad": True}),
        (FusedSGD, keras.optimizers.SGD, {}),
        (FusedSGD, keras.optimizers.SGD, {"momentum": 0.9}),
        (FusedSGD, keras.optimizers.SGD, {"momentum": 0.9, "learning_rate": FALLING}),
        (FusedSGD, keras.optimizers.SGD, {"momentum": 0.8, "nesterov": True, "weight_decay": 0.1}),
    ],
)
def test_they_take_the_steps_of_kerass_own(ours, theirs, config):
    ours, theirs = (trained(kind(**config)) for kind in (ours, theirs))
    before = trained(keras.optimizers.SGD(0.0)).get_weights()
    pairs = zip(before, ours.get_weights(), theirs.get_weights(), strict=True)
    for start, one, other in pairs:
        assert np.abs(one - start).max() > 1e-3
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    for one, other in zip(ours.optimizer.variables, theirs.optimizer.variables, strict=True):
        np.testing.assert_allclose(np.asarray(one), np.asarray(other), rtol=1e-4, atol=1e-6)


def test_recipes_use_it_and_files_keep_it(tmp_path):
    model = zoo.build("linear_ae", input_shape=(6,), latent_dim=2)
    model.fit(X, verbose=0)
    assert type(model.optimizer) is FusedAdam
    model.save(tmp_path / "model.keras")
    assert type(zoo.load_model(tmp_path / "model.keras").optimizer) is FusedAdam


@pytest.mark.parametrize("kind", FUSED.values())
def test_under_an_unknown_keras_the_steps_are_kerass_own(kind, monkeypatch):
    monkeypatch.setattr(optimizers, "KNOWN", False)
    for private in ("ResourceApplyAdam", "ResourceApplyKerasMomentum"):
        monkeypatch.delattr(tf.raw_ops, private)
    config = {"momentum": 0.9} if kind is FusedSGD else {}
    assert np.isfinite(trained(kind(**config)).get_weights()[0]).all()


@pytest.mark.parametrize("kind", FUSED.values())
def test_under_a_strategy_the_steps_are_kerass_own(kind, monkeypatch):
    for fused in ("ResourceApplyAdam", "ResourceApplyKerasMomentum"):
        monkeypatch.delattr(tf.raw_ops, fused)
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        assert np.isfinite(trained(kind()).get_weights()[0]).all()


@pytest.mark.parametrize("kind", FUSED.values())
def test_they_work_in_mixed_precision(kind):
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        assert np.isfinite(trained(kind()).get_weights()[0]).all()
    finally:
        keras.mixed_precision.set_global_policy("float32")
