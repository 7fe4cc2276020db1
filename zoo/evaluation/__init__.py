"""Measures how good a model's codes and reconstructions are on rows it was not trained on."""

from zoo.evaluation import likelihood, metrics, probes, retrieval, robustness
from zoo.evaluation.evaluate import evaluate, pca_of_equal_size

__all__ = [
    "evaluate",
    "likelihood",
    "metrics",
    "pca_of_equal_size",
    "probes",
    "retrieval",
    "robustness",
]
