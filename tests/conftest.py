"""What all tests share: quiet start, random numbers that no other test moves, one real data set."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import sys

import numpy as np
import pytest


def _seed(module, seed):
    import keras

    keras.utils.set_random_seed(0)
    if hasattr(module, "RNG"):
        module.RNG = np.random.default_rng(seed)


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef):
    _seed(sys.modules[fixturedef.func.__module__], 1)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    _seed(item.module, 2)


@pytest.fixture(scope="session")
def digits():
    """The embedded digits."""
    from zoo import datasets

    return datasets.load("mnist_5k")
