"""Training as a run: a folder that records everything, survives a kill, and goes on."""

import dataclasses
import math
from collections.abc import Iterable
from pathlib import Path

import keras
import tensorflow as tf

from zoo import arrays, datasets, evaluation, figures, registry, runs, weights
from zoo.arguments import positive_integer
from zoo.callbacks import Checkpoint, EpochOrder, Progress, StopWhenDiverged
from zoo.errors import MissingExtraError, UsageError
from zoo.runs import Run


def train(
    variant: str,
    data="mnist_5k",
    *,
    seed: int = 0,
    epochs: int | None = None,
    batch_size: int | None = None,
    validation: float = 0.1,
    folder: str | Path | None = None,
    resume: bool = False,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    tensorboard: bool = False,
    **arguments,
) -> Run:
    """Builds a variant for the data, trains it by its recipe, evaluates it, and draws figures.

    The order of the images is a function of seed and epoch, and the end of each epoch is kept
    with every variable there is: killed and resumed, a run ends with the same weights.

    Args:
        variant: one of `zoo.names()`.
        data: whatever `zoo.datasets.load` accepts.
        seed: of Keras's, numpy's and Python's random numbers, from 0 to 2**31 - 1; this sets them.
        epochs, batch_size: instead of the recipe's.
        validation: the share of the training images held out, fixed by seed, for `val_loss`.
        folder: of the run; by default a new one, `runs/VARIANT-DATA-seedSEED`.
        resume: go on with the run in `folder`, if there is one.
        callbacks: Keras callbacks for `fit`. What they remember is theirs to keep over a resume.
        tensorboard: log to `folder/tensorboard` too.
        **arguments: of the variant; `input_shape` is the data's unless given.

    Raises:
        UsageError: for anything that is not accepted, before training starts.
        DivergedError: when the loss becomes NaN or infinite; the last epoch's end is kept.
    """
    entry, dataset = registry.entry(variant), datasets.load(data)
    if epochs is not None and (type(epochs) is not int or epochs < 0):
        raise UsageError(f"`epochs` must be an integer of at least 0. Received: epochs={epochs!r}.")
    if type(seed) is not int or not 0 <= seed < 2**31:
        raise UsageError(f"`seed` must be an integer in [0, 2**31). Received: seed={seed!r}.")
    if batch_size is not None:
        batch_size = positive_integer("batch_size", batch_size)
    given = {"epochs": epochs, "batch_size": batch_size}
    arguments = entry.arguments(entry.arguments_for(dataset) | arguments)
    recipe = entry.recipe_for(
        arguments, **{key: value for key, value in given.items() if value is not None}
    )
    config = {
        "variant": variant,
        "arguments": arguments,
        "data": {
            "name": dataset.name,
            "fingerprint": dataset.fingerprint,
            "licence": dataset.licence,
            "train_rows": len(dataset.train),
        },
        "seed": seed,
        "validation": validation,
        "recipe": dataclasses.asdict(recipe),
    }
    learn, held_out = dataset.hold_out(validation, seed)
    if tensorboard:
        _require_tensorboard()
    keras.utils.set_random_seed(seed)
    model = entry.build(**config["arguments"])
    arrays.check(learn.inputs, model.input_shape[1:], model.value_range)

    folder = Path(folder or runs.new_folder(variant, dataset.name, seed))
    runs.prepare(folder, config, resume)
    if runs.finished(folder):
        return Run.open(folder)
    if tensorboard:
        callbacks = [*callbacks, keras.callbacks.TensorBoard(folder / "tensorboard")]
    steps = math.ceil(len(learn) / recipe.batch_size)
    recipe.compile(model, steps * recipe.epochs)
    with runs.claimed(folder):
        history = _fit(model, recipe, learn.inputs, held_out.inputs, seed, folder, callbacks)
        _finish(folder, model, dataset, history)
    return Run.open(folder, model)


def _finish(folder, model, dataset, history):
    """The weights, and what they are worth; `metrics.json` says that all of it is there."""
    weights.save(folder / "weights.safetensors", model.weights)
    pca = evaluation.pca_of_equal_size(model, dataset)
    metrics = evaluation.evaluate(model, dataset, pca)
    figures.draw(model, dataset, pca, history, folder / "figures")
    runs.write(folder / "history.json", history)
    runs.write(folder / "metrics.json", metrics)
    (folder / "checkpoint.safetensors").unlink(missing_ok=True)


def _fit(model, recipe, images, held_out, seed, folder, callbacks):
    checkpoint = Checkpoint(folder / "checkpoint.safetensors")
    model.optimizer.build(model.trainable_variables)
    done = checkpoint.restore(model)
    if done == 0:
        model.adapt(images)
    epoch = tf.Variable(done, dtype=tf.int64, trainable=False)
    progress = Progress()
    try:
        if done < recipe.epochs:
            model.fit(
                _in_order(images, recipe.batch_size, seed, epoch),
                epochs=recipe.epochs,
                initial_epoch=done,
                shuffle=False,
                verbose=0,
                validation_data=held_out if len(held_out) else None,
                callbacks=[
                    EpochOrder(epoch),
                    StopWhenDiverged(),
                    checkpoint,  # before anything that tells of the epoch's end
                    progress,
                    *callbacks,
                ],
            )
    finally:
        progress.stop()
    return checkpoint.history


def _in_order(images, batch_size, seed, epoch):
    """Batches in an order that is a function of the seed and of the variable `epoch`."""
    whole = tf.constant(images)

    def shuffled(_):
        key = tf.stack([tf.constant(seed, tf.int64), epoch])
        rows = tf.random.experimental.stateless_shuffle(tf.range(len(images)), key)
        return tf.data.Dataset.from_tensor_slices(rows)

    rows = tf.data.Dataset.from_tensors(0).flat_map(shuffled).batch(batch_size)
    batches = rows.map(lambda rows: tf.gather(whole, rows)).prefetch(2)
    steps = math.ceil(len(images) / batch_size)
    return batches.apply(tf.data.experimental.assert_cardinality(steps))


def _require_tensorboard():
    try:
        import tensorboard  # noqa: F401, which Keras's callback imports only in `fit`
    except ImportError:
        raise MissingExtraError("TensorBoard", "tensorboard") from None
