"""Reads `.npy` and `.npz` files that may be hostile: sizes are compared before data are read."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from zoo.errors import UsageError
from zoo.inputs.stored import StoredRows
from zoo.storage import archives, untrusted

ZIP = b"PK"  # the first two bytes of an archive


def read(
    path: str | Path, choose: Callable[[list[str]], list[str]]
) -> tuple[list[str] | None, np.ndarray | dict[str, np.ndarray]]:
    """Returns the array of an `.npy` file, or the names and some of the arrays of an `.npz` file.

    Args:
        path: String or path of the file.
        choose: Callable. Takes the list of names in an `.npz` file and returns those to read. The
            other arrays are not decompressed.

    Returns:
        For an `.npz` file a tuple of the list of all names and a dict of the chosen arrays. For an
        `.npy` file a tuple of None and its array.

    Raises:
        UsageError: If the file cannot be read.
        CheckFailedError: If the file is damaged, holds anything but numbers, or would decompress
            to far more bytes than it has.

    Example:

    >>> np.savez("data.npz", images=np.zeros((2, 3)), labels=np.arange(2))
    >>> names, arrays = read("data.npz", lambda names: ["labels"])
    >>> names, arrays["labels"].tolist()
    (['images', 'labels'], [0, 1])
    """
    with untrusted.open_file(path) as file, untrusted.guard(path, "a whole .npy or .npz file"):
        start = file.read(2)
        file.seek(0)
        if start != ZIP:
            return None, _array(file, untrusted.size_of(file))
        with archives.opened(file, path) as archive:
            members = {name.removesuffix(".npy"): name for name in archive.namelist()}
            if len(members) < len(archive.namelist()):
                raise ValueError("two of its arrays have the same name")
            chosen = [name for name in choose(list(members)) if name in members]
            archives.require_members(archive, [members[name] for name in chosen], path)
            arrays = {}
            for name in chosen:
                with archive.open(members[name]) as member:
                    arrays[name] = _array(member, archive.getinfo(members[name]).file_size)
            return list(members), arrays


def open_rows(path: str | Path, kind: str | None = None) -> StoredRows:
    """Opens the rows of an `.npy` file, without reading them.

    Args:
        path: String or path of an `.npy` file whose numbers are stored row by row.
        kind: String. The kind of the rows, as for `Split`. Defaults to None, for that of their
            axes.

    Returns:
        `StoredRows`.

    Raises:
        UsageError: If the file cannot be read, or holds rows of no kind of data.
        CheckFailedError: If the file is damaged or holds anything but numbers.

    Example:

    >>> np.save("rows.npy", np.zeros((3, 5)))
    >>> len(open_rows("rows.npy"))
    3
    """
    with untrusted.open_file(path) as file, untrusted.guard(path, "a whole .npy file"):
        shape, by_columns, dtype = _header(file, untrusted.size_of(file))
        offset = file.tell()
    if not shape or (by_columns and len(shape) > 1):
        raise UsageError(
            "An .npy file that is read from disk must hold its numbers row by row: "
            f"numpy.save(path, numpy.ascontiguousarray(x)). Received: {path} of shape {shape}, by "
            "columns."
        )
    return StoredRows(path, offset, shape, dtype, kind)


def _header(file, size):
    """Returns shape, order and type of an `.npy` file of `size` bytes, after checking them."""
    version = np.lib.format.read_magic(file)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise ValueError("it is of another version, or holds no numbers")
    shape, by_columns, dtype = readers[version](file)
    if dtype.hasobject or dtype.names:
        raise ValueError(f"it must hold numbers; it holds {dtype}")
    if any(type(length) is not int or length < 0 for length in shape):
        raise ValueError(f"it has the shape {shape}")
    expected = math.prod(shape) * dtype.itemsize
    if expected != size - file.tell():
        raise ValueError(f"its header states {expected} bytes; it holds {size - file.tell()}")
    return shape, by_columns, dtype


def _array(file, size):
    """Returns the array of an `.npy` file of `size` bytes, which its header must agree with."""
    _header(file, size)
    file.seek(0)
    array = np.lib.format.read_array(file, allow_pickle=False)
    if file.read(1):  # reading to the end also makes an archive compare its checksum
        raise ValueError("it contains more than its array")
    return array
