"""The names of an index's rows: integers or strings, each of them once."""

import numbers

import numpy as np

from zoo.errors import UsageError


def checked(ids, rows: int, taken: np.ndarray, known: dict) -> np.ndarray:
    """New ids as an array, int64 or of strings (objects); by default the next row numbers.

    Args:
        ids: as many integers or strings as rows, or None.
        rows: how many are new.
        taken: the ids that are in the index.
        known: the same, as the keys of a dict.

    Raises:
        UsageError: for ids of another number or kind, or that are not new.
    """
    if ids is None:
        if taken.dtype == object and len(taken):
            raise UsageError("`ids` must name the new rows, as those in the index are strings.")
        first = int(taken.max(initial=-1)) + 1 if len(taken) else 0
        return np.arange(first, first + rows, dtype=np.int64)
    made = as_array(ids)
    if len(made) != rows:
        raise UsageError(f"`ids` must be {rows}, one for each row. Received: {len(made)}.")
    if len(made) and len(taken) and made.dtype != taken.dtype:
        kind = "strings" if taken.dtype == object else "integers"
        raise UsageError(f"`ids` must be {kind}, as those in the index. Received: {made[0]!r}.")
    seen = set()
    for each in made.tolist():
        if each in known:
            raise UsageError(f"`ids` must be new: {each!r} is in the index; delete it first.")
        if each in seen:
            raise UsageError(f"`ids` must differ from each other. Received: {each!r} twice.")
        seen.add(each)
    return made


def as_array(ids) -> np.ndarray:
    """Integers as int64, strings as objects; anything else is refused."""
    listed = ids.tolist() if isinstance(ids, np.ndarray) else list(ids)
    if all(isinstance(each, str) for each in listed) and listed:
        made = np.empty(len(listed), object)
        made[:] = [str(each) for each in listed]
        return made
    if all(isinstance(each, numbers.Integral) and not isinstance(each, bool) for each in listed):
        return np.array(listed, np.int64)
    raise UsageError(
        "`ids` must be all integers or all strings. Received: "
        f"{', '.join(sorted({type(each).__name__ for each in listed}))}."
    )
