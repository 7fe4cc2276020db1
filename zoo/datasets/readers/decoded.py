"""Keeps rows that were decoded once in files, from which they are read as often as needed."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from zoo.datasets.readers import npz
from zoo.errors import CheckFailedError, UsageError
from zoo.inputs.stored import StoredRows
from zoo.storage import json_files, temporaries
from zoo.storage.atomic import make_folder, replace_file

VARIABLE = "ZOO_CACHE"  # of the environment: the folder of these files
DEFAULT = "~/.cache/autoencoder-zoo"  # where there is none


def folder() -> Path:
    """Returns the folder of the files: `ZOO_CACHE` of the environment, else a default.

    Example:

    >>> folder().is_absolute()
    True
    """
    return Path(os.environ.get(VARIABLE) or DEFAULT).expanduser().absolute()


def open_once(
    source: str, identity: str, write: Callable[[Path], dict], kind: str
) -> tuple[StoredRows | None, dict]:
    """Returns decoded rows of a source, which are written to a file if they are not there yet.

    A source has one file at a time: where its identity has changed, a new file takes the place of
    the old one.

    Args:
        source: String. What is decoded, and how.
        identity: String that differs where the decoded rows may differ.
        write: Function of the path of an empty file, to which it writes the rows as an `.npy` file.
            It returns a dict of facts for JSON, and leaves the file empty if there are no rows.
        kind: String. The kind of the rows, as for `Split`.

    Returns:
        A pair of the rows, or None if there are none, and the facts.

    Raises:
        UsageError: If the file cannot be written.

    Example:

    >>> def two_rows(path):
    ...     return {"rows": append(path, [np.zeros((2, 3))])}
    >>> rows, facts = open_once("an example", "version 1", two_rows, "features")
    >>> rows.shape, facts
    ((2, 3), {'rows': 2})
    """
    stem = _hashed(source)
    path = folder() / f"{stem}-{_hashed(identity)}.npy"
    facts = path.with_suffix(".json")
    if path.exists() and facts.exists():
        try:
            return _opened(path, kind), json_files.read(facts)
        except CheckFailedError:  # damaged: it is written again
            facts.unlink(missing_ok=True)
    make_folder(path.parent)
    try:
        with temporaries.file_beside(path) as temporary:
            found = write(temporary)
            os.replace(temporary, path)
    except OSError as error:  # such as a full disk
        raise UsageError(
            f"{path.parent} must have room for the decoded rows: {error.strerror}. The folder is "
            f"chosen by {VARIABLE} in the environment."
        ) from error
    replace_file(facts, json.dumps(found).encode())  # last, so that it marks a whole file
    for old in path.parent.glob(f"{stem}-*"):
        if old.stem != path.stem:
            old.unlink(missing_ok=True)
    return _opened(path, kind), found


def append(path: Path, blocks: Iterable[np.ndarray]) -> int:
    """Writes blocks of rows to an `.npy` file, one after the other.

    Args:
        path: Path of the file.
        blocks: Iterable of arrays, `(n, ...)`, all of one type and shape but for n.

    Returns:
        The number of rows. The file stays empty if there are none.

    Example:

    >>> append(Path("rows.npy"), [np.zeros((2, 3)), np.ones((1, 3))])
    3
    >>> np.load("rows.npy").shape
    (3, 3)
    """
    count, first = 0, None
    with open(path, "wb") as file:
        for block in blocks:
            if first is None:
                first = block[:0]
                _write_header(file, first, count)  # as long as the one that replaces it
            file.write(np.ascontiguousarray(block).data)
            count += len(block)
        if first is not None:
            file.seek(0)
            _write_header(file, first, count)
        file.flush()
        os.fsync(file.fileno())
    return count


def _hashed(text):
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:24]


def _write_header(file, rows, count):
    shape = (count, *rows.shape[1:])
    header = {"descr": np.lib.format.dtype_to_descr(rows.dtype), "fortran_order": False}
    np.lib.format.write_array_header_1_0(file, header | {"shape": shape})


def _opened(path, kind):
    return npz.open_rows(path, kind) if path.stat().st_size else None
