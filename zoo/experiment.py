"""A variant trained in memory by its recipe, with changes: for tuning and for reproducing."""

import dataclasses
import math

import numpy as np

from zoo import registry
from zoo.recipe import Recipe


def settings(variant: str, **changes) -> tuple[Recipe, dict]:
    """A variant's recipe and all its arguments, with `changes` of either."""
    entry = registry.entry(variant)
    fields = {field.name for field in dataclasses.fields(Recipe)}
    arguments = entry.arguments({k: v for k, v in changes.items() if k not in fields})
    recipe = {key: value for key, value in changes.items() if key in fields}
    return entry.recipe_for(arguments, **recipe), arguments


def train(variant: str, inputs, seed: int, corrupted=None, callbacks=(), **changes):
    """Builds a variant for the inputs and fits it by its recipe.

    Args:
        variant: one of `zoo.names()`.
        inputs: float32, `(rows, ...)`, or texts.
        seed: of Keras's, numpy's and Python's random numbers.
        corrupted: what the inputs become on their way in, anew each epoch, while the target stays
            clean: a function of them and of a numpy Generator.
        callbacks: Keras callbacks, for `fit`.
        **changes: of the recipe's fields, and of the variant's arguments.

    Returns:
        The model, and a dict of its `recipe` and `arguments`, to be recorded.

    Raises:
        DivergedError: when the loss becomes NaN or infinite.
    """
    import keras

    from zoo import pretraining
    from zoo.callbacks import StopWhenDiverged

    shape = {"input_shape": inputs.shape[1:]} if inputs.ndim > 1 else {}
    recipe, arguments = settings(variant, **shape | changes)
    keras.utils.set_random_seed(seed)
    model = registry.build(variant, **arguments)
    recipe = recipe.used_for(model)
    model.adapt(inputs)
    if recipe.pretrain != "none":
        method, epochs = recipe.pretrain, recipe.pretrain_epochs
        pretraining.run_stages(model, inputs, inputs[:0], method, epochs, seed, None, ())
    recipe.compile(model, recipe.epochs * math.ceil(len(inputs) / recipe.batch_size))
    how = {"batch_size": recipe.batch_size, "verbose": 0}
    how["callbacks"] = [StopWhenDiverged(), *callbacks]
    if recipe.epochs and corrupted is None:
        model.fit(inputs, epochs=recipe.epochs, **how)
    elif recipe.epochs:
        random = np.random.default_rng(seed)
        for epoch in range(recipe.epochs):
            seen = corrupted(inputs, random)
            model.fit(seen, inputs, initial_epoch=epoch, epochs=epoch + 1, **how)
    return model, {"recipe": dataclasses.asdict(recipe), "arguments": arguments}
