"""The one training loop, Keras's `fit`, so that a kill costs an epoch and nothing else."""

import math
from collections.abc import Callable, Iterable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from zoo.callbacks import Checkpoint, EpochOrder, Progress, StopWhenDiverged
from zoo.recipe import Recipe


def fit(
    model,
    recipe: Recipe,
    inputs: np.ndarray,
    held_out: np.ndarray,
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
        model: an `AutoEncoder`.
        recipe: how it is trained.
        inputs, held_out: `(rows, ...)`, to learn from and for validation; the latter may be empty.
        seed: of the order.
        checkpoint: the file that keeps the state; None for none.
        through: what batches pass before they reach the model: a function of tensors.
        callbacks: further ones.
        label: what the progress is of.

    Returns:
        The history, from the first epoch on.
    """
    recipe.compile(model, math.ceil(len(inputs) / recipe.batch_size) * recipe.epochs)
    state = Checkpoint(checkpoint)
    model.optimizer.build(model.trainable_variables)
    done = state.restore(model)
    if done == 0 and not through:
        model.adapt(inputs)
    if done >= recipe.epochs:
        return state.history
    epoch = tf.Variable(done, dtype=tf.int64, trainable=False)
    batches = _in_order(inputs, recipe.batch_size, seed, epoch)
    validation = tf.data.Dataset.from_tensor_slices(held_out).batch(recipe.batch_size)
    if through:
        batches, validation = batches.map(through), validation.map(through)
    progress = Progress(label)
    try:
        model.fit(
            batches.prefetch(2),
            epochs=recipe.epochs,
            initial_epoch=done,
            shuffle=False,
            verbose=0,
            validation_data=validation if len(held_out) else None,
            callbacks=[
                EpochOrder(epoch),
                StopWhenDiverged(),
                state,  # before anything that tells of the epoch's end
                progress,
                *callbacks,
            ],
        )
    finally:
        progress.stop()
    return state.history


def _in_order(inputs, batch_size, seed, epoch):
    """Batches in an order that is a function of the seed and of the variable `epoch`."""
    whole = tf.constant(inputs)

    def shuffled(_):
        key = tf.stack([tf.constant(seed, tf.int64), epoch])
        rows = tf.random.experimental.stateless_shuffle(tf.range(len(inputs)), key)
        return tf.data.Dataset.from_tensor_slices(rows)

    rows = tf.data.Dataset.from_tensors(0).flat_map(shuffled).batch(batch_size)
    batches = rows.map(lambda rows: tf.gather(whole, rows))
    steps = math.ceil(len(inputs) / batch_size)
    return batches.apply(tf.data.experimental.assert_cardinality(steps))
