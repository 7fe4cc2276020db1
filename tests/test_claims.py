"""Tests each claim of the results table in small, by training on the embedded digits.

The table's own figures take hours; these tests show that what they rest on still works.
"""

import dataclasses

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier

import zoo
from zoo.datasets.sources import curves
from zoo.evaluation import metrics, probes
from zoo.experiments.benchmarks import boltzmann, overhead
from zoo.experiments.reproduce import layerwise, model_errors, retrieval
from zoo.layers import corrupt
from zoo.training import finetune, in_memory


def sse(model, data):
    return metrics.sse(data.test.images, model.reconstruct(data.test.images))


def pca(data, numbers):
    model = zoo.build("pca", input_shape=data.input_shape, latent_dim=numbers)
    return model.adapt(data.train.images)


def test_the_deep_auto_encoder_is_better_than_pca_of_its_size(digits):
    model, _ = in_memory.train("deep_ae", digits.train.images, 0)
    assert sse(model, digits) < 0.9 * sse(pca(digits, 30), digits)


def test_a_deep_sigmoid_net_learns_sooner_from_rbms(digits):
    x = digits.train.images[:2000]
    net = {"widths": (300, 150, 75), "latent_dim": 10, "activation": "sigmoid"}
    random, _ = in_memory.train("deep_ae", x, 0, epochs=16, **net)
    ours, _ = in_memory.train("deep_ae", x, 0, epochs=8, pretrain="rbm", pretrain_epochs=2, **net)
    assert sse(ours, digits) < 0.95 * sse(random, digits)


def test_a_net_codes_curves_of_six_numbers_better_than_logistic_pca():
    """Of half the size; logistic PCA ends at 1.53 however long it learns."""
    x, held = (
        curves.draw(rows, seed).reshape(rows, 14, 2, 14, 2, 1).mean(axis=(2, 4))
        for seed, rows in enumerate((3000, 500))
    )
    short = {"latent_dim": 6, "epochs": 20, "batch_size": 64}
    net, _ = in_memory.train("deep_ae", x, 0, widths=(200, 50), learning_rate=3e-3, **short)
    linear, _ = in_memory.train("logistic_pca", x, 0, learning_rate=0.03, **short)
    ours, theirs = (metrics.sse(held, model.reconstruct(held)) for model in (net, linear))
    assert theirs < 1.8
    assert ours < 0.8 * theirs


@pytest.mark.parametrize("method", ["rbm", "denoising"])
def test_with_few_labels_a_pretrained_net_errs_less(method, digits, monkeypatch):
    monkeypatch.setattr(finetune, "LEAST_STEPS", 500)
    errors = {}
    for start in ("none", method):
        model, _ = in_memory.train(
            "stacked_ae", digits.train.images, 0, pretrain=start, pretrain_epochs=5, epochs=0,
            widths=(300,), latent_dim=200,
        )  # fmt: skip
        few = finetune.balanced(digits.train, 100, seed=0)
        errors[start] = layerwise.error(model, digits, few, seed=0)
    assert errors[method] < errors["none"] - 1  # per cent of the test digits


def test_a_k_sparse_code_is_classified_better_than_pixels(digits):
    model, _ = in_memory.train("k_sparse_ae", digits.train.images, 0, epochs=8)
    errors = []
    for x, held in (
        (digits.train.images, digits.test.images),
        (model.encode(digits.train.images), model.encode(digits.test.images)),
    ):
        fitted = RidgeClassifier().fit(metrics.flat(x), digits.train.labels)
        errors.append(1 - fitted.score(metrics.flat(held), digits.test.labels))
    assert errors[1] < 0.8 * errors[0]


def test_a_denoiser_restores_better_than_pca(digits):
    clean = digits.test.images
    noisy = corrupt(clean, "gaussian", 0.4, seed=0)
    model, _ = in_memory.train(
        "denoising_ae", digits.train.images, 0, architecture="conv", level=0.4, epochs=3
    )
    ours = model_errors.crossentropy(clean, model.reconstruct(noisy))
    theirs = model_errors.crossentropy(clean, np.clip(pca(digits, 32).reconstruct(noisy), 0, 1))
    assert ours < 0.7 * theirs


def test_a_vae_of_two_numbers_bounds_the_likelihood_better_than_no_code(digits):
    model, _ = in_memory.train(
        "vae", digits.train.images, 0, latent_dim=2, widths=(256,), epochs=10
    )
    mean = np.broadcast_to(digits.train.images.mean(axis=0), digits.test.images.shape)
    without = 784 * model_errors.crossentropy(digits.test.images, mean)
    assert model_errors.negative_elbo(model, digits.test.images, seed=0) < without - 30


def test_a_quantised_code_restores_digits(digits):
    model, _ = in_memory.train("vq_vae", digits.train.images, 0, epochs=3)
    images, mean = digits.test.images, digits.train.images.mean(axis=0, keepdims=True)
    assert metrics.mse(images, model.reconstruct(images)) < 0.4 * metrics.mse(images, mean)
    assert len(np.unique(model.indices(images))) > 8


def test_remembered_positions_restore_more_than_filling(digits):
    x, few = digits.train.images[:1500], {"epochs": 4}
    ours, _ = in_memory.train("conv_ae", x, 0, unpooling="argmax", **few)
    filled, _ = in_memory.train("conv_ae", x, 0, **few)
    assert sse(ours, digits) < 0.5 * sse(filled, digits)


def test_two_numbers_tell_digits_apart_better_than_pca(digits):
    model, _ = in_memory.train("deep_ae", digits.train.images, 0, latent_dim=2, epochs=12)
    accuracies = [
        probes.knn_accuracy(
            one.encode(digits.train.images), digits.train.labels,
            one.encode(digits.test.images), digits.test.labels,
        )
        for one in (model, pca(digits, 2))
    ]  # fmt: skip
    assert accuracies[0] > accuracies[1] + 0.05


def test_codes_find_shifted_digits_that_pixels_do_not(digits, tmp_path):
    few = dataclasses.replace(digits, test=digits.test.take(slice(300)))
    found = retrieval.similar_images(few, 0, tmp_path, epochs=6)
    assert found["code_shifted"] > found["pixels_shifted"]


def test_fit_is_not_much_slower_than_bare_keras(tmp_path):
    """In turns, by the median: a check of every batch in Python would show."""
    (line,) = overhead.measure(tmp_path, names=["deep_ae"], rounds=3, least=0.5)
    assert line["value"] > 0.7


def test_contrastive_divergence_is_not_much_slower_than_scikit_learns(tmp_path):
    (line,) = boltzmann.measure(tmp_path, units=300, batches=(100,), rows=4000, epochs=1, rounds=3)
    assert line["times_as_fast_as"]["sklearn"] > 0.6
