"""Recipes: how a variant is compiled and trained, with its losses and optimizers."""

import importlib

from zoo.recipes.recipe import Recipe, steps_per_call

__all__ = ["Recipe", "losses", "optimizers", "steps_per_call"]


def __getattr__(name):
    if name in ("losses", "optimizers"):  # these import Keras
        return importlib.import_module(f"zoo.recipes.{name}")
    raise AttributeError(f"module 'zoo.recipes' has no attribute {name!r}")
