"""`zoo.finetune`: a trained encoder, a softmax layer, and as many labels as there are."""

import dataclasses
import math
from collections.abc import Iterable
from pathlib import Path

import keras
import numpy as np

from zoo import checkpoints, classifiers, datasets, file_errors, fitting, runs, weights
from zoo.arguments import check_seed, positive_integer
from zoo.classifiers import classifier
from zoo.datasets.dataset import Dataset, Split
from zoo.errors import UsageError
from zoo.recipe import Recipe
from zoo.runs import Run

MOST_CLASSES = 10_000
LEAST_STEPS = 2000  # of a training, however few labels there are


@file_errors.told()
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
    """Trains a run's encoder on with labels, and measures the classifier on the test split.

    Args:
        run: a finished `zoo.train`, or its folder; it is not changed.
        data: whatever `zoo.datasets.load` accepts, with labels; by default what it was trained on.
        labels: learn from so many labelled training rows, of each class as many as of another,
            drawn by seed; by default from all.
        seed: of the draw, of the order, and of Keras's, numpy's and Python's random numbers.
        epochs: by default 20, in each of which the rows are gone through once; or several times,
            if they are so few that there would be less than 2,000 steps in all. A given
            number is of single passes.
        batch_size: rows a step; by default 100.
        freeze: keep the encoder as it is, and learn the softmax layer alone.
        folder: of the new run; by default a new one, `runs/VARIANT-classifier-DATA-seedSEED`.
        resume: go on with the run in `folder`, if there is one; without `folder`, with the
            newest of that name.
        callbacks: Keras callbacks for `fit`.

    Returns:
        The `Run` of the classifier, whose column k is the class `config["class_names"][k]`: the
        labels there are, in their order, by their names if they have any. `metrics` are its
        `test_error`, a share, its `crossentropy` in nats, `test_rows` and `labelled_rows`.

    Raises:
        UsageError: for data without labels, more labels than there are, or anything else that is
            not accepted.
        DivergedError: when the loss becomes NaN or infinite; the last epoch's end is kept.
    """
    run = run if isinstance(run, Run) else Run.open(run)
    if "classes" in run.config:
        raise UsageError(f"The run in {run.folder} is a classifier already: name the run before.")
    check_seed(seed)
    encoder = weights.rebuild(run.config, run.folder / "weights.safetensors")
    dataset = datasets.load(run.config["data"]["name"] if data is None else data)
    fingerprint, dataset = dataset.fingerprint, dataset.map(encoder.prepared)
    for name, split in {"training": dataset.train, "test": dataset.test}.items():
        if split.labels is None:
            raise UsageError(f"{dataset.name} has no labels of its {name} rows to learn from.")
    dataset, class_names = counted(dataset)
    if len(class_names) > MOST_CLASSES:
        raise UsageError(
            f"labels must be of at most {MOST_CLASSES} classes. Received: {len(class_names)} "
            "different ones, as of numbers that measure or count."
        )
    learn = dataset.train if labels is None else balanced(dataset.train, labels, seed)
    given = {"epochs": epochs, "batch_size": batch_size}
    given = {name: positive_integer(name, n) for name, n in given.items() if n is not None}
    recipe = dataclasses.replace(classifiers.RECIPE, **given)
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

    named = runs.default_folder(f"{model.variant}-classifier", dataset.name, seed, resume)
    folder = Path(folder or named)
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
    model, recipe: Recipe, learn: Split, seed: int, *, single_passes: bool = False, **kept
) -> dict:
    """`fitting.fit` of a classifier; in an epoch few rows are gone through several times."""
    least = math.ceil(LEAST_STEPS * recipe.batch_size / (recipe.epochs * len(learn)))
    learn = learn.take(np.tile(np.arange(len(learn)), 1 if single_passes else least))
    none = learn.take(slice(0))
    rows, held_out = ((each.inputs, each.labels) for each in (learn, none))
    return fitting.fit(model, recipe, rows, held_out, seed, **kept)


def counted(dataset: Dataset) -> tuple[Dataset, list[str]]:
    """Returns a data set whose labels are 0, 1, 2, ..., and the names of these classes.

    However large labels are, there are as many classes as there are different ones.
    """
    labels = np.union1d(dataset.train.labels, dataset.test.labels)
    given = dataset.class_names
    names = [given[label] if given else str(label) for label in labels]

    def renumbered(split):
        places = np.searchsorted(labels, split.labels)
        return dataclasses.replace(split, labels=places, class_names=tuple(names))

    return dataset.map(renumbered), names


def evaluate(model, split: Split) -> dict[str, float]:
    """A classifier's `test_error`, a share, and `crossentropy`, in nats, on labelled rows."""
    probabilities = np.float64(model.classify(split.inputs))
    right = probabilities[np.arange(len(split)), split.labels]
    return {
        "test_error": float(np.mean(probabilities.argmax(axis=1) != split.labels)),
        "crossentropy": float(-np.mean(np.log(np.clip(right, 1e-12, None)))),
        "test_rows": len(split),
    }


def balanced(split: Split, count: int, seed: int) -> Split:
    """So many rows of a labelled split, of each class as many as of any other, drawn by seed.

    What is left over by the division goes to the first classes.

    Raises:
        UsageError: if there are not so many rows of each class.
    """
    count, classes = positive_integer("labels", count), np.unique(split.labels)
    shares = [count // len(classes) + (n < count % len(classes)) for n in range(len(classes))]
    random, chosen = np.random.default_rng(seed), []
    for label, share in zip(classes, shares, strict=True):
        rows = np.flatnonzero(split.labels == label)
        if share > len(rows):
            name = split.class_names[label] if split.class_names else label
            raise UsageError(
                f"`labels` must be at most what each class has its share of: class {name} has "
                f"{len(rows)} rows. Received: labels={count}, which asks for {share} of it."
            )
        chosen.append(random.permutation(rows)[:share])
    return split.take(np.sort(np.concatenate(chosen)))
