"""Decides whether the rows of a file are read into memory."""

import os
from pathlib import Path

import numpy as np

FRACTION = 0.25  # of the memory, above which rows stay on disk
FLOAT32 = np.dtype(np.float32).itemsize


def fits(path: str | Path, in_memory: bool | None = None) -> bool:
    """Returns whether the rows of an `.npy` file are to be read into memory.

    Args:
        path: String or path of the file.
        in_memory: Boolean. What the user wants. Defaults to None: whether they take at most a
            quarter of the machine's memory, as float32.

    Returns:
        A boolean; True if the machine does not report its memory.

    Example:

    >>> np.save("rows.npy", np.zeros((3, 5)))
    >>> fits("rows.npy"), fits("rows.npy", in_memory=False)
    (True, False)
    """
    if in_memory is not None or not hasattr(os, "sysconf"):
        return in_memory is not False
    # Bytes become floats of four bytes; a file of larger numbers shrinks.
    size = FLOAT32 * os.path.getsize(path)
    return size <= FRACTION * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
