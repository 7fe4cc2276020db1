"""`.npy` and `.npz` files that anyone may have written: shapes are compared with sizes first."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from zoo import archives, untrusted

ZIP = b"PK"  # the first two bytes of an archive


def read(
    path: str | Path, choose: Callable[[list[str]], list[str]]
) -> tuple[list[str] | None, np.ndarray | dict[str, np.ndarray]]:
    """Returns the names in an `.npz` file and the arrays that are chosen, or an `.npy`'s array.

    Args:
        path: of the file.
        choose: a function of the names that returns those to read; the others are not inflated.

    Returns:
        The names and a dict of arrays; of an `.npy` file None and its array.

    Raises:
        UsageError: if the file cannot be read.
        CheckFailedError: if it is damaged, holds anything but numbers, or would be inflated to far
            more bytes than it has.
    """
    with untrusted.open_file(path) as file, untrusted.guard(path, "a whole .npy or .npz file"):
        start = file.read(2)
        file.seek(0)
        if start != ZIP:
            return None, _array(file, untrusted.size_of(file))
        with archives.opened(file, path) as archive:
            members = {name.removesuffix(".npy"): name for name in archive.namelist()}
            chosen = [name for name in choose(list(members)) if name in members]
            archives.require_members(archive, [members[name] for name in chosen], path)
            arrays = {}
            for name in chosen:
                with archive.open(members[name]) as member:
                    arrays[name] = _array(member, archive.getinfo(members[name]).file_size)
            return list(members), arrays


def _array(file, size):
    """Returns the array in an `.npy` file of `size` bytes, which must be as long as it says."""
    version = np.lib.format.read_magic(file)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise ValueError("it is of another version, or holds no numbers")
    shape, _, dtype = readers[version](file)
    if dtype.hasobject or dtype.names:
        raise ValueError(f"it must hold numbers; it holds {dtype}")
    if any(type(length) is not int or length < 0 for length in shape):
        raise ValueError(f"it has the shape {shape}")
    expected = math.prod(shape) * dtype.itemsize
    if expected != size - file.tell():
        raise ValueError(f"its header tells of {expected} bytes; it holds {size - file.tell()}")
    file.seek(0)
    array = np.lib.format.read_array(file, allow_pickle=False)
    if file.read(1):  # which also makes an archive compare its checksum
        raise ValueError("it goes on behind its array")
    return array
