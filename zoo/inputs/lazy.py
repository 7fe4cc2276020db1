"""Rows that are computed or read when they are asked for, a few at a time."""

import math

import numpy as np

from zoo.inputs.bounds import check_values

AT_ONCE = 4_000_000  # bytes of float64 that a pass over rows holds in memory at a time


class LazyRows:
    """Base class of rows that are not in memory as one array.

    Indexing by a slice or by positions returns those rows as an array; `np.asarray` returns all of
    them. A subclass defines `__getitem__`, `take` and `within`, and sets the attributes.

    Attributes:
        shape: Tuple. Shape of all rows.
        dtype: Numpy dtype of the rows.

    Example:

    >>> isinstance(MappedRows(np.sqrt, np.array([[1.0, 4.0]])), LazyRows)
    True
    """

    def __len__(self):
        return self.shape[0]

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    def __getitem__(self, rows):
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(rows)")

    def __array__(self, dtype=None, copy=None):
        result = np.empty(self.shape, dtype or self.dtype)
        for rows in slices(len(self), math.prod(self.shape[1:])):
            result[rows] = self[rows]
        return result

    def take(self, rows) -> "LazyRows":
        """Returns some of the rows, of which none is computed or read.

        Args:
            rows: Slice, integers or booleans, as in numpy.

        Example:

        >>> len(MappedRows(np.sqrt, np.array([[1.0], [4.0], [9.0]])).take([0, 2]))
        2
        """
        raise NotImplementedError(f"{type(self).__name__} must define take(rows)")

    def within(
        self,
        value_range: tuple[float, float] | None,
        name: str = "rows",
        missing: str | None = None,
    ) -> "LazyRows":
        """Returns the rows as floats that must be finite and lie within a range.

        Rows that are known already are checked at once, and all others when they are read.

        Args:
            value_range: Pair of floats, the smallest and the largest value accepted, or None for
                any finite value.
            name: String. What the rows are called in an error message, in the plural. Defaults to
                `"rows"`.
            missing: String. `"mask"` to accept missing cells, NaN, as for `arrays.check`. Defaults
                to None.

        Raises:
            UsageError: If a value is not accepted, here or where the rows are read.

        Example:

        >>> len(MappedRows(np.sqrt, np.array([[0.25], [1.0]])).within((0.0, 1.0)))
        2
        """
        raise NotImplementedError(f"{type(self).__name__} must define within")

    def reordered(self, order) -> "LazyRows":
        """Returns the rows with the numbers of their last axis, such as columns, in another order.

        Args:
            order: List of integers. For each number its position now.

        Example:

        >>> MappedRows(np.sqrt, np.array([[1.0, 4.0]])).reordered([1, 0])[:]
        array([[2., 1.]])
        """
        return MappedRows(lambda rows: rows[..., order], self)


class MappedRows(LazyRows):
    """The rows of an array under a function that is applied to a few rows at a time.

    Args:
        function: Function of rows, `(n, ...)`, that returns an array of n rows.
        rows: Array or `LazyRows` of at least one row.

    Example:

    >>> x = MappedRows(np.sqrt, np.array([[1.0, 4.0], [9.0, 16.0]]))
    >>> x[1:]
    array([[3., 4.]])
    >>> x.shape
    (2, 2)
    """

    def __init__(self, function, rows):
        self._function, self._rows, self._check = function, rows, None
        first = function(rows[:1])
        self.shape, self.dtype = (len(rows), *first.shape[1:]), first.dtype

    def __getitem__(self, rows):
        result = self._function(self._rows[rows])
        if self._check is not None and result.size:
            *check, missing = self._check
            check_values(result, *check, np.arange(len(self))[rows], missing)
        return result

    def take(self, rows):
        rows = self._rows.take(rows) if isinstance(self._rows, LazyRows) else self._rows[rows]
        return self._with(rows, self._check)

    def within(self, value_range, name="rows", missing=None):
        return self._with(self._rows, (value_range, name, missing))

    def _with(self, rows, check):
        copy = object.__new__(type(self))
        copy.__dict__ = self.__dict__ | {"_rows": rows, "_check": check}
        copy.shape = (len(rows), *self.shape[1:])
        return copy


def slices(count: int, size: int) -> list[slice]:
    """Returns slices of rows, each of at most 4 MB in float64.

    Args:
        count: Integer. Number of rows.
        size: Integer. Number of numbers in a row.

    Returns:
        A list of slices of at least one row each; the last may end beyond `count`.

    Example:

    >>> slices(count=5, size=200_000)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 6, None)]
    """
    step = max(1, AT_ONCE // (8 * max(1, size)))
    return [slice(start, start + step) for start in range(0, count, step)]
