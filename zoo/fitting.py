"""The one training loop, Keras's `fit`, so that a kill costs an epoch and nothing else."""

import math
from collections.abc import Callable, Iterable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from zoo import feeds
from zoo.callbacks import EpochOrder, Progress, StopWhenDiverged
from zoo.checkpoints import Checkpoint
from zoo.recipe import Recipe


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
) -> dict[str, list[float]]:
    """Compiles a model by its recipe and fits it, from the checkpoint on where there is one.

    The order of the rows is a function of seed and epoch, and the end of each epoch is kept with
    every variable there is: stopped and called again, the model ends with the same weights.

    Args:
        model: an `AutoEncoder`, adapted, or a `Classifier`.
        recipe: how it is trained.
        rows, held_out: to learn from and for validation: inputs, `(rows, ...)`, or a pair of them
            and labels; the latter may be empty.
        seed: of the order.
        checkpoint: the path of the files that keep the state, as of `Checkpoint`; None for none.
        through: what batches pass before they reach the model: a function of tensors.
        callbacks: further ones.
        label: what the progress is of.

    Returns:
        The history, from the first epoch on.
    """
    recipe.compile(model, math.ceil(_count(rows) / recipe.batch_size) * recipe.epochs)
    state = Checkpoint(checkpoint)
    model.optimizer.build(model.trainable_variables)
    done = state.restore(model)
    if done >= recipe.epochs:
        return state.history
    epoch = tf.Variable(done, dtype=tf.int64, trainable=False)
    batches = feeds.batches(rows, recipe.batch_size, _keys(seed, epoch))
    validation = feeds.batches(held_out, recipe.batch_size)
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
                state,  # before anything that tells of the epoch's end
                progress,
                *callbacks,
            ],
        )
        state.keep(recipe.epochs)  # a callback may have stopped it before, and chosen other weights
    finally:
        progress.stop()
    return state.history


def _keys(seed, epoch):
    """What the order of an epoch's rows is a function of."""
    return tf.data.Dataset.from_tensors(tf.constant(seed, tf.int64)).map(
        lambda first: tf.stack([first, epoch])
    )


def _count(rows):
    return len(rows[0] if isinstance(rows, tuple) else rows)
