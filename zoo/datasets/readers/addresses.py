"""Reads addresses of data: a path, and options after a question mark."""

import os.path
import urllib.parse
from pathlib import Path


def address(source: str | Path) -> tuple[Path, dict[str, str]]:
    """Returns the path in an address, and the options that the address names.

    Args:
        source: String or path: `PATH?OPTION=VALUE&OPTION=VALUE`, or the path alone. A source that
            exists as a file or folder is a path, whatever it contains.

    Returns:
        A tuple of the path and a dict from the name of each option to its value.

    Example:

    >>> path, options = address("wines.csv?label=quality")
    >>> str(path), options
    ('wines.csv', {'label': 'quality'})
    """
    text = str(source)
    marks = [position for position, letter in enumerate(text) if letter == "?"]
    if not marks or os.path.exists(source) or marks[0] == len(text) - 1:
        return Path(source).expanduser(), {}
    # The name of a folder may hold a question mark too.
    paths = (Path(text[:mark]).expanduser() for mark in marks)
    found = (mark for mark, path in zip(marks, paths, strict=True) if os.path.exists(path))
    mark = next(found, marks[0])
    options = urllib.parse.parse_qsl(text[mark + 1 :], keep_blank_values=True)
    return Path(text[:mark]).expanduser(), dict(options)
