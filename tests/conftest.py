"""What all tests share: quiet start, warnings as errors, and one real data set."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pytest


@pytest.fixture(scope="session")
def digits():
    """The embedded digits."""
    from zoo import datasets

    return datasets.load("mnist_5k")
