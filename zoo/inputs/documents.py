"""Documents as numbers: counts or weights of words, also in a scipy sparse matrix."""

import numpy as np

from zoo.errors import UsageError
from zoo.inputs.lazy import LazyRows

CLOSE = 1e-3  # a row whose sum differs from 1 by less holds the fractions of a document already


def is_sparse(x) -> bool:
    """Returns whether `x` is a scipy sparse matrix or array of two axes.

    Args:
        x: Anything.

    Example:

    >>> import scipy.sparse
    >>> is_sparse(scipy.sparse.csr_array(np.eye(3))), is_sparse(np.eye(3))
    (True, False)
    """
    return callable(getattr(x, "tocsr", None)) and getattr(x, "ndim", None) == 2


def fractions(x):
    """Returns an array of counts as the fractions of the words, and anything else as it is.

    Args:
        x: Anything. An array of shape `(rows, words)`, of finite numbers of at least 0 of which one
            is above 1, holds counts.

    Returns:
        A float32 array whose rows have the sum 1, or 0; or `x` itself.

    Example:

    >>> fractions(np.array([[1, 3, 0], [0, 0, 0]]))
    array([[0.25, 0.75, 0.  ],
           [0.  , 0.  , 0.  ]], dtype=float32)
    """
    if not isinstance(x, np.ndarray) or x.ndim != 2 or x.dtype.kind not in "fiu" or not x.size:
        return x
    if not (x.min() >= 0 and 1 < x.max() < np.inf):  # false for NaN too
        return x
    totals = x.sum(axis=1, keepdims=True, dtype=np.float64)
    return (x / np.where(totals > 0, totals, 1)).astype(np.float32)


class SparseRows(LazyRows):
    """Documents in a scipy sparse matrix: the fractions of the words, float32.

    Each row of counts or weights is divided by its sum. The matrix itself is not changed, and its
    positions are not copied if it is in the CSR format.

    Args:
        matrix: Sparse matrix of shape `(rows, words)`, in any format, of finite numbers of at least
            0.

    Attributes:
        shape: Tuple. Shape of all rows.
        dtype: Float32.

    Raises:
        UsageError: If a number is negative, NaN or infinite, or not a number.

    Example:

    >>> import scipy.sparse
    >>> x = SparseRows(scipy.sparse.csr_array([[1, 3, 0], [0, 0, 0]]))
    >>> x[:1]
    array([[0.25, 0.75, 0.  ]], dtype=float32)
    >>> x.nonempty
    array([ True, False])
    """

    dtype = np.dtype(np.float32)

    def __init__(self, matrix):
        import scipy.sparse

        csr = matrix.tocsr()
        if csr.dtype.kind not in "fbiu":
            raise UsageError(
                f"documents must be counts or weights of words. Received: {csr.dtype}."
            )
        values = csr.data.astype(np.float64)  # a copy, whose quotients are rounded once
        self.shape = csr.shape
        rows = np.repeat(np.arange(len(self)), np.diff(csr.indptr))
        wrong = ~((values >= 0) & np.isfinite(values))
        if wrong.any():
            first = int(wrong.argmax())
            raise UsageError(
                "documents must be finite counts or weights of at least 0. "
                f"Received: {values[first]:g} in row {rows[first]}."
            )
        totals = np.bincount(rows, values, minlength=len(self))
        self.nonempty = totals > 0
        divisors = np.where(self.nonempty & (np.abs(totals - 1) >= CLOSE), totals, 1)
        values = (values / divisors[rows]).astype(np.float32)
        self._matrix = scipy.sparse.csr_array((values, csr.indices, csr.indptr), shape=csr.shape)

    def __getitem__(self, rows):
        return self._matrix[rows].toarray()

    def take(self, rows):
        copy = object.__new__(type(self))
        matrix = self._matrix[rows]
        copy.__dict__ = {
            "_matrix": matrix, "shape": matrix.shape, "nonempty": self.nonempty[rows]
        }  # fmt: skip
        return copy

    def within(self, value_range: tuple[float, float] | None) -> "SparseRows":
        """Returns the rows themselves, which lie in [0, 1], as those of every model of documents.

        Args:
            value_range: Pair of floats, or None.

        Example:

        >>> import scipy.sparse
        >>> SparseRows(scipy.sparse.csr_array([[2, 2]])).within((0.0, 1.0)).shape
        (1, 2)
        """
        return self


def nonempty(documents: "np.ndarray | LazyRows") -> np.ndarray:
    """Returns which documents hold a word.

    Args:
        documents: Array or `SparseRows`, `(rows, words)`.

    Returns:
        Boolean array of shape `(rows,)`.

    Example:

    >>> nonempty(np.array([[0.5, 0.5], [0.0, 0.0]]))
    array([ True, False])
    """
    return documents.nonempty if isinstance(documents, SparseRows) else documents.any(axis=1)
