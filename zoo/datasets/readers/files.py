"""Reads images, features, sequences or volumes from an `.npy` or `.npz` file."""

import os

import numpy as np

from zoo.datasets.dataset import Dataset, split_by_seed
from zoo.datasets.readers import memory, npz
from zoo.datasets.split import Split
from zoo.errors import CheckFailedError, UsageError
from zoo.inputs import kinds, numbers

SPLITS = ["x_train", "x_test", "y_train", "y_test"]


def load_arrays(
    path,
    divide=split_by_seed,
    kind: str | None = None,
    in_memory: bool | None = None,
    missing: str | None = "refuse",
) -> Dataset | Split:
    """Loads a file of arrays.

    The numbers are scaled as `scaled` in `zoo/inputs/numbers.py` does.

    Args:
        path: String or path. An `.npy` file of inputs; an `.npz` file with an array named after
            its kind, such as `images` or `sequences`, and `labels` if there are any; or an `.npz`
            file with `x_train` and `x_test`, and `y_train` and `y_test` if there are labels.
        divide: Callable. Takes a name and a `Split` of all rows, for a file without splits, and
            returns the result. Defaults to `split_by_seed`.
        kind: String. The kind of an array that is not named after it, as for `Split`. The name of
            the result then ends in `?kind=KIND`. Defaults to None, for that of its axes.
        in_memory: Boolean. False leaves the rows of an `.npy` file on disk. Defaults to None, which
            does so if they would take more than a quarter of the memory.
        missing: String. As for `Split`; the name of the result then records `"mask"`. Defaults to
            `"refuse"`.

    Returns:
        What `divide` returns, by default a `Dataset`. A file with `x_train` and `x_test` gives a
        `Dataset` of these splits.

    Raises:
        UsageError: If the file is not such a file, or is damaged.

    Example:

    >>> np.savez("data.npz", images=np.zeros((10, 8, 8, 1)), labels=np.arange(10))
    >>> load_arrays("data.npz")
    <zoo.datasets.Dataset data.npz: 8 training and 2 test images of (8, 8, 1)>
    """
    query = {"kind": kind, "missing": missing if missing == "mask" else None}
    query = "&".join(f"{key}={value}" for key, value in query.items() if value is not None)
    name = f"{path}?{query}" if query else str(path)
    # Bytes become floats of four bytes; a file of larger numbers shrinks.
    if str(path).endswith(".npy") and not memory.fits(os.path.getsize(path), in_memory):
        rows = _checked(npz.open_rows, path, kind)
        return divide(name, Split(rows, kind=kind, missing=missing))
    names, members = _checked(npz.read, path, lambda names: [*_kinds(names)[:1], "labels", *SPLITS])
    if names is None:
        (inputs,) = numbers.scaled(members, kind=kind)
        return divide(name, Split(inputs, kind=kind, missing=missing))
    if _kinds(members):
        (held,) = _kinds(members)
        # An array that is named after images may hold features: its axes show it.
        held = kind or kinds.to_name(kinds.KINDS[held])
        (inputs,) = numbers.scaled(members[_kinds(members)[0]], kind=held)
        return divide(name, Split(inputs, members.get("labels"), kind=held, missing=missing))
    if {"x_train", "x_test"} <= set(members):
        inputs = numbers.scaled(members["x_train"], members["x_test"], kind=kind)
        labels = (members.get("y_train"), members.get("y_test"))
        pairs = zip(inputs, labels, strict=True)
        return Dataset(name, *(Split(*pair, kind=kind, missing=missing) for pair in pairs))
    raise UsageError(
        f"An .npz must hold {' or '.join(kinds.OF_NUMBERS)} (and labels), or x_train and x_test "
        f"(and y_train, y_test). Received: {', '.join(names) or 'nothing'} in {path}."
    )


def _kinds(names):
    """Returns those names that are of kinds of data."""
    return [name for name in kinds.OF_NUMBERS if name in names]


def read_rows(path, kind: str | None = None) -> np.ndarray:
    """Returns all rows of an `.npy` file, or of the `images` of an `.npz` file, in order.

    Args:
        path: String or path of the file. The array in an `.npz` file has the name of its kind.
        kind: String. The kind of the array in an `.npy` file, as for `Split`. Defaults to None, for
            that of its axes.

    Returns:
        Float32 array, such as images in [0, 1] of shape `(rows, height, width, channels)`, or
        features of shape `(rows, columns)`.

    Raises:
        UsageError: If the file does not hold such an array, or is damaged.

    Example:

    >>> np.save("rows.npy", np.full((3, 8, 8, 1), 255, "uint8"))
    >>> read_rows("rows.npy").shape
    (3, 8, 8, 1)
    """
    names, members = _checked(npz.read, path, lambda names: _kinds(names)[:1])
    if names is not None:
        if not members:
            raise UsageError(
                f"An .npz must hold {' or '.join(kinds.OF_NUMBERS)}. Received: "
                f"{', '.join(names) or 'nothing'} in {path}."
            )
        ((held, members),) = members.items()
        kind = kind or kinds.to_name(kinds.KINDS[held])
    return Split(*numbers.scaled(members, kind=kind), kind=kind).inputs


def _checked(read, path, *arguments):
    """Returns the result of a reader, with a `UsageError` for anything wrong with the file."""
    try:
        return read(path, *arguments)
    except CheckFailedError as error:
        raise UsageError(
            f"A data file must be a whole .npy or .npz of numbers, or a table: .csv, .tsv or "
            f".parquet (images are read from their folder). Received: {error}"
        ) from None
