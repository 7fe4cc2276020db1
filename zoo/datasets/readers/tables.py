"""Reads features, texts and classes from a table."""

import os.path
import reprlib
import urllib.parse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from zoo.datasets.dataset import Dataset, split_by_seed
from zoo.datasets.readers import coding, table_files
from zoo.datasets.readers.addresses import address
from zoo.datasets.split import Split
from zoo.errors import UsageError, no_such
from zoo.inputs import containers
from zoo.inputs.categories import categories_of, codes
from zoo.inputs.columns import Columns
from zoo.inputs.numbers import offset_of
from zoo.inputs.offsets import centred

LARGEST = np.finfo(np.float32).max
OPTIONS = (  # of an address
    "label", "text", "id", "time", "window", "stride", "steps", "missing", "categories",
    "encoding",
)  # fmt: skip


def is_table(source) -> bool:
    """Returns whether a source is a DataFrame of pandas or polars, or the path of a table file.

    Args:
        source: Any object. A string may be an address as `address` reads it.

    Returns:
        Boolean. True for a `.csv`, `.tsv` or `.parquet` file only if the file exists.

    Example:

    >>> is_table(np.zeros((3, 2))), is_table("missing.csv")
    (False, False)
    """
    if isinstance(source, (str, Path)):
        path, _ = address(source)
        return path.suffix.lower() in table_files.SUFFIXES and os.path.isfile(path)
    return containers.is_frame(source)


def load(
    source,
    label: str | None = None,
    text: str | None = None,
    divide=split_by_seed,
    missing: str | None = "refuse",
    categories: Sequence[str] | None = None,
    encoding: str | None = None,
) -> Dataset | Split:
    """Loads a table's columns as features, or one column as texts, with labels if there are any.

    Args:
        source: DataFrame, or path or `address` of a table file; see `is_table`. A column of
            features holds finite numbers, dates, or categories: texts, booleans, or what pandas
            calls a category. The first line of a text file holds the columns' names.
        label: String. The column of the classes: integers, booleans, or strings, which become
            integers in sorted order. Defaults to the column named `label`, if there is one.
        text: String. The column of texts, which are strings. All other columns except the label are
            then ignored. Defaults to None, for a table of features.
        divide: Callable. Takes a name and a `Split` of all rows, and returns the result. Defaults
            to `split_by_seed`.
        missing: String. `"mask"` reads empty cells of features as missing cells, NaN; `"refuse"`,
            or None, refuses them. Defaults to `"refuse"`.
        categories: Sequence of strings. Further columns that hold categories, such as numbers that
            count nothing. Defaults to None, for none.
        encoding: String. As for `opened`. Defaults to None.

    Returns:
        What `divide` returns; by default a `Dataset` of features or texts, with a fifth of the
        rows, drawn with seed 0, as test split.

    Raises:
        UsageError: If the table or a column cannot be read or used. The message names the column
            and the first such row, counted from 0.
        MissingExtraError: If pandas is not installed, or pyarrow for `.parquet`.

    Example:

    >>> import pandas
    >>> frame = pandas.DataFrame({"length": [1.0, 2.0, 3.0], "label": ["cat", "dog", "cat"]})
    >>> data = load(frame)
    >>> data
    <zoo.datasets.Dataset DataFrame: 2 training and 1 test features of (1,)>
    >>> data.class_names
    ('cat', 'dog')
    """
    import pandas

    frame, path, named = opened(source, encoding)
    label, text = label or named.get("label"), text or named.get("text")
    missing = named.get("missing", missing)
    columns = list(frame.columns)
    categories = coding.named(categories or named.get("categories", ()), columns)
    query = {
        "label": label,
        "text": text,
        "missing": missing if missing == "mask" else None,
        "categories": ",".join(map(str, categories)),
        "encoding": encoding or named.get("encoding"),
    }
    query = {key: column for key, column in query.items() if column}
    name = str(path) if path else "DataFrame"
    name = f"{path}?{urllib.parse.urlencode(query)}" if path and query else name
    if label is None and "label" in columns:
        label = "label"
    for wanted in (label, text):
        if wanted is not None and wanted not in columns:
            raise no_such("column", wanted, [str(column) for column in columns])
    if text is not None:
        labels, names = (None, None) if label is None else classes(pandas, frame[label], name)
        return divide(name, Split(_texts(frame[text], name), labels, class_names=names))
    features = [column for column in columns if column != label]
    if not features:
        received = "none" if label is None else f"the labels alone, {label}"
        raise UsageError(f"{name} must have at least one column of numbers. Received: {received}.")
    frame = frame.infer_objects()
    entries, values = zip(
        *(
            _coded(pandas, frame[column], column in categories, name, missing)
            for column in features
        ),
        strict=True,
    )
    labels, names = (None, None) if label is None else classes(pandas, frame[label], name)
    facts = {"column_names": containers.column_names(frame[features]), "class_names": names}
    special = Columns(entries) if any(entry is not None for entry in entries) else None
    whole = Split(np.stack(values, axis=1), labels, columns=special, missing=missing, **facts)
    return coding.learned(divide(name, whole))


def _coded(pandas, column, named, table, missing):
    """Returns the entry of a column of features in `Columns`, and its values as numbers."""
    if named or coding.holds_categories(pandas, column):
        values = column.to_numpy(object)
        entry = coding.whole(categories_of(values, column.name))
        return entry, codes(values, entry)
    dates, column = column, coding.without_dates(pandas, column)
    values = numbers(pandas, column, table, missing)
    whole = isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu"
    exact = column.to_numpy() if whole else values
    # Dates always have an offset, by which a model knows that a frame holds dates.
    offset = float(np.nanmin(values)) if dates is not column else offset_of(exact)
    return offset, np.asarray(centred(exact, offset), np.float64)


def opened(source, encoding: str | None = None) -> tuple:
    """Returns the frame of a table, its path and the options of its address.

    Args:
        source: DataFrame, or path or `address` of a table file; see `is_table`.
        encoding: String. The encoding of a `.csv` or `.tsv` file by its name in Python. Defaults to
            None, for that of the address, or else UTF-8.

    Returns:
        A tuple of a pandas `DataFrame`; the path, or None for a frame; and the dict of the options.

    Raises:
        UsageError: If the table cannot be read, has no row or two columns of one name, or if an
            option is unknown, or an encoding is named for a table that is no text.

    Example:

    >>> import pandas
    >>> frame, path, options = opened(pandas.DataFrame({"length": [1.0]}))
    >>> path, options
    (None, {})
    """
    import pandas

    if containers.is_frame(source):
        if encoding is not None:
            raise UsageError(
                "`encoding` is for tables in files, .csv or .tsv. "
                f"Received: encoding={encoding!r} for a DataFrame."
            )
        known = isinstance(source, pandas.DataFrame)
        frame, path, options = source if known else source.to_pandas(), None, {}
    else:
        path, options = address(source)
        for use in options:
            if use not in OPTIONS:
                raise no_such("option of a table", use, list(OPTIONS))
        frame = table_files.read(pandas, path, encoding or options.get("encoding"))
    name = str(path or "DataFrame")
    containers.require_different(list(frame.columns), name)
    if not len(frame):
        raise UsageError(f"{name} must have at least one row. Received: none.")
    return frame, path, options


def numbers(pandas, column, table: str, missing: str | None = "refuse") -> np.ndarray:
    """Returns a column as float64; the error names its first row that is not a finite number.

    Args:
        pandas: The pandas module.
        column: Series of pandas.
        table: String. The table's name, for the message.
        missing: String. `"mask"` to return NaN for missing values, or `"refuse"`. Defaults to
            `"refuse"`.

    Raises:
        UsageError: If a value is missing, or is not a finite number that float32 can hold.

    Example:

    >>> import pandas
    >>> numbers(pandas, pandas.Series([1, 2]), "table")
    array([1., 2.])
    """
    empty = np.zeros(len(column), bool)
    if missing == "mask":
        empty = column.isna().to_numpy()
    else:
        _require_values(column, table, "Leave such rows out, fill them, or keep them as missing "
                        'cells for a variant that takes these: missing="mask".')  # fmt: skip
    if len(empty) and empty.all():
        return np.full(len(column), np.nan)
    types = pandas.api.types
    if not types.is_numeric_dtype(column) or types.is_complex_dtype(column):
        wrong = pandas.to_numeric(column.astype(str), errors="coerce").isna().to_numpy() & ~empty
        raise _column_error(
            "numbers", column, wrong, table,
            "Convert the column to numbers, leave it out, name it by `label` if it holds the "
            "classes, or by `categories` if it holds categories.",
        )  # fmt: skip
    values = column.to_numpy(np.float64, na_value=np.nan)
    wrong = ~(np.abs(values) <= LARGEST) & ~empty
    if wrong.any():
        raise _column_error(
            "finite numbers of 32 bits",
            column,
            wrong,
            table,
            "Leave such rows out, or correct them.",
        )
    return values


def _texts(column, table):
    """Returns a column of strings as a list."""
    _require_values(column, table)
    wrong = np.array([not isinstance(value, str) for value in column])
    if wrong.any():
        raise _column_error("texts", column, wrong, table, "Name another column as `text`.")
    return list(column)


def classes(pandas, column, table: str) -> tuple[np.ndarray, tuple[str, ...] | None]:
    """Returns the integer labels of a column of classes, and class names for strings or None.

    Args:
        pandas: The pandas module.
        column: Series of pandas.
        table: String. The table's name, for the message.

    Raises:
        UsageError: If a value is missing, or values are neither all integers nor all strings.

    Example:

    >>> import pandas
    >>> classes(pandas, pandas.Series(["dog", "cat"]), "table")
    (array([1, 0]), ('cat', 'dog'))
    """
    _require_values(column, table)
    column = column.astype(object).infer_objects()  # the values of a categorical column
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
    raise _column_error(
        "integers or strings, one per class",
        column,
        wrong,
        table,
        "Give another column as `label`.",
    )


def _require_values(column, table, advice="Leave such rows out, or fill them."):
    missing = column.isna().to_numpy()
    if missing.any():
        raise UsageError(
            f"Column {column.name!r} of {table} must hold a value in each row. Received: none in "
            f"row {missing.argmax()}. {advice}"
        )


def _column_error(what, column, wrong, table, advice):
    row = int(wrong.argmax())
    value = column.iloc[row]
    value = reprlib.repr(value.item() if isinstance(value, np.generic) else value)
    return UsageError(
        f"Column {column.name!r} of {table} must hold {what}. "
        f"Received: {value} in row {row}. {advice}"
    )
