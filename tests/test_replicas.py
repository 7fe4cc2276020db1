"""Training on two devices: `tf.distribute.MirroredStrategy`, each variant by its own recipe."""

import json
import os
import subprocess
import sys

import pytest

import zoo

# Devices are configured before TensorFlow starts, so all of it runs in a process of its own.
TRAIN = """
import json, sys
import keras, numpy as np, tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import zoo
from zoo.layers import KLSparsity, LifetimeSparsity, PairTerm, PrincipalComponents
from zoo.checks.subject import TEXTS, Subject

STATISTICS = keras.layers.BatchNormalization, KLSparsity, LifetimeSparsity, PairTerm
two = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])

def built(name, mode, classes):
    keras.utils.set_random_seed(0)
    model = zoo.build(name, **zoo.entry(name).tiny | mode)
    model.adapt(TEXTS if model.vocabulary is not None else x)
    return zoo.classifier(model, classes) if classes else model

for name, mode, classes in json.loads(sys.argv[1]):
    x = Subject(name, ".").images[:32]
    rows = (x, np.arange(32) % classes) if classes else (x,)
    monitor = "loss" if classes else zoo.entry(name).monitor
    with two.scope():
        mirrored = built(name, mode, classes)
        mirrored.fit(*rows, batch_size=16, epochs=1, shuffle=False, verbose=0)
    one = built(name, mode, classes)
    one.run_eagerly = True  # of so few steps faster than compiled
    one.fit(*rows, batch_size=16, epochs=1, shuffle=False, verbose=0)
    copies = [two.experimental_local_results(weight.value) for weight in mirrored.weights]
    pairs = list(zip(one.get_weights(), mirrored.get_weights(), strict=True))
    figure = one.evaluate(*rows, verbose=0, return_dict=True)[monitor]
    one.set_weights(mirrored.get_weights())
    print(json.dumps({
        "weights": max((float(np.abs(a - b).max()) for a, b in pairs), default=0.0),
        "draws": any(hasattr(layer, "seed_generator") for layer in one.layers),
        "statistics": any(isinstance(layer, STATISTICS) for layer in one.layers),
        "starts_as_pca": any(isinstance(layer, PrincipalComponents) for layer in one.layers),
        "apart": [weight.path for weight, (a, b) in zip(mirrored.weights, copies, strict=True)
                  if not np.array_equal(a, b)],
        "monitors": [figure, one.evaluate(*rows, verbose=0, return_dict=True)[monitor]],
    }))
"""
VARIANTS = [name for name in zoo.names() if not zoo.entry(name).preset]
TRAINED = {name: (name, {}, 0) for name in VARIANTS}
TRAINED["rbm-persistent-steps"] = "rbm", {"persistent": True, "steps": 2}, 0
TRAINED |= {f"classifier-{name}": (name, {}, 3) for name in VARIANTS}


def in_a_process(code, *arguments):
    command = [sys.executable, "-W", "ignore", "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def trained():
    lines = in_a_process(TRAIN, json.dumps([*TRAINED.values()]))
    return dict(zip(TRAINED, map(json.loads, lines), strict=True))


@pytest.mark.parametrize("label", TRAINED)
def test_every_variant_and_classifier_trains_on_two_devices_as_on_one(label, trained):
    """After two steps the same weights; where numbers are drawn or of a batch, a like figure.

    The encoder of a model that starts as PCA has a gradient of zero then, whose rounding Adam
    scales up to whole steps.
    """
    result = trained[label]
    assert result["apart"] == []  # one codebook, one set of chains
    one, two = result["monitors"]
    if result["draws"] or result["statistics"] or result["starts_as_pca"]:
        assert two == pytest.approx(one, rel=0.05)
    else:
        assert result["weights"] < 1e-5


UNEVEN = """
import sys
import numpy as np, tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
import zoo
from zoo.checks.subject import Subject

with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    for name in ("vae", "vq_vae", "rbm", "resnet_ae", "neighbour_ae"):
        model = zoo.build(name, **zoo.entry(name).tiny)
        model.fit(Subject(name, ".").images[:17], batch_size=16, verbose=0)
        assert all(np.isfinite(weight).all() for weight in model.get_weights()), name
    model = zoo.build("deep_ae", **zoo.entry("deep_ae").tiny)
    classifier = zoo.classifier(model, 2)
    x = Subject("deep_ae", ".").images[:4]
    for saved, rows in ((model, (x,)), (classifier, (x, np.arange(4) % 2))):
        saved.compile(saved.optimizer, saved.loss, steps_per_execution=16)  # as without replicas
        saved.save(sys.argv[1])
        zoo.load_model(sys.argv[1]).fit(*rows, verbose=0)
"""


def test_a_replica_without_rows_does_no_harm_and_a_loaded_model_trains(tmp_path, monkeypatch):
    # oneDNN's convolutions refuse a batch of 0 rows on some processors, in Keras's own models too.
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    in_a_process(UNEVEN, str(tmp_path / "model.keras"))
