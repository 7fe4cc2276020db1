"""Opens the numbers of a `.parquet` table whose rows stay on disk."""

import functools
import json
import os
import urllib.parse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from zoo.datasets.dataset import Dataset
from zoo.datasets.readers import decoded, memory, table_files, tables
from zoo.datasets.readers.addresses import address
from zoo.datasets.split import Split
from zoo.errors import UsageError, no_such
from zoo.inputs import containers, kinds
from zoo.inputs.stored import StoredRows

FORMAT = "parquet 1"  # to be changed with what is written
AT_ONCE = 1 << 22  # numbers that are copied at a time
EXACT = np.dtype(np.float32)  # holds integers of 16 bits exactly, but not those of 32


def stays_on_disk(source, in_memory: bool | None) -> bool:
    """Returns whether a table is a `.parquet` file whose rows are not to be read into memory.

    Args:
        source: DataFrame, or path or address of a table file.
        in_memory: Boolean. What the user wants. Defaults to None: see `fits` in
            `zoo/datasets/readers/memory.py`.

    Raises:
        MissingExtraError: If the source is a `.parquet` file and pyarrow is not installed.

    Example:

    >>> stays_on_disk("wines.csv", in_memory=None)
    False
    """
    if not isinstance(source, (str, Path)) or in_memory is True:
        return False
    path, _ = address(source)
    if path.suffix.lower() != ".parquet":
        return False
    with table_files.opened_parquet(path) as file:
        held = file.metadata
        return not memory.fits(held.num_rows * held.num_columns, in_memory)


def load(
    source: str | Path,
    label: str | None,
    text: str | None,
    divide: Callable,
    categories: Sequence[str] | None = None,
    missing: str | None = "refuse",
) -> Dataset | Split:
    """Opens a table of numbers as features on disk, with labels if there are any.

    At the first call the columns are copied, some rows at a time, into one file of rows (see
    `zoo/datasets/readers/decoded.py`), which is read from then on: a `.parquet` file keeps each
    column together, so that rows in another order could not be read from it. It is written again if
    the table is changed. The column of the labels is read into memory.

    Args:
        source: String or path of a `.parquet` file, or its address with the option `label`.
        label: String. The column of the classes, as for `tables.load`, or None.
        text: String. Must be None, as texts stay in memory.
        divide: Callable. Takes a name and a `Split` of all rows, and returns the result.
        categories: Must be None, as columns of categories stay in memory.
        missing: String. As for `tables.load`; a number must be there all the same.

    Returns:
        What `divide` returns.

    Raises:
        UsageError: If a column but that of the labels holds no numbers, if a number is missing or
            not finite, or if the table cannot be read or used.

    Example:

    >>> import pandas
    >>> pandas.DataFrame({"a": [0.5, 1.5], "label": [1, 0]}).to_parquet("two.parquet")
    >>> load("two.parquet", None, None, lambda name, split: split)
    <zoo.datasets.Split of 2 features of (1,), labels>
    """
    import pandas

    path, named = address(source)
    label = label or named.get("label")
    given = {"text": text, "categories": categories}
    others = [name for name in named if name not in ("label", "missing")]
    others += [name for name, value in given.items() if value]
    if others:
        raise UsageError(
            "A table that stays on disk is read as features, with `label` as its only option. "
            f"Received: `{others[0]}` for {path}."
        )
    name = f"{path}?{urllib.parse.urlencode({'label': label})}" if label else str(path)
    with table_files.opened_parquet(path) as file:
        columns = _columns(file.schema_arrow)
        containers.require_different(columns, str(path))
        if label is None and "label" in columns:
            label = "label"
        if label is not None and label not in columns:
            raise no_such("column", label, columns)
        features = [column for column in columns if column != label]
        stored = _stored_type(file.schema_arrow, features, path)
        if not file.metadata.num_rows:
            raise UsageError(f"{path} must have at least one row. Received: none.")
        labels = names = None
        if label is not None:
            frame = file.read([label]).to_pandas()
            labels, names = tables.classes(pandas, frame[label], name)
    rows = _rows(pandas, path, features, stored)
    facts = {"column_names": features, "class_names": names, "missing": missing}
    return divide(name, Split(rows, labels, **facts))


def _columns(schema):
    """Returns the names of the columns, without those of an index that pandas stored."""
    described = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    index = [name for name in described.get("index_columns", []) if isinstance(name, str)]
    return [name for name in schema.names if name not in index]


def _stored_type(schema, features, path):
    """Returns the type that holds the numbers of all columns; refuses columns of anything else."""
    from pyarrow import types

    if not features:
        raise UsageError(f"{path} must have at least one column of numbers. Received: none.")
    exact = True
    for name in features:
        kind = schema.field(name).type
        if not (types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)):
            raise UsageError(
                "A table that stays on disk must hold numbers in all columns but that of the "
                f"labels. Received: column {name!r} of {kind} in {path}. Leave it out, name it by "
                "`label`, or set in_memory=True."
            )
        exact &= np.can_cast(kind.to_pandas_dtype(), EXACT)
    return EXACT if exact else np.dtype(np.float64)


def _rows(pandas, path, features, stored) -> StoredRows:
    status = os.stat(path)
    identity = f"{FORMAT} {status.st_size} {status.st_mtime_ns} {features}"
    write = functools.partial(_write, pandas, path, features, stored)
    rows, _ = decoded.open_once(str(path.absolute()), identity, write, kinds.FEATURES.name)
    return rows


def _write(pandas, path, features, stored, target):
    return {"rows": decoded.append(target, _blocks(pandas, path, features, stored))}


def _blocks(pandas, path, features, stored):
    """Yields the features of a table, some rows at a time."""
    with table_files.opened_parquet(path) as file:
        for batch in file.iter_batches(max(1, AT_ONCE // len(features)), columns=features):
            frame = batch.to_pandas()
            try:
                columns = [tables.numbers(pandas, frame[name], str(path)) for name in features]
            except UsageError:  # its row is counted from the first of these rows
                for name in features:
                    tables.numbers(pandas, file.read([name]).to_pandas()[name], str(path))
                raise
            yield np.stack(columns, axis=1).astype(stored, copy=False)
