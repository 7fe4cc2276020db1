"""Splits normal rows into those that a model learns from and those that a threshold is found on."""

import dataclasses

from zoo import datasets
from zoo.datasets.dataset import Dataset
from zoo.errors import UsageError

HELD_OUT = 0.2


def one_class(data, label: int | str) -> Dataset:
    """Returns the training rows of one class, with a fifth of them held out for the threshold.

    Args:
        data: Anything that `zoo.datasets.load` accepts, with labels. Its test rows are not used.
        label: Integer or string. The label of the class, or its name, as for `Split.label_of`.

    Returns:
        A `Dataset` without labels, to train on and to pass to `Detector.fit`. Its test split is the
        held-out fifth, drawn with seed 0.

    Raises:
        UsageError: If the training rows have no labels, or too few rows have this one.

    Example:

    >>> rows = np.random.default_rng(0).random((100, 4), np.float32)
    >>> len(one_class((rows, np.arange(100) % 2), label=0).train)
    32
    """
    data = datasets.load(data)
    data = dataclasses.replace(data, train=_of_class(data.train, label))
    learn, held_out = data.hold_out(HELD_OUT, seed=0)
    return Dataset(f"{data.name}, class {label}", learn, held_out, data.licence)


def rows_of_run(run, label: int | str | None = None) -> Dataset:
    """Returns the rows that a run learned from, and those that it held out for validation.

    Args:
        run: A finished `Run` of `zoo.train`, on data that can be loaded again by name.
        label: Integer or string. The label of the only class that is normal, or its name. Defaults
            to None, which takes all rows as normal.

    Returns:
        A `Dataset`: its training split is what the run learned from, and its test split the rows
        that were held out.

    Raises:
        UsageError: If the data are no longer those that the run learned from, if the run is one of
            a classifier, or if no rows were held out.

    Example:

    >>> run = zoo.train("shallow_ae", "mnist_5k", epochs=1)  # doctest: +SKIP
    >>> len(rows_of_run(run).test)  # doctest: +SKIP
    400
    """
    config = run.config
    data = datasets.load(config["data"]["name"])
    if data.fingerprint != config["data"]["fingerprint"]:
        raise UsageError(
            f"{data.name} must hold the rows that the run in {run.folder} learnt from; it holds "
            "others now. Train the run again."
        )
    if "classes" in config:
        raise UsageError(f"The run in {run.folder} is of a classifier, which reconstructs nothing.")
    splits = data.hold_out(config["validation_split"], config["seed"])
    if label is not None:
        splits = [_of_class(split, label) for split in splits]
    return Dataset(data.name, *splits, data.licence)


def _of_class(split, label):
    rows = split.labels == split.label_of(label)
    return dataclasses.replace(split.take(rows), labels=None, class_names=None)
