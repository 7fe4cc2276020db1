"""Trained weights that ship with the package, and the functions that build models with them."""

from zoo.weights.load import build, classifier, scorer, trained
from zoo.weights.sets import WeightsSet, every, find, names, of

__all__ = ["WeightsSet", "build", "classifier", "every", "find", "names", "of", "scorer", "trained"]
