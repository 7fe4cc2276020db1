"""Writes the latent codes of data to a file, batch by batch."""

import hashlib
import json
import math
import os
from pathlib import Path

import numpy as np

from zoo import datasets
from zoo.datasets.readers import preparation
from zoo.errors import UsageError
from zoo.inputs.arguments import positive_integer
from zoo.runs.run import open_given
from zoo.storage import file_errors, json_files
from zoo.storage.atomic import make_folder, replace_file
from zoo.storage.temporaries import file_beside

SUFFIXES = (".npy", ".parquet")
FLOAT32 = np.dtype(np.float32)


@file_errors.as_usage_errors()
def encode(model, data, to, *, batch_size: int = 256) -> Path:
    """Writes the latent codes of rows to a file, in the order of the rows.

    Rows that stay on disk are read batch by batch, so that memory does not grow with their number.
    Codes are written as they come, to the folder `TO.part` beside the file. Called again with the
    same model and data after it was stopped, the function continues there.

    Args:
        model: `AutoEncoder`, `Run`, `Bundle`, the path of a run directory or of an export, or the
            name of a shipped bundle.
        data: Anything that `zoo.datasets.rows` accepts: all rows of a folder, file, table or array,
            or the test rows of a dataset. Images of a folder without options of its own are
            prepared as those that the model was trained on.
        to: String or path of the file. `.npy` holds the codes, float32 of shape
            `(rows, *latent_shape)`; if rows have names, as the files of a folder do, these are
            written beside it, to `TO.names.json`. `.parquet` holds a column `name`, the file or the
            number of the row, and columns `code_0`, `code_1`, ...
        batch_size: Positive integer. Number of rows that are encoded at a time. Defaults to 256.

    Returns:
        Path of the file.

    Raises:
        UsageError: If the model does not accept the rows, if there are none, or if the file exists
            or cannot be written.
        MissingExtraError: If `to` is a `.parquet` file and pyarrow is not installed.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(8,), latent_dim=2)
    >>> path = encode(model, np.zeros((5, 8)), "codes.npy")
    >>> np.load(path).shape
    (5, 2)
    """
    to = file_errors.as_path("to", to)
    if to.suffix.lower() not in SUFFIXES:
        raise UsageError(f"`to` must end in {' or '.join(SUFFIXES)}. Received: {to}.")
    if to.exists():
        raise UsageError(f"`to` must be a new file. Received: {to}, which exists already.")
    if to.suffix.lower() == ".parquet":
        import pyarrow  # noqa: F401, so that its absence shows before the work begins
    batch_size = positive_integer("batch_size", batch_size)
    opened = open_given(model)
    given = preparation.recorded(data, opened)
    given |= {"kind": opened.kind_of_arrays, "missing": opened.missing}
    rows = datasets.rows(data, **given)
    rows = rows.in_form(opened.column_names, opened.columns)
    if not len(rows):
        raise UsageError("There must be at least one row to encode. Received: 0.")
    part = make_folder(to.with_name(f"{to.name}.part"))
    codes = part / "codes.npy"
    _begin(part, codes, {"encoder": opened.encoder_hash, "rows": _identity(rows)})
    shape = (len(rows), *opened.code_shapes[0])
    with open(codes, "r+b") as file:
        done, size = _resume(file, shape)
        for start in range(done, len(rows), batch_size):
            batch = rows.take(slice(start, start + batch_size))
            file.write(np.ascontiguousarray(opened.encode(batch), FLOAT32))
            file.flush()
        os.fsync(file.fileno())
    if os.path.getsize(codes) != size:
        raise UsageError(f"{codes} must hold {size} bytes. Received: another process's file.")
    names = rows.names or None
    if to.suffix.lower() == ".npy":
        if names:
            listed = json.dumps(list(names), ensure_ascii=False, indent=0)
            replace_file(to.with_name(f"{to.name}.names.json"), listed.encode())
        os.replace(codes, to)
    else:
        _write_parquet(codes, to, names, batch_size)
        codes.unlink()
    (part / "identity.json").unlink()
    part.rmdir()
    return to


def _identity(rows):
    """Returns a hash of the names of the rows and of a sample of their inputs."""
    return hashlib.sha256(f"{rows.fingerprint}{rows.names}".encode()).hexdigest()


def _begin(part, codes, identity):
    """Makes an empty file of codes, unless the one that is there has the same model and rows."""
    path = part / "identity.json"
    if codes.exists() and path.exists() and json_files.read(path) == identity:
        return
    replace_file(codes, b"")
    replace_file(path, json.dumps(identity).encode())


def _resume(file, shape):
    """Returns the number of rows in the file, after cutting off a part of a row, and its size."""
    row = FLOAT32.itemsize * math.prod(shape[1:])
    header = {"descr": np.lib.format.dtype_to_descr(FLOAT32), "fortran_order": False}
    np.lib.format.write_array_header_1_0(file, header | {"shape": shape})
    start = file.tell()
    done = (file.seek(0, os.SEEK_END) - start) // row
    file.truncate(start + done * row)
    file.seek(0, os.SEEK_END)
    return done, start + shape[0] * row


def _write_parquet(codes, to, names, batch_size):
    import pyarrow
    from pyarrow import parquet

    stored = np.load(codes, mmap_mode="r")
    stored = stored.reshape(len(stored), -1)
    kind = pyarrow.string() if names else pyarrow.int64()
    columns = [f"code_{number}" for number in range(stored.shape[1])]
    schema = pyarrow.schema([("name", kind), *((name, pyarrow.float32()) for name in columns)])
    with file_beside(to) as temporary:
        with parquet.ParquetWriter(temporary, schema) as writer:
            for start in range(0, len(stored), batch_size):
                part = np.ascontiguousarray(stored[start : start + batch_size].T)
                count = part.shape[1]
                named = names[start : start + count] if names else range(start, start + count)
                arrays = [pyarrow.array(named, kind), *(pyarrow.array(values) for values in part)]
                writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
        os.replace(temporary, to)
