"""`zoo.finetune`: trains an encoder with a softmax layer on labelled rows."""

import dataclasses
import math
from collections.abc import Iterable
from pathlib import Path

import keras
import numpy as np

from zoo import datasets, runs
from zoo.autoencoder.classifier import RECIPE, classifier
from zoo.datasets.dataset import Dataset
from zoo.datasets.readers import preparation
from zoo.datasets.split import Split
from zoo.errors import UsageError
from zoo.inputs.arguments import check_seed, positive_integer
from zoo.recipes.recipe import Recipe
from zoo.runs import Run, rebuild
from zoo.storage import file_errors
from zoo.training import checkpoints, resumable_fit

MOST_CLASSES = 10_000
LEAST_STEPS = 2000  # the smallest number of training steps, however few labels there are


@file_errors.as_usage_errors()
def finetune(
    run: Run | str | Path,
    data=None,
    *,
    labels: int | None = None,
    seed: int = 0,
    epochs: int | None = None,
    batch_size: int | None = None,
    freeze: bool = False,
    folder: str | Path | None = None,
    resume: bool = False,
    callbacks: Iterable[keras.callbacks.Callback] = (),
) -> Run:
    """Trains a run's encoder with labels as a classifier, and measures it on the test split.

    Args:
        run: A finished `Run` of `zoo.train`, or its run directory. It is not changed.
        data: Anything that `zoo.datasets.load` accepts, with labels. Images of a folder without
            options of its own are prepared as those of the run. Defaults to None, the data that the
            run was trained on.
        labels: Integer. Number of labelled training rows to learn from, the same number of each
            class (see `balanced`), drawn by seed. Defaults to None, for all rows.
        seed: Integer. Seed of the draw, of the order, and of the random numbers of Keras, numpy and
            Python, which this function sets. Defaults to 0.
        epochs: Integer. Number of epochs, each a single pass over the rows. Defaults to None: 20
            epochs, each of which passes over the rows several times if there are so few that the
            training would have fewer than 2,000 steps.
        batch_size: Integer. Number of rows in a batch. Defaults to None, which is 100.
        freeze: Boolean. Whether to keep the encoder as it is and learn only the softmax layer.
            Defaults to False.
        folder: String or `Path`. The new run directory. Defaults to None, for a new one,
            `runs/VARIANT-classifier-DATA-seedSEED`.
        resume: Boolean. Whether to continue the run in `folder` if there is one; without `folder`,
            the newest run of that name. Defaults to False.
        callbacks: Iterable of Keras callbacks for `fit`. Defaults to `()`.

    Returns:
        The `Run` of the classifier. Column k of its probabilities is the class
        `config["class_names"][k]`: the labels in their order, or the names of the classes if they
        have any. `metrics` holds its `test_error`, a fraction, its `crossentropy` in nats,
        `test_rows` and `labelled_rows`.

    Raises:
        UsageError: If the data have no labels, if there are fewer rows of a class than requested,
            or if an argument is not accepted.
        DivergedError: If the loss becomes NaN or infinite; the checkpoint of the last epoch is
            kept.

    Example:

    >>> run = zoo.train("stacked_ae", "mnist_5k")  # doctest: +SKIP
    >>> zoo.finetune(run, labels=1000).metrics["test_error"]  # doctest: +SKIP
    """
    check_seed(seed)
    if isinstance(run, Run):  # its model may have been trained since
        encoder = rebuild.rebuild(run.config, run.folder / "weights.safetensors")
    else:
        run = Run.open(run)
        encoder = run.model
    if "classes" in run.config:
        raise UsageError(
            f"The run in {run.folder} is a classifier already: name the run that it started from."
        )
    data = run.config["data"]["name"] if data is None else data
    given = preparation.recorded(data, run.config)
    given |= {"kind": encoder.kind_of_arrays, "missing": encoder.missing}
    dataset = datasets.load(data, **given)
    fingerprint, dataset = dataset.fingerprint, dataset.map(encoder.prepared)
    for name, split in {"training": dataset.train, "test": dataset.test}.items():
        if split.labels is None:
            raise UsageError(f"{dataset.name} has no labels for its {name} rows.")
    dataset, class_names = counted(dataset)
    if len(class_names) > MOST_CLASSES:
        raise UsageError(
            f"There must be at most {MOST_CLASSES} classes. Received: {len(class_names)} different "
            "labels, which look like measurements or counts."
        )
    learn = dataset.train if labels is None else balanced(dataset.train, labels, seed)
    changes = {"epochs": epochs, "batch_size": batch_size}
    changes = {name: positive_integer(name, n) for name, n in changes.items() if n is not None}
    recipe = dataclasses.replace(RECIPE, **changes)
    config = {
        "variant": run.config["variant"],
        "arguments": run.config["arguments"],
        "classes": len(class_names),
        "class_names": class_names,
        "column_names": encoder.column_names or dataset.column_names,
        "data": {
            "name": dataset.name,
            "fingerprint": fingerprint,
            "licence": dataset.licence,
            "train_rows": len(learn),
        },
        "labels": labels,
        "freeze": freeze,
        "seed": seed,
        "encoder": str(run.folder),
        "recipe": dataclasses.asdict(recipe),
    }
    keras.utils.set_random_seed(seed)
    model = classifier(encoder, len(class_names), freeze=freeze)
    model.column_names = config["column_names"]

    folder = folder or runs.classifier_folder(run.config, dataset, seed, resume)
    folder = file_errors.as_path("folder", folder)
    runs.prepare(folder, config, resume)
    if runs.finished(folder):
        return Run.open(folder)
    checkpoint = folder / "checkpoint.safetensors"
    with runs.claimed(folder):
        history = fit(
            model, recipe, learn, seed, checkpoint=checkpoint, callbacks=callbacks,
            single_passes=epochs is not None,
        )  # fmt: skip
        runs.save_weights(folder, model)
        runs.write_part(folder, "history.json", history)
        metrics = evaluate(model, dataset.test) | {"labelled_rows": len(learn)}
        runs.write_part(folder, "metrics.json", metrics)
        checkpoints.delete(checkpoint)
    return Run.open(folder, model)


def fit(
    model, recipe: Recipe, learn: Split, seed: int, *, single_passes: bool = False, **kwargs
) -> dict:
    """Fits a classifier as `resumable_fit.fit` does, with several passes per epoch over few rows.

    Args:
        model: A `Classifier`.
        recipe: The `Recipe` that it is trained by.
        learn: `Split` of labelled rows.
        seed: Integer. Seed of the order.
        single_passes: Boolean. Whether every epoch is a single pass over the rows. Defaults to
            False, for at least 2,000 training steps in all.
        **kwargs: Further arguments of `resumable_fit.fit`: `checkpoint`, `callbacks` and `label`.

    Returns:
        The history, a dict from each metric to its values.

    Raises:
        DivergedError: If the loss or a weight becomes NaN or infinite.

    Example:

    >>> data = zoo.datasets.load("mnist_5k")
    >>> model = zoo.classifier(zoo.build("shallow_ae"), 10)
    >>> history = fit(model, RECIPE, data.train, seed=0)  # doctest: +SKIP
    """
    passes = math.ceil(LEAST_STEPS * recipe.batch_size / (recipe.epochs * len(learn)))
    learn = learn.take(np.tile(np.arange(len(learn)), 1 if single_passes else passes))
    empty = learn.take(slice(0))
    rows, held_out = ((split.inputs, split.labels) for split in (learn, empty))
    return resumable_fit.fit(model, recipe, rows, held_out, seed, **kwargs)


def counted(dataset: Dataset) -> tuple[Dataset, list[str]]:
    """Returns a dataset with labels renumbered to 0, 1, 2, ..., and the names of these classes.

    There is a class for each different label, however large the labels are.

    Args:
        dataset: `Dataset` with labels.

    Returns:
        A pair: the `Dataset`, and a list of strings.

    Example:

    >>> rows = np.zeros((10, 4), np.float32)
    >>> data, names = counted(zoo.datasets.load((rows, np.array([7, 1000] * 5))))
    >>> names
    ['7', '1000']
    """
    labels = np.union1d(dataset.train.labels, dataset.test.labels)
    class_names = dataset.class_names
    names = [class_names[label] if class_names else str(label) for label in labels]

    def renumbered(split):
        places = np.searchsorted(labels, split.labels)
        return dataclasses.replace(split, labels=places, class_names=tuple(names))

    return dataset.map(renumbered), names


def evaluate(model, split: Split) -> dict[str, float]:
    """Returns the error and the cross-entropy of a classifier on labelled rows.

    Args:
        model: A `Classifier`.
        split: `Split` of rows with labels 0, 1, 2, ...

    Returns:
        A dict: `test_error`, a fraction; `crossentropy`, in nats; and `test_rows`.

    Example:

    >>> model = zoo.classifier(zoo.build("shallow_ae", input_shape=(4,), latent_dim=2), 2)
    >>> split = Split(np.zeros((10, 4), np.float32), np.zeros(10, int))
    >>> evaluate(model, split)["test_rows"]
    10
    """
    probabilities = np.float64(model.classify(split.inputs))
    right = probabilities[np.arange(len(split)), split.labels]
    return {
        "test_error": float(np.mean(probabilities.argmax(axis=1) != split.labels)),
        "crossentropy": float(-np.mean(np.log(np.clip(right, 1e-12, None)))),
        "test_rows": len(split),
    }


def balanced(split: Split, count: int, seed: int) -> Split:
    """Returns labelled rows, the same number of each class, drawn by seed.

    If the number cannot be divided evenly, the first classes get one row more.

    Args:
        split: `Split` with labels.
        count: Integer. Number of rows.
        seed: Integer. Seed of the draw.

    Returns:
        A `Split` of `count` rows, in their original order.

    Raises:
        UsageError: If there are not enough rows of a class.

    Example:

    >>> split = Split(np.zeros((10, 4), np.float32), np.arange(10) % 2)
    >>> np.bincount(balanced(split, 5, seed=0).labels)
    array([3, 2])
    """
    count, classes = positive_integer("labels", count), np.unique(split.labels)
    quotas = [count // len(classes) + (n < count % len(classes)) for n in range(len(classes))]
    random, chosen = np.random.default_rng(seed), []
    for label, quota in zip(classes, quotas, strict=True):
        rows = np.flatnonzero(split.labels == label)
        if quota > len(rows):
            name = split.class_names[label] if split.class_names else label
            raise UsageError(
                "`labels` must not need more rows of a class than there are: class "
                f"{name} has {len(rows)} rows. Received: labels={count}, which needs {quota}."
            )
        chosen.append(random.permutation(rows)[:quota])
    return split.take(np.sort(np.concatenate(chosen)))
