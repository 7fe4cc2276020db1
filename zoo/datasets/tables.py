"""Features, and classes, from a table of numbers."""

import os.path
import reprlib
import urllib.parse
from pathlib import Path

import numpy as np

from zoo import containers
from zoo.datasets import table_files
from zoo.datasets.dataset import Dataset, Split, split_by_seed
from zoo.errors import MissingExtraError, UsageError, no_such

LARGEST = np.finfo(np.float32).max


def is_table(source) -> bool:
    """Returns whether it is a frame, as of pandas or polars, or the path of a table's file."""
    if isinstance(source, (str, Path)):
        path, _ = address(source)
        return path.suffix.lower() in table_files.SUFFIXES and os.path.isfile(path)
    return containers.is_frame(source)


def address(source) -> tuple[Path, dict[str, str]]:
    """Of `PATH?text=COLUMN&label=COLUMN` the path, and what names columns; of a path the path."""
    path, _, columns = str(source).partition("?")
    if not columns or os.path.exists(source):
        return Path(source).expanduser(), {}
    return Path(path).expanduser(), dict(urllib.parse.parse_qsl(columns, keep_blank_values=True))


def load(
    source, label: str | None = None, text: str | None = None, divide=split_by_seed
) -> Dataset | Split:
    """A table's columns as features, or one as texts; and one, if there is such, as labels.

    Args:
        source: what `is_table` accepts; a path may be an `address`. Every column holds finite
            numbers or booleans; in a text file, the first line holds the columns' names.
        label: the column of the classes: integers, booleans, or strings, which become integers in
            sorted order. By default the column named `label`, if there is one.
        text: the column of texts, strings; the others, but the label, are then ignored.
        divide: A function of a name and all rows, which returns what is to be returned.

    Returns:
        A `Dataset` of features, or of texts, a fifth of the rows, drawn by seed 0, for testing.

    Raises:
        UsageError: for what cannot be read, or used, by the name of the column and the first row,
            counted from 0.
        MissingExtraError: where pandas is not installed, or pyarrow for `.parquet`.
    """
    pandas = _pandas()
    if containers.is_frame(source):
        known = isinstance(source, pandas.DataFrame)
        frame, name = source if known else source.to_pandas(), "DataFrame"
    else:
        path, named = address(source)
        for use in named:
            if use not in ("label", "text"):
                raise no_such("use of a column", use, ["label", "text"])
        label, text = label or named.get("label"), text or named.get("text")
        told = {key: column for key, column in {"label": label, "text": text}.items() if column}
        name = f"{path}?{urllib.parse.urlencode(told)}" if told else str(path)
        frame = table_files.read(pandas, path)
    columns = list(frame.columns)
    containers.require_different(columns, name)
    if not len(frame):
        raise UsageError(f"{name} must have at least one row. Received: none.")
    if label is None and "label" in columns:
        label = "label"
    for asked in (label, text):
        if asked is not None and asked not in columns:
            raise no_such("column", asked, [str(column) for column in columns])
    if text is not None:
        labels, classes = (None, None) if label is None else _classes(pandas, frame[label], name)
        return divide(name, Split(_texts(frame[text], name), labels, class_names=classes))
    features = [column for column in columns if column != label]
    if not features:
        told = "none" if label is None else f"the labels alone, {label}"
        raise UsageError(f"{name} must have at least one column of numbers. Received: {told}.")
    frame = frame.infer_objects()
    inputs = np.stack([_numbers(pandas, frame[each], name) for each in features], axis=1)
    labels, classes = (None, None) if label is None else _classes(pandas, frame[label], name)
    names = containers.column_names(frame[features])
    return divide(name, Split(inputs, labels, column_names=names, class_names=classes))


def _pandas():
    try:
        import pandas
    except ImportError:
        raise MissingExtraError("pandas", "tabular") from None
    return pandas


def _numbers(pandas, column, table):
    """A column as float64, or the error that tells its first row that is no finite number."""
    _refuse_missing(column, table)
    types = pandas.api.types
    if not types.is_numeric_dtype(column) or types.is_complex_dtype(column):
        wrong = pandas.to_numeric(column.astype(str), errors="coerce").isna().to_numpy()
        raise _refusal(
            "numbers", column, wrong, table,
            "Turn the column into numbers, leave it out, or, if it holds the classes, name it "
            "by `label`.",
        )  # fmt: skip
    values = column.to_numpy(np.float64)
    wrong = ~(np.abs(values) <= LARGEST)
    if wrong.any():
        raise _refusal(
            "finite numbers of 32 bits", column, wrong, table, "Leave such rows out, or mend them."
        )
    return values


def _texts(column, table):
    """A column of strings as a list."""
    _refuse_missing(column, table)
    wrong = np.array([not isinstance(value, str) for value in column])
    if wrong.any():
        raise _refusal("texts", column, wrong, table, "Name another column as `text`.")
    return list(column)


def _classes(pandas, column, table):
    """Returns a column of classes as integers, and their names where they are strings, or None."""
    _refuse_missing(column, table)
    column = column.astype(object).infer_objects()  # what a categorical column stands for
    if all(isinstance(value, str) for value in column):
        names, labels = np.unique(column.to_numpy(str), return_inverse=True)
        return labels, tuple(names.tolist())
    if pandas.api.types.is_numeric_dtype(column):
        values = column.to_numpy()
        with np.errstate(invalid="ignore"):
            whole = values.astype(np.int64)
        wrong = whole != values
        if not wrong.any():
            return whole, None
    else:
        wrong = np.array([not isinstance(value, str) for value in column])
    raise _refusal(
        "integers or strings, one a class", column, wrong, table, "Give another column as `label`."
    )


def _refuse_missing(column, table):
    missing = column.isna().to_numpy()
    if missing.any():
        raise UsageError(
            f"Column {column.name!r} of {table} must hold a value in each row. Received: none in "
            f"row {missing.argmax()}. Leave such rows out, or fill them."
        )


def _refusal(what, column, wrong, table, advice):
    row = int(wrong.argmax())
    came = column.iloc[row]
    came = reprlib.repr(came.item() if isinstance(came, np.generic) else came)
    return UsageError(
        f"Column {column.name!r} of {table} must hold {what}. "
        f"Received: {came} in row {row}. {advice}"
    )
