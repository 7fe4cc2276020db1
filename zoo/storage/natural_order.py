"""The natural order of names: 1, 2, 10."""

import re


def natural(name: str) -> tuple:
    """Returns a sort key that puts numbers within names in order: 1, 2, 10.

    Args:
        name: String. A file's or folder's name.

    Returns:
        Tuple to compare with the keys of other names.

    Example:

    >>> sorted(["10", "2", "1"], key=natural)
    ['1', '2', '10']
    """
    pieces = re.split("([0-9]+)", name)
    return tuple(int(piece) if n % 2 else piece for n, piece in enumerate(pieces)), name
