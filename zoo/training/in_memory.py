"""Trains a variant in memory by its recipe with changes, for tuning and for reproducing."""

import dataclasses
import math

import numpy as np

from zoo import registry
from zoo.training.settings import settings


def train(variant: str, inputs, seed: int, corrupted=None, callbacks=(), **changes):
    """Builds a variant for the inputs and fits it by its recipe.

    Args:
        variant: String. One of `zoo.names()`.
        inputs: Float32 array of shape `(rows, ...)`, or array of texts.
        seed: Integer. Seed of the random numbers of Keras, numpy and Python, which this function
            sets.
        corrupted: Function of the inputs and a numpy `Generator` that returns corrupted inputs. It
            is called anew for each epoch, while the target stays clean. Defaults to None.
        callbacks: Keras callbacks for `fit`. Defaults to `()`.
        **changes: Fields of the `Recipe`, and arguments of the variant.

    Returns:
        A pair: the model, and a dict of its `recipe` and `arguments`, to be recorded; the recipe
        has the number of epochs that layers were pre-trained with.

    Raises:
        DivergedError: If the loss becomes NaN or infinite.

    Example:

    >>> x = np.random.default_rng(0).random((50, 8), np.float32)
    >>> model, facts = train("pca", x, seed=0, latent_dim=2)
    >>> facts["arguments"]["latent_dim"]
    2
    """
    import keras

    from zoo.autoencoder.divergence import StopWhenDiverged
    from zoo.training import pretrain

    shape = {"input_shape": inputs.shape[1:]} if inputs.ndim > 1 else {}
    recipe, arguments = settings(variant, **shape | changes)
    keras.utils.set_random_seed(seed)
    model = registry.build(variant, **arguments)
    recipe = recipe.used_for(model)
    model.adapt(inputs)
    if recipe.pretrain != "none":
        method, epochs = recipe.pretrain, recipe.pretrain_epochs
        stages = pretrain.run_stages(model, inputs, inputs[:0], method, epochs, seed, None, ())
        epochs = len(stages[0]["history"]["loss"])
        recipe = dataclasses.replace(recipe, pretrain_epochs=epochs)
    recipe.compile(model, recipe.epochs * math.ceil(len(inputs) / recipe.batch_size))
    model.optimizer.build(model.trainable_variables)  # or else the training step is traced twice
    options = {"batch_size": recipe.batch_size, "verbose": 0}
    options["callbacks"] = [StopWhenDiverged(), *callbacks]
    if recipe.epochs and corrupted is None:
        model.fit(inputs, epochs=recipe.epochs, **options)
    elif recipe.epochs:
        random = np.random.default_rng(seed)
        for epoch in range(recipe.epochs):
            noisy = corrupted(inputs, random)
            model.fit(noisy, inputs, initial_epoch=epoch, epochs=epoch + 1, **options)
    return model, {"recipe": dataclasses.asdict(recipe), "arguments": arguments}
