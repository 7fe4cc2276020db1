"""Measures how much a model has learned: its error relative to that of the mean training row."""

import numpy as np

from zoo.evaluation import metrics
from zoo.evaluation.units import unit_of
from zoo.inputs import chunks, kinds

SMALLEST = 1e-6  # the smallest fraction of a word in a document, so that its log is finite


def remaining_error(model, dataset, documents: bool = False) -> float:
    """Returns a model's error on the test rows divided by the error of the mean training row.

    The error is the squared error, for features in units of the training columns' standard
    deviations. For documents it is the `relative_entropy`. A result of 0 is a perfect
    reconstruction, and 1 is no better than the mean.

    Args:
        model: `AutoEncoder`, trained or not.
        dataset: `Dataset` of numbers. For a dataset of texts, call `prepared` first.
        documents: Boolean. Whether the numbers are weights of words. Defaults to False.

    Returns:
        A float, at least 0.

    Example:

    >>> rows = np.random.default_rng(0).normal(size=(500, 8)).astype("float32")
    >>> data = zoo.datasets.load(rows)
    >>> pca = zoo.build("pca", input_shape=(8,), latent_dim=6, standardise=True)
    >>> round(remaining_error(pca.adapt(data.train.inputs), data), 2)
    0.24
    """
    inputs, unit, error = dataset.test.inputs, unit_of(dataset), metrics.mse
    if documents:
        inputs, unit, error = inputs[inputs.sum(axis=1) > 0], 1, relative_entropy
    mean = chunks.mean_and_deviation(dataset.train.inputs)[0][None]
    errors = [error(inputs / unit, rows / unit) for rows in (model.reconstruct(inputs), mean)]
    return errors[0] / errors[1]


def prepared(model, dataset):
    """Returns a dataset whose texts, if it has any, are converted to the model's word weights.

    Args:
        model: `AutoEncoder`.
        dataset: `Dataset`.

    Returns:
        A `Dataset`: the same one unless the model has a vocabulary and the rows are documents.

    Example:

    >>> data = zoo.datasets.load("mnist_5k")
    >>> prepared(zoo.build("pca"), data) is data
    True
    """
    texts = model.vocabulary is not None and dataset.kind == kinds.DOCUMENTS.name
    return dataset.map(model.prepared) if texts else dataset


def relative_entropy(documents, reconstructions) -> float:
    """Returns the relative entropy of documents to their reconstructions, in nats.

    It is Σ p log(p / q), mean over the documents, where p and q are the distributions over words
    of a document and of its reconstruction: weights divided by their sum. Each q is at least 1e-6.

    Args:
        documents: Array of shape `(n, words)`. Weights of words; no row is all zero.
        reconstructions: Array of shape `(n, words)` or `(1, words)`. Weights of words.

    Returns:
        A float, in nats.

    Example:

    >>> round(relative_entropy(np.array([[1.0, 1.0]]), np.array([[3.0, 1.0]])), 4)
    0.1438
    """
    p = documents / documents.sum(axis=1, keepdims=True, dtype=np.float64)
    q = np.maximum(reconstructions, 1e-12)
    q = np.maximum(q / q.sum(axis=1, keepdims=True, dtype=np.float64), SMALLEST)
    q = q / q.sum(axis=1, keepdims=True)
    return float((p * np.log(np.maximum(p, 1e-30) / q)).sum(axis=1).mean())
