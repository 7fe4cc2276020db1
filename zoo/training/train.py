"""Trains a variant as a run: a directory that records everything and can be resumed."""

import dataclasses
import gc
import sys
from collections.abc import Iterable
from pathlib import Path

import keras

from zoo import datasets, evaluation, registry, runs
from zoo.errors import UsageError, no_such
from zoo.inputs import kinds
from zoo.inputs.arguments import check_seed, positive_integer
from zoo.runs import Run
from zoo.storage import file_errors
from zoo.training import checkpoints, figures, resumable_fit
from zoo.training.pretrain import METHODS, run_stages


@file_errors.as_usage_errors()
def train(
    variant: str,
    data="mnist_5k",
    *,
    seed: int = 0,
    epochs: int | None = None,
    batch_size: int | None = None,
    pretrain: str | None = None,
    pretrain_epochs: int | None = None,
    validation_split: float = 0.1,
    folder: str | Path | None = None,
    resume: bool = False,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    tensorboard: bool = False,
    **arguments,
) -> Run:
    """Builds a variant for the data, trains it by its recipe, evaluates it, and draws figures.

    The order of the rows is a function of seed and epoch, and a checkpoint with every variable is
    written at the end of each epoch: a run that is killed and resumed ends with the same weights.

    Args:
        variant: String. One of `zoo.names()`.
        data: Anything that `zoo.datasets.load` accepts. Defaults to `"mnist_5k"`.
        seed: Integer from 0 to 2**31 - 1. Seed of the random numbers of Keras, numpy and Python,
            which this function sets. Defaults to 0.
        epochs: Integer. Number of epochs. Defaults to None, the recipe's number.
        batch_size: Integer. Number of rows in a batch. Defaults to None, the recipe's size.
        pretrain: String. Method by which the layers are first learned one by one: `"rbm"`,
            `"autoencoder"`, `"denoising"`, `"contractive"` or `"none"`; see `zoo.pretrain`.
            Defaults to None, the recipe's method.
        pretrain_epochs: Integer. Number of epochs for each layer. Defaults to None, the recipe's
            number.
        validation_split: Float in [0, 1). Fraction of the training rows that are held out, drawn
            by seed, for `val_loss`. Defaults to 0.1.
        folder: String or `Path`. The run directory. Defaults to None, for a new one,
            `runs/VARIANT-DATA-seedSEED`.
        resume: Boolean. Whether to continue the run in `folder` if there is one; without `folder`,
            the newest run of that name. Defaults to False.
        callbacks: Iterable of Keras callbacks for `fit`. Their own state is not kept when a run is
            resumed. Defaults to `()`.
        tensorboard: Boolean. Whether to log to `folder/tensorboard` too. Defaults to False.
        **arguments: Arguments of the variant. `input_shape` defaults to the shape of the data.

    Returns:
        A `Run`.

    Raises:
        UsageError: If an argument is not accepted, before training starts.
        DivergedError: If the loss becomes NaN or infinite; the checkpoint of the last epoch is
            kept.
        MissingExtraError: If `tensorboard` is True and TensorBoard is not installed.

    Example:

    >>> run = zoo.train("shallow_ae", "mnist_5k", epochs=1)  # doctest: +SKIP
    >>> run.folder, run.metrics["psnr"]  # doctest: +SKIP
    """
    entry = registry.entry(variant)
    dataset = datasets.load(data, kind=entry.kind_of_arrays)
    if epochs is not None and (type(epochs) is not int or epochs < 0):
        raise UsageError(f"`epochs` must be an integer of at least 0. Received: epochs={epochs!r}.")
    check_seed(seed)
    if pretrain not in (None, "none", *METHODS):
        raise no_such("method of pre-training", pretrain, ["none", *METHODS])
    counts = {"batch_size": batch_size, "pretrain_epochs": pretrain_epochs}
    changes = counts | {"epochs": epochs, "pretrain": pretrain}
    changes = {key: value for key, value in changes.items() if value is not None}
    for key in counts:
        if key in changes:
            changes[key] = positive_integer(key, changes[key])
    arguments = entry.arguments(entry.arguments_for(dataset) | arguments)
    recipe = entry.recipe_for(arguments, **changes)
    if pretrain_epochs and recipe.pretrain == "none":
        raise UsageError(
            "`pretrain_epochs` is for layers that are learned one by one, for which `pretrain` "
            f"names a method. Received: pretrain_epochs={pretrain_epochs}, pretrain='none'."
        )
    config = {
        "variant": variant,
        "arguments": arguments,
        "column_names": dataset.column_names,
        "data": {
            "name": dataset.name,
            "fingerprint": dataset.fingerprint,
            "licence": dataset.licence,
            "train_rows": len(dataset.train),
        },
        "seed": seed,
        "validation_split": validation_split,
    }
    learn, held_out = dataset.hold_out(validation_split, seed)
    if tensorboard:
        _require_tensorboard()
    keras.utils.set_random_seed(seed)
    model = entry.build(**config["arguments"])
    config["recipe"] = dataclasses.asdict(recipe.used_for(model))
    if dataset.kind != kinds.DOCUMENTS.name:  # texts cannot be checked before there is a vocabulary
        learn = model.prepared(learn)

    folder = folder or runs.default_folder(variant, dataset.name, seed, resume)
    folder = file_errors.as_path("folder", folder)
    runs.prepare(folder, config, resume)
    if runs.finished(folder):
        return Run.open(folder)
    if tensorboard:
        callbacks = [*callbacks, keras.callbacks.TensorBoard(folder / "tensorboard")]
    checkpoint = folder / "checkpoint.safetensors"
    with runs.claimed(folder):
        model.adapt(learn)
        rows = model.prepared(learn).inputs, model.prepared(held_out).inputs
        stages = []
        if recipe.pretrain != "none":
            stages = run_stages(
                model, *rows, recipe.pretrain, recipe.pretrain_epochs, seed, folder, callbacks
            )
        history = resumable_fit.fit(model, recipe, *rows, seed, checkpoint, callbacks=callbacks)
        del learn, held_out, rows
        gc.collect()  # the feed's graph is a reference cycle that holds the rows
        _finish(folder, model, dataset, history, stages)
    return Run.open(folder, model)


def _finish(folder, model, dataset, history, stages):
    """Writes weights, figures and metrics; `metrics.json` comes last and marks the run finished."""
    dataset = dataset.map(model.prepared)
    runs.save_weights(folder, model)
    _show(f"fitting a PCA of the same size to {len(dataset.train)} training rows")
    pca = evaluation.pca_of_equal_size(model, dataset)
    _show(f"evaluating on {len(dataset.test)} test rows")
    metrics = evaluation.evaluate(model, dataset, pca)
    _show("drawing figures")
    figures.draw(model, dataset, pca, history, folder / runs.FIGURES)
    runs.write_part(folder, "history.json", history)
    if stages:
        figures.draw_stages(stages, folder / runs.FIGURES)
        runs.write(folder / "stages.json", stages)
    runs.write_part(folder, "metrics.json", metrics)
    checkpoints.delete(folder / "checkpoint.safetensors")
    for number in range(1, len(stages) + 1):
        checkpoints.delete(folder / f"stage_{number}.safetensors")


def _show(step):
    """Prints to stderr what is being done after the last epoch."""
    print(step, file=sys.stderr, flush=True)


def _require_tensorboard():
    import tensorboard  # noqa: F401, because Keras's callback imports it only in `fit`
