"""Normal rows in two: those a model learns from, and those that a threshold is found on."""

import dataclasses

from zoo import datasets
from zoo.datasets.dataset import Dataset
from zoo.errors import UsageError

HELD_OUT = 0.2


def one_class(data, label: int | str) -> Dataset:
    """The training rows of one class, of which a fifth, drawn by seed 0, are for the threshold.

    Args:
        data: whatever `zoo.datasets.load` accepts, with labels; its test rows are left alone.
        label: of the class, or its name, as for `Split.label_of`.

    Returns:
        A `Dataset` without labels, to train on and for `Detector.fit`.

    Raises:
        UsageError: if the training rows have no labels, or too few rows have this one.
    """
    data = datasets.load(data)
    data = dataclasses.replace(data, train=_of_class(data.train, label))
    learn, held_out = data.hold_out(HELD_OUT, seed=0)
    return Dataset(f"{data.name}, class {label}", learn, held_out, data.licence)


def rows_of_run(run, label: int | str | None = None) -> Dataset:
    """What a run learnt from, and the rows that it held out of the training for validation.

    Args:
        run: a finished `zoo.train` on data that a name stands for.
        label: of the only class that is normal, or its name; by default all rows are.

    Raises:
        UsageError: if the data are not the ones it learnt from any more, or none were held out.
    """
    config = run.config
    data = datasets.load(config["data"]["name"])
    if data.fingerprint != config["data"]["fingerprint"]:
        raise UsageError(
            f"{data.name} must hold the rows that the run in {run.folder} learnt from; it holds "
            "others now. Train the run again."
        )
    if "validation" not in config:
        raise UsageError(f"The run in {run.folder} is of a classifier, which reconstructs nothing.")
    splits = data.hold_out(config["validation"], config["seed"])
    if label is not None:
        splits = [_of_class(split, label) for split in splits]
    return Dataset(data.name, *splits, data.licence)


def _of_class(split, label):
    rows = split.labels == split.label_of(label)
    return dataclasses.replace(split.take(rows), labels=None, class_names=None)
