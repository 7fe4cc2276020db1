"""How good a code is, measured on rows it was not trained on."""

from zoo.evaluation.evaluate import evaluate, pca_of_equal_size
from zoo.evaluation.figure import comparison

__all__ = ["comparison", "evaluate", "pca_of_equal_size"]
