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
    text = os.path.expanduser(str(source))
    marks = [position for position, letter in enumerate(text) if letter == "?"]
    if not marks or os.path.exists(text) or marks[0] in (0, len(text) - 1):
        return Path(text), {}
    # The name of a folder may hold a question mark too.
    mark = next((mark for mark in marks if os.path.exists(text[:mark])), marks[0])
    options = urllib.parse.parse_qsl(text[mark + 1 :], keep_blank_values=True)
    return Path(text[:mark]), dict(options)
