"""Trains a variant as a run: a directory that records everything and can be resumed."""

import dataclasses
import gc
import sys
from collections.abc import Iterable
from pathlib import Path

import keras

from zoo import datasets, evaluation, registry, runs
from zoo.errors import UsageError
from zoo.inputs import kinds
from zoo.inputs.arguments import check_seed
from zoo.runs import Run
from zoo.storage import file_errors
from zoo.training import checkpoints, figures, resumable_fit, warm_start
from zoo.training.augment import checked
from zoo.training.pretrain import run_stages
from zoo.training.settings import settings


@file_errors.as_usage_errors()
def train(
    variant: str,
    data="mnist_5k",
    *,
    seed: int = 0,
    validation_split: float = 0.1,
    start_from: Run | str | Path | None = None,
    augment: dict | None = None,
    folder: str | Path | None = None,
    resume: bool = False,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    tensorboard: bool = False,
    **changes,
) -> Run:
    """Builds a variant for the data, trains it by its recipe, evaluates it, and draws figures.

    The order of the rows is a function of seed and epoch, and a checkpoint with every variable is
    written at the end of each epoch: a run that is killed and resumed ends with the same weights.

    Args:
        variant: String. One of `zoo.names()`.
        data: Anything that `zoo.datasets.load` accepts. Defaults to `"mnist_5k"`.
        seed: Integer from 0 to 2**31 - 1. Seed of the random numbers of Keras, numpy and Python,
            which this function sets. Defaults to 0.
        validation_split: Float in [0, 1). Fraction of the training rows that are held out, drawn
            by seed, for `val_loss`. Defaults to 0.1.
        start_from: A finished `Run` or its run directory, or `"weights:VARIANT/NAME"` for weights
            that ship. Weights of the same name and shape are taken from it, and its arguments are
            the defaults if it is of the same variant. What its layers learned of its data, such as
            a scale or a vocabulary, is kept; optimizer and random numbers start new. Defaults to
            None, for random weights.
        augment: Dict of random changes of the training images, drawn anew in each epoch by seed,
            with Keras's layers: `"flip"`, `"horizontal"`, `"vertical"` or
            `"horizontal_and_vertical"`; `"crop"`, which cuts this fraction of the height and width
            away, at a random place, and brings the rest to the size of the image; `"shift"`, down
            and across, by up to this fraction of the height and width; `"rotation"`, by up to this
            fraction of a full turn to either side; and `"zoom"`, in and out by up to this fraction.
            Pixels from outside of the image are its reflection. The target is the changed image;
            held-out and test images are not changed. Defaults to None, for no changes.
        folder: String or `Path`. The run directory. Defaults to None, for a new one,
            `runs/VARIANT-DATA-seedSEED`.
        resume: Boolean. Whether to continue the run in `folder` if there is one; without `folder`,
            the newest run of that name. Defaults to False.
        callbacks: Iterable of Keras callbacks for `fit`. Their own state is not kept when a run is
            resumed. Defaults to `()`.
        tensorboard: Boolean. Whether to log to `folder/tensorboard` too. Defaults to False.
        **changes: Arguments of the variant, of which `input_shape` defaults to the shape of the
            data, and fields of the `Recipe`, such as `epochs`, `learning_rate` or `optimizer`,
            which override those of the variant's recipe.

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
    augment = checked(augment)
    check_seed(seed)
    entry = registry.entry(variant)
    missing = entry.missing(changes)
    dataset = datasets.load(data, kind=entry.kind_of_arrays, missing=missing)
    if augment and dataset.kind != kinds.IMAGES.name:
        raise UsageError(
            f"`augment` changes images. Received: augment={augment!r} for {dataset.kind}."
        )
    start = None if start_from is None else warm_start.opened(start_from)
    if start:
        dataset = start.ordered(dataset)
        changes = start.settings(variant, dataset, changes)
    recipe, arguments = settings(variant, **entry.arguments_for(dataset) | changes)
    if changes.get("pretrain_epochs") and recipe.pretrain == "none":
        raise UsageError(
            "`pretrain_epochs` is for layers that are learned one by one, for which `pretrain` "
            f"names a method. Received: pretrain_epochs={recipe.pretrain_epochs}, pretrain='none'."
        )
    if start and recipe.epochs == 0:
        raise UsageError(
            f"`start_from` is for a training of at least one epoch; {variant} is solved in closed "
            "form. Received: epochs=0."
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
        "from": None,
        "augment": augment,
    }
    learn, held_out = dataset.hold_out(validation_split, seed)
    if tensorboard:
        _require_tensorboard()
    keras.utils.set_random_seed(seed)
    model = recipe.compile(entry.build(**arguments))
    config["recipe"] = dataclasses.asdict(_used(recipe, model, changes))
    kept = ()
    if start:
        config["from"] = start.give(model)
        kept = warm_start.kept_layers(model, config["from"]["taken"])
        _show_new(start, config["from"]["new"])
    if not learn.holds_texts:  # which cannot be checked before there is a vocabulary
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
        model.adapt(learn, keep=kept)
        rows = model.prepared(learn).inputs, model.prepared(held_out).inputs
        stages = []
        if recipe.pretrain != "none":
            stages = run_stages(
                model, *rows, recipe.pretrain, recipe.pretrain_epochs, seed, folder, callbacks,
                augment,
            )  # fmt: skip
        history = resumable_fit.fit(
            model, recipe, *rows, seed, checkpoint, callbacks=callbacks, augment=augment
        )
        del learn, held_out, rows
        gc.collect()  # the feed's graph is a reference cycle that holds the rows
        _finish(folder, model, dataset, history, stages)
    return Run.open(folder, model)


def _used(recipe, model, changes):
    """Returns the recipe that a model is trained by, unless it has not the loss that was named."""
    used = recipe.used_for(model)
    if changes.get("loss") is not None and model.column_loss is not None:
        raise UsageError(
            "`loss` must not be set where columns hold categories: their loss is the "
            "cross-entropy, and that of numbers the squared error. Received: "
            f"loss={recipe.loss!r}."
        )
    if changes.get("loss") not in (None, used.loss):
        raise UsageError(
            f"`loss` must not be a cross-entropy where features are standardised, as they are no "
            f"probabilities: use {used.loss}. Received: loss={recipe.loss!r}."
        )
    return used


def _show_new(start, new):
    if new:
        _show(f"zoo: {start.name} has no weights of the name and shape of {', '.join(new)}: "
              "these start new.")  # fmt: skip


def _finish(folder, model, dataset, history, stages):
    """Writes weights, figures and metrics; `metrics.json` comes last and marks the run finished."""
    dataset = dataset.sample().map(model.prepared)
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
