"""The one training loop: Keras's `fit` with a checkpoint at the end of each epoch."""

import math
from collections.abc import Callable, Iterable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from zoo.autoencoder import fit_streams, pairs
from zoo.autoencoder.divergence import StopWhenDiverged
from zoo.recipes.recipe import Recipe
from zoo.training.augment import augmented
from zoo.training.callbacks import EpochOrder, Progress
from zoo.training.checkpoints import Checkpoint


def fit(
    model,
    recipe: Recipe,
    rows: np.ndarray | tuple[np.ndarray, np.ndarray],
    held_out: np.ndarray | tuple[np.ndarray, np.ndarray],
    seed: int,
    checkpoint: Path | None = None,
    *,
    through: Callable | None = None,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    label: str = "",
    augment: dict | None = None,
) -> dict[str, list[float]]:
    """Compiles a model by its recipe and fits it, from its checkpoint on if there is one.

    The order of the rows, their random changes, and the partners that a model that learns from
    pairs gets, are functions of seed and epoch, and a checkpoint with every variable is written at
    the end of each epoch: stopped and called again, the model ends with the same weights.

    Args:
        model: An `AutoEncoder`, adapted, or a `Classifier`.
        recipe: The `Recipe` that it is trained by.
        rows: Array of shape `(rows, ...)`, the inputs to learn from, or a pair of inputs and
            labels.
        held_out: The validation data, of the same form. It may be empty.
        seed: Integer. Seed of the order.
        checkpoint: `Path` of the checkpoints, as for `Checkpoint`. Defaults to None, for none.
        through: Function of tensors through which batches pass before they reach the model.
            Defaults to None.
        callbacks: Iterable of further Keras callbacks. Defaults to `()`.
        label: String. What the progress bar calls the training. Defaults to `""`.
        augment: Dict of random changes of the images to learn from, as `augment.checked` returns
            it. Targets are the changed images; validation data are not changed. Defaults to None.

    Returns:
        The history, a dict from each metric to its values, from the first epoch on.

    Raises:
        DivergedError: If the loss or a weight becomes NaN or infinite.
        CheckFailedError: If there are checkpoints and all are damaged.

    Example:

    >>> model = zoo.build("pca", input_shape=(4,), latent_dim=2)
    >>> x = np.random.default_rng(0).random((64, 4), np.float32)
    >>> history = fit(model, Recipe(epochs=2), x, x[:0], seed=0)  # doctest: +SKIP
    >>> len(history["loss"])  # doctest: +SKIP
    2
    """
    recipe.compile(model, math.ceil(_count(rows) / recipe.batch_size) * recipe.epochs)
    state = Checkpoint(checkpoint)
    model.optimizer.build(model.trainable_variables)
    done = state.restore(model)
    if done >= recipe.epochs:
        return state.history
    epoch = tf.Variable(done, dtype=tf.int64, trainable=False)
    partners = pairs.candidates(model, rows[0] if isinstance(rows, tuple) else rows)
    batches = fit_streams.batches(rows, recipe.batch_size, _keys(seed, epoch), partners=partners)
    if augment:
        batches = augmented(batches, _keys(seed, epoch), augment)
    validation = fit_streams.batches(held_out, recipe.batch_size)
    if through:
        batches, validation = batches.map(through), validation.map(through)
    progress = Progress(label)
    try:
        model.fit(
            batches,
            epochs=recipe.epochs,
            initial_epoch=done,
            shuffle=False,
            verbose=0,
            validation_data=validation if _count(held_out) else None,
            callbacks=[
                EpochOrder(epoch),
                StopWhenDiverged(kept=checkpoint is not None),
                state,  # before the callbacks that report the end of the epoch
                progress,
                *callbacks,
            ],
        )
        state.keep(recipe.epochs)  # a callback may have stopped early and restored other weights
    finally:
        progress.stop()
    return state.history


def _keys(seed, epoch):
    """Returns a stream of the pair (seed, epoch), which determines the order of an epoch's rows."""
    return tf.data.Dataset.from_tensors(tf.constant(seed, tf.int64)).map(
        lambda first: tf.stack([first, epoch])
    )


def _count(rows):
    return len(rows[0] if isinstance(rows, tuple) else rows)
