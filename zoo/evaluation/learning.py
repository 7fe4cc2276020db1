"""How much a model has learnt: its error on test rows over the error of the mean training row."""

import numpy as np

from zoo.evaluation import metrics
from zoo.evaluation.units import unit_of

SMALLEST = 1e-6  # share of a word in a document, so that its logarithm is finite


def remaining_error(model, dataset, documents: bool = False) -> float:
    """Returns a model's error on test rows over that of the mean training row.

    The error is squared, of features in units of the training columns' standard deviations; of
    documents it is the relative entropy of the words' shares. 0 is a perfect reconstruction, and 1
    is no better than the mean.

    Args:
        model: An `AutoEncoder`, trained or not.
        dataset: A `Dataset` of numbers; `prepared` makes one of texts.
        documents: Whether those numbers are weights of words. Defaults to False.

    Example:

    >>> data = zoo.datasets.load("mnist_5k")
    >>> pca = zoo.build("pca", latent_dim=30).adapt(data.train.inputs)
    >>> round(remaining_error(pca, data), 2)
    0.27
    """
    inputs, unit, error = dataset.test.inputs, unit_of(dataset), metrics.mse
    if documents:
        inputs, unit, error = inputs[inputs.sum(axis=1) > 0], 1, relative_entropy
    mean = dataset.train.inputs.mean(axis=0, dtype=np.float64, keepdims=True)
    errors = [error(inputs / unit, rows / unit) for rows in (model.reconstruct(inputs), mean)]
    return errors[0] / errors[1]


def prepared(model, dataset):
    """Returns a dataset whose texts, if it has any, are documents of the model's vocabulary."""
    texts = model.vocabulary is not None and dataset.kind == "documents"
    return dataset.map(model.prepared) if texts else dataset


def relative_entropy(documents, reconstructions) -> float:
    """Returns Σ p log(p / q) in nats, mean over documents, of the words' shares p and q.

    Args:
        documents: Weights of words, `(n, words)`, none of them all zero.
        reconstructions: Weights of words, `(n, words)` or `(1, words)`. A share is at least 1e-6.
    """
    p = documents / documents.sum(axis=1, keepdims=True, dtype=np.float64)
    q = np.maximum(reconstructions, 1e-12)
    q = np.maximum(q / q.sum(axis=1, keepdims=True, dtype=np.float64), SMALLEST)
    q = q / q.sum(axis=1, keepdims=True)
    return float((p * np.log(np.maximum(p, 1e-30) / q)).sum(axis=1).mean())
