"""Rows of a sparse matrix, of which only those of a batch are made dense."""

import numpy as np

from zoo.errors import UsageError
from zoo.inputs.bounds import check_values
from zoo.inputs.lazy import LazyRows


class SparseRows(LazyRows):
    """The rows of a scipy sparse matrix, which are made dense when they are asked for.

    Args:
        matrix: Sparse matrix or array of scipy, of any format, `(rows, columns)`.
        name: String. What the rows are called in an error message, in the plural. Defaults to
            `"rows"`.

    Attributes:
        shape: Pair of integers, rows and columns.
        dtype: Numpy dtype of the rows: that of the matrix, and float32 after `within`.

    Raises:
        UsageError: If the matrix has another number of axes than two.

    Example:

    >>> import scipy.sparse
    >>> x = SparseRows(scipy.sparse.eye_array(3))
    >>> x.shape, x[1:2].tolist()
    ((3, 3), [[0.0, 1.0, 0.0]])
    """

    def __init__(self, matrix, name: str = "rows"):
        if len(matrix.shape) != 2:
            raise UsageError(
                f"{name} of a sparse matrix must have the shape (rows, columns). Received: "
                f"{matrix.shape}."
            )
        matrix = matrix.tocsr()
        if not matrix.has_canonical_format:  # a number may stand in parts, which are summed
            matrix = matrix.copy()
            matrix.sum_duplicates()
        self._matrix, self.shape, self.dtype = matrix, matrix.shape, matrix.dtype

    def __getitem__(self, rows):
        return self._matrix[rows].toarray()

    def take(self, rows):
        return SparseRows(self._matrix[rows])

    def within(self, value_range, name="rows", missing=None):
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
            result = SparseRows(self._matrix.astype(np.float32))
        row = _first_bad_row(result._matrix, value_range, missing)
        if row is not None:
            check_values(result[row : row + 1], value_range, name, [row], missing)
        return result

    def doubtful_columns(self) -> list[int]:
        """Returns the columns whose numbers float32 may not tell apart.

        Those whose rounding is at most a two thousandth of their standard deviation are left out.

        Returns:
            List of integers. Positions of the columns.

        Example:

        >>> import scipy.sparse
        >>> SparseRows(scipy.sparse.csr_array([[1.7e9, 0.1], [1.7e9 + 1, 0.2]])).doubtful_columns()
        [0]
        """
        if self.dtype.kind not in "iuf" or self.dtype.itemsize < 4 or self.dtype == np.float32:
            return []
        rows, count = self.shape
        column, exact = self._matrix.indices, self._matrix.data.astype(np.float64)
        if not rows or not np.isfinite(exact).all():
            return []
        change = np.zeros(count)
        with np.errstate(over="ignore", invalid="ignore"):  # `within` refuses what is too large
            np.maximum.at(change, column, np.abs(exact - exact.astype(np.float32)))
            mean = np.bincount(column, exact, count) / rows
            zeros = rows - np.bincount(column, minlength=count)
            squares = np.bincount(column, (exact - mean[column]) ** 2, count) + zeros * mean**2
            doubtful = change > 5e-4 * np.sqrt(squares / rows)
        return np.flatnonzero(doubtful).tolist()

    def column(self, position: int) -> np.ndarray:
        """Returns one column, `(rows, 1)`.

        Args:
            position: Integer. Position of the column.

        Example:

        >>> import scipy.sparse
        >>> SparseRows(scipy.sparse.eye_array(2)).column(0).tolist()
        [[1.0], [0.0]]
        """
        return self._matrix[:, [position]].toarray()


def _first_bad_row(matrix, value_range, missing):
    """Returns the number of the first row with a value that is not accepted, or None."""
    low, high = value_range or (-np.inf, np.inf)
    values = matrix.data
    bad = ~(np.isfinite(values) & (values >= low) & (values <= high))
    if missing == "mask":
        bad &= ~np.isnan(values)
    rows = [np.searchsorted(matrix.indptr, bad.argmax(), side="right") - 1] if bad.any() else []
    if not low <= 0 <= high:  # then a row without some number is bad too
        gaps = np.diff(matrix.indptr) < matrix.shape[1]
        rows += [gaps.argmax()] if gaps.any() else []
    return int(min(rows)) if rows else None
