"""Writes data with their missing cells filled to a file, with the names of their columns."""

import io
import os
from pathlib import Path

import numpy as np

from zoo import datasets
from zoo.datasets.readers import preparation, tables
from zoo.errors import UsageError
from zoo.inputs import kinds
from zoo.runs.run import open_given
from zoo.storage import file_errors
from zoo.storage.atomic import replace_file
from zoo.storage.temporaries import file_beside

SUFFIXES = (".csv", ".parquet", ".npy")


@file_errors.as_usage_errors()
def impute(model, data, to, *, batch_size: int = 256) -> Path:
    """Writes rows to a file, with their missing cells filled by the reconstruction of a model.

    Observed cells are written as they are. A row without any gets the means of the training rows,
    which a `zoo.errors.ImputationWarning` says.

    Args:
        model: `AutoEncoder` that was built with `missing="mask"`, `Run`, `Bundle`, the path of a
            run directory or of an export, or the name of a shipped bundle.
        data: Anything that `zoo.datasets.rows` accepts: all rows of a file, table or array, or the
            test rows of a dataset. Empty cells of a table, and NaN, are missing.
        to: String or path of the file. `.csv` and `.parquet` hold a table with the columns of the
            one that was read, also those that the model does not take, such as the labels; columns
            of other data are named by their numbers. `.npy` holds float32 of shape
            `(rows, *input_shape)`, with the columns in the order of the model.
        batch_size: Positive integer. Number of rows that are imputed at a time. Defaults to 256.

    Returns:
        Path of the file.

    Raises:
        UsageError: If the model imputes nothing or does not accept the rows, if rows other than
            those of a table are to become one, or if the file exists or cannot be written.
        MissingExtraError: If pandas is not installed and `to` is a table, or pyarrow for
            `.parquet`.

    Example:

    >>> x = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, np.nan]])
    >>> options = {"standardise": True, "missing": "mask"}
    >>> model = zoo.build("pca", input_shape=(2,), latent_dim=1, **options).adapt(x)
    >>> path = impute(model, x, "filled.csv")
    >>> path.read_text().splitlines()[:2]
    ['0,1', '1.0,2.0']
    """
    to = file_errors.as_path("to", to)
    suffix = to.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"`to` must end in {', '.join(SUFFIXES)}. Received: {to}.")
    if to.exists():
        raise UsageError(f"`to` must be a new file. Received: {to}, which exists already.")
    if suffix == ".parquet":
        import pyarrow  # noqa: F401, so that its absence shows before the work begins
    opened = open_given(model)
    given = preparation.recorded(data, opened) | {"kind": opened.kind_of_arrays}
    rows = datasets.rows(data, **given, missing=opened.missing).in_order(opened.column_names)
    filled = opened.impute(rows, batch_size)
    if suffix == ".npy":
        file = io.BytesIO()
        np.save(file, filled)
        return replace_file(to, file.getvalue())
    if rows.kind != kinds.FEATURES.name:
        raise UsageError(
            f"`to` must be an .npy file for {rows.kind}; a table holds features. Received: {to}."
        )
    frame = _table(data, rows.column_names, opened.table(filled))
    if suffix == ".csv":
        return replace_file(to, frame.to_csv(index=False).encode())
    with file_beside(to) as temporary:
        frame.to_parquet(temporary, index=False)
        os.replace(temporary, to)
    return to


def _table(data, names, filled):
    """Returns the table that rows came from, or one of numbered columns, with filled cells."""
    import pandas

    if not tables.is_table(data):
        return pandas.DataFrame(dict(zip(names or filled, filled.values(), strict=True)))
    frame = tables.opened(data)[0].copy()
    by_name = dict(zip(map(str, frame.columns), frame.columns, strict=True))
    for name, values in zip(names, filled.values(), strict=True):
        column = frame[by_name[name]]
        if column.isna().any():
            values = pandas.Series(values, column.index)
            numeric = values.dtype.kind == "f"
            column = column.astype(float if numeric else object)
            frame[by_name[name]] = column.where(column.notna(), values).infer_objects()
    return frame
