"""Decides whether the rows of a source are read into memory."""

import os
import urllib.parse
from pathlib import Path

import numpy as np

from zoo.datasets.readers import addresses
from zoo.errors import no_such

FRACTION = 0.25  # of the memory, above which rows stay on disk
FLOAT32 = np.dtype(np.float32).itemsize
OPTION = "in_memory"  # of an address
VALUES = {"true": True, "false": False}


def fits(numbers: int, in_memory: bool | None = None) -> bool:
    """Returns whether rows are to be read into memory.

    Args:
        numbers: Integer. How many numbers all rows hold.
        in_memory: Boolean. What the user wants. Defaults to None: whether the numbers take at most
            a quarter of the machine's memory, as float32.

    Returns:
        A boolean; True if the machine does not report its memory.

    Example:

    >>> fits(1000), fits(1000, in_memory=False)
    (True, False)
    """
    if in_memory is not None or not hasattr(os, "sysconf"):
        return in_memory is not False
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return FLOAT32 * numbers <= FRACTION * memory


def in_address(source: str | Path, in_memory: bool | None) -> tuple[str | Path, bool | None]:
    """Returns an address without its option `in_memory`, and what the user wants.

    Args:
        source: String or path, with or without options.
        in_memory: Boolean that comes before the option of the address, or None.

    Returns:
        A pair of the address and a boolean or None.

    Raises:
        UsageError: If the option is neither `true` nor `false`.

    Example:

    >>> in_address("photos?image_size=64&in_memory=false", None)
    ('photos?image_size=64', False)
    """
    path, options = addresses.address(source)
    if OPTION not in options:
        return source, in_memory
    value = options.pop(OPTION)
    if value not in VALUES:
        raise no_such(f"`{OPTION}`", value, list(VALUES))
    query = f"?{urllib.parse.urlencode(options)}" if options else ""
    return f"{path}{query}", VALUES[value] if in_memory is None else in_memory


def recorded(name: str, in_memory: bool) -> str:
    """Returns the name of a dataset by which its rows are read in the same way again.

    Args:
        name: String. An address.
        in_memory: Boolean. What the user wants.

    Example:

    >>> recorded("photos?image_size=64", False)
    'photos?image_size=64&in_memory=false'
    """
    mark = "&" if addresses.address(name)[1] else "?"
    return f"{name}{mark}{OPTION}={str(in_memory).lower()}"
