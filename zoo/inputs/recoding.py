"""Rows that were coded by some columns, as others code them."""

import numbers
import reprlib
from collections.abc import Sequence

import numpy as np

from zoo.errors import UsageError
from zoo.inputs import categories, offsets
from zoo.inputs.columns import Columns, values_of


def recoded(rows: np.ndarray, own: Columns, wanted: Columns, names: Sequence) -> np.ndarray:
    """Returns rows that were coded by some columns as others code them.

    Args:
        rows: Float32 array, `(rows, columns)`, coded by `own`.
        own: `Columns` of the rows; empty for numbers alone.
        wanted: `Columns` of a model; empty for numbers alone.
        names: Sequence of the names of the columns, for the message.

    Returns:
        Float32 array, `(rows, columns)`; categories that `wanted` does not know have the code for
        values that were never seen.

    Raises:
        UsageError: If a column of categories that are no numbers is wanted as numbers.

    Example:

    >>> own, wanted = Columns([["cat", "cow"]]), Columns([["cat", "dog"]])
    >>> recoded(np.float32([[0], [1]]), own, wanted, ["kind"])
    array([[0.],
           [3.]], dtype=float32)
    """
    own = own or Columns([None] * rows.shape[1])
    wanted = wanted or Columns([None] * rows.shape[1])
    result = rows.copy()
    for n, (mine, theirs) in enumerate(zip(own, wanted, strict=True)):
        if mine == theirs:
            continue
        values = values_of(rows[:, n], mine)
        if isinstance(theirs, tuple):
            result[:, n] = categories.codes(values, theirs)
            continue
        if isinstance(mine, tuple):
            values = _as_numbers(values, names[n])
        result[:, n] = offsets.as_float32(offsets.centred(values, theirs))
    return result


def _as_numbers(values, name):
    wrong = [not isinstance(value, numbers.Real) for value in values]
    if any(wrong):
        row = wrong.index(True)
        received = "a missing value" if values[row] is None else reprlib.repr(values[row])
        raise UsageError(
            f"Column {name!r} must hold numbers, as in the rows that the model was built for. "
            f"Received: categories, {received} in row {row}."
        )
    return values.astype(np.float64)
