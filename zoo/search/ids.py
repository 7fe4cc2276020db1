"""The ids of an index's rows: unique integers or strings."""

import numbers

import numpy as np

from zoo.errors import UsageError


def checked(ids, rows: int, taken: np.ndarray, known: dict) -> np.ndarray:
    """Returns new ids as an array, after checking that they are unique.

    Args:
        ids: Sequence of integers or strings, one for each new row, or None for the next row numbers
            after the largest id.
        rows: Integer. The number of new rows.
        taken: Array of the ids that are in the index.
        known: Dict with the same ids as keys.

    Returns:
        Array of shape `(rows,)`, int64 or, for strings, object.

    Raises:
        UsageError: If there are more or fewer ids than rows, they are of another kind than those in
            the index, or they are not new and different from each other.

    Example:

    >>> checked(None, 2, np.array([0, 1]), {0: 0, 1: 1}).tolist()
    [2, 3]
    """
    if ids is None:
        if taken.dtype == object and len(taken):
            raise UsageError("`ids` must name the new rows, as those in the index are strings.")
        first = int(taken.max(initial=-1)) + 1 if len(taken) else 0
        return np.arange(first, first + rows, dtype=np.int64)
    new_ids = as_array(ids)
    if len(new_ids) != rows:
        raise UsageError(f"`ids` must be {rows}, one for each row. Received: {len(new_ids)}.")
    if len(new_ids) and len(taken) and new_ids.dtype != taken.dtype:
        kind = "strings" if taken.dtype == object else "integers"
        raise UsageError(f"`ids` must be {kind}, as those in the index. Received: {new_ids[0]!r}.")
    seen = set()
    for new_id in new_ids.tolist():
        if new_id in known:
            raise UsageError(f"`ids` must be new: {new_id!r} is in the index; delete it first.")
        if new_id in seen:
            raise UsageError(f"`ids` must differ from each other. Received: {new_id!r} twice.")
        seen.add(new_id)
    return new_ids


def as_array(ids) -> np.ndarray:
    """Returns ids as an array: integers as int64, strings as objects.

    Args:
        ids: Sequence or array of integers or of strings.

    Returns:
        Array of shape `(rows,)`.

    Raises:
        UsageError: If they are not all integers or all strings.

    Example:

    >>> as_array(["cat", "dog"]).dtype
    dtype('O')
    """
    values = ids.tolist() if isinstance(ids, np.ndarray) else list(ids)
    if all(isinstance(value, str) for value in values) and values:
        result = np.empty(len(values), object)
        result[:] = [str(value) for value in values]
        return result
    if all(isinstance(value, numbers.Integral) and not isinstance(value, bool) for value in values):
        return np.array(values, np.int64)
    raise UsageError(
        "`ids` must be all integers or all strings. Received: "
        f"{', '.join(sorted({type(value).__name__ for value in values}))}."
    )
