"""What generated images are worth: every figure against a value found another way."""

import math

import numpy as np
import pytest
from scipy.linalg import sqrtm

import zoo
from zoo import finetuning
from zoo.datasets import Split
from zoo.errors import UsageError
from zoo.evaluation import generated

RNG = np.random.default_rng(0)


def gaussian(mean, covariance, rows=50):
    """Rows whose mean and covariance are those exactly."""
    x = RNG.normal(size=(rows, len(mean)))
    x = (x - x.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(x.T))).T
    return x @ np.linalg.cholesky(np.asarray(covariance, float)).T + mean


A, B = [[4.0, 1.0], [1.0, 2.0]], [[1.0, -0.5], [-0.5, 3.0]]
GAUSSIANS = {
    "equal": ([1, 2], A, [1, 2], A, 0.0),
    "means apart": ([0, 0], A, [3, 4], A, 25.0),
    "axes": ([0, 0], [[4, 0], [0, 9]], [0, 0], [[1, 0], [0, 1]], (2 - 1) ** 2 + (3 - 1) ** 2),
    "both": ([0, 1], [[4, 0], [0, 9]], [0, 0], [[1, 0], [0, 16]], 1 + (2 - 1) ** 2 + (3 - 4) ** 2),
    "that do not commute": (
        [0, 0], A, [1, 0], B,
        1 + 6 + 4 - 2 * np.trace(sqrtm(np.array(A) @ np.array(B))).real,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", GAUSSIANS)
def test_frechet_distance_of_gaussians_has_a_closed_form(case):
    mean, covariance, other_mean, other_covariance, expected = GAUSSIANS[case]
    x, y = gaussian(mean, covariance), gaussian(other_mean, other_covariance, 80)
    assert generated.frechet_distance(x, y) == pytest.approx(expected, abs=1e-9)
    assert generated.frechet_distance(y, x) == pytest.approx(expected, abs=1e-9)


def test_frechet_distance_of_samples_and_of_dead_features():
    x = RNG.normal(size=(200_000, 1)).astype("float32")
    assert generated.frechet_distance(x, 3 * x[::-1] + 2) == pytest.approx(4 + 4, rel=0.02)
    dead = np.concatenate([x[:50], np.zeros((50, 3), "float32")], axis=1)
    assert generated.frechet_distance(dead, dead) == pytest.approx(0, abs=1e-9)
    fewer_rows_than_features = RNG.normal(size=(2, 4, 9))
    assert generated.frechet_distance(*fewer_rows_than_features) > 0


FRECHET = [
    (np.ones((1, 2)), np.ones((3, 2)), r"two rows or more.* Received: \(1, 2\) and \(3, 2\)"),
    (np.ones((3, 2)), np.ones((3, 3)), r"of as many numbers\. Received: \(3, 2\) and \(3, 3\)"),
    (np.ones(3), np.ones((3, 1)), r"Received: \(3,\) and \(3, 1\)"),
    (np.full((3, 2), np.nan), np.ones((3, 2)), "finite numbers. Received: NaN or Inf"),
]


@pytest.mark.parametrize(("x", "y", "told"), FRECHET)
def test_features_are_refused(x, y, told):
    with pytest.raises(UsageError, match=told):
        generated.frechet_distance(x, y)


def test_box_share_by_hand():
    codes = np.array([[0, 0], [2, -2], [2.1, 0], [0, -3]], "float32")
    assert generated.box_share(codes) == 0.5
    assert generated.box_share(codes.reshape(4, 1, 2)) == 0.5
    assert generated.box_share(codes, (-3, 3)) == 1
    assert math.isnan(generated.box_share(codes[:0]))


@pytest.fixture(scope="module")
def digits64():
    return zoo.datasets.load("digits")


@pytest.fixture(scope="module")
def judge(digits64):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finetuning, "LEAST_STEPS", 300)
        return generated.Judge(digits64.train, seed=1)


def test_a_judge_tells_real_images_from_noise(judge, digits64):
    real, noise = digits64.test.images, RNG.random((359, 8, 8, 1), dtype="float32")
    assert judge.error(digits64.test) < 0.1
    assert judge.features(real).shape == (359, 64)
    assert 0.1 <= judge.confidence(noise) < judge.confidence(real) <= 1
    assert judge.confidence(real) > 0.9
    half, rest = real[::2], real[1::2]
    assert judge.distance(real, real) == pytest.approx(0, abs=1e-3)
    assert judge.distance(half, noise) > 5 * judge.distance(half, rest) > 0
    blurred = (real + np.roll(real, 1, axis=1) + np.roll(real, 1, axis=2)) / 3
    assert judge.distance(half, rest) < judge.distance(half, blurred)
    outside = real * 3 - 1
    assert judge.confidence(outside) == judge.confidence(np.clip(outside, 0, 1))
    probabilities = judge.model.classify(real).max(axis=1)
    assert judge.confidence(real) == pytest.approx(probabilities.mean(), rel=1e-6)


FEW = RNG.random((6, 8, 8, 1), dtype="float32")
JUDGES = [
    (Split(FEW), "labels of two classes or more. Received: <zoo.Split of 6 images"),
    (Split(FEW, np.zeros(6, int)), "labels of two classes or more"),
    (Split(FEW[:, 0, :, 0], np.arange(6) % 2), "There are no images here, but features"),
]


@pytest.mark.parametrize(("split", "told"), JUDGES)
def test_no_judge_without_labelled_images(split, told):
    with pytest.raises(UsageError, match=told):
        generated.Judge(split)


def test_a_judge_refuses_images_of_another_size(judge):
    with pytest.raises(UsageError, match=r"shape \(rows, 8, 8, 1\)"):
        judge.confidence(np.zeros((2, 9, 9, 1), "float32"))
    with pytest.raises(UsageError, match=r"one or more\. Received: none"):
        judge.confidence(np.zeros((0, 8, 8, 1), "float32"))
    with pytest.raises(UsageError, match=r"shape \(rows, 8, 8, 1\)"):
        judge.features(np.zeros((2, 9, 9, 1), "float32"))
