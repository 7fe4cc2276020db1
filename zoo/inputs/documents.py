"""Documents as numbers: counts or weights of words, also in a scipy sparse matrix."""

import numpy as np

from zoo.errors import UsageError
from zoo.inputs.lazy import LazyRows
from zoo.inputs.sparse import SparseRows

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


class SparseDocuments(SparseRows):
    """Documents in a scipy sparse matrix: the fractions of the words, float32.

    Each row of counts or weights is divided by its sum. The matrix itself is not changed.

    Args:
        matrix: Sparse matrix of shape `(rows, words)`, in any format, of finite numbers of at least
            0.

    Raises:
        UsageError: If a number is negative, NaN or infinite, or not a number.

    Example:

    >>> import scipy.sparse
    >>> x = SparseDocuments(scipy.sparse.csr_array([[1, 3, 0], [0, 0, 0]]))
    >>> x[:1]
    array([[0.25, 0.75, 0.  ]], dtype=float32)
    >>> x.nonempty
    array([ True, False])
    """

    def __init__(self, matrix):
        import scipy.sparse

        super().__init__(matrix, "documents")
        csr = self._matrix
        if csr.dtype.kind not in "fbiu":
            raise UsageError(
                f"documents must be counts or weights of words. Received: {csr.dtype}."
            )
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
            values = csr.data.astype(np.float32)
        rows = np.repeat(np.arange(len(self)), np.diff(csr.indptr))
        wrong = ~((values >= 0) & np.isfinite(values))
        if wrong.any():
            first = int(wrong.argmax())
            raise UsageError(
                "documents must be finite counts or weights of at least 0. "
                f"Received: {values[first]:g} in row {rows[first]}."
            )
        totals = np.bincount(rows, values, minlength=len(self))
        divisors = np.where((totals > 0) & (np.abs(totals - 1) >= CLOSE), totals, 1)
        values /= divisors.astype(np.float32)[rows]
        self._matrix = scipy.sparse.csr_array((values, csr.indices, csr.indptr), shape=csr.shape)
        self.dtype = values.dtype

    @property
    def nonempty(self) -> np.ndarray:
        """Booleans, `(rows,)`: which documents hold a word."""
        return np.asarray(self._matrix.sum(axis=1)).ravel() > 0

    def take(self, rows):
        copy = object.__new__(type(self))
        matrix = self._matrix[rows]
        copy.__dict__ = self.__dict__ | {"_matrix": matrix, "shape": matrix.shape}
        return copy

    def within(self, value_range, name="rows", missing=None):
        return self  # fractions lie within [0, 1], as those of every model of documents


def nonempty(documents: "np.ndarray | LazyRows") -> np.ndarray:
    """Returns which documents hold a word.

    Args:
        documents: Array or `SparseDocuments`, `(rows, words)`.

    Returns:
        Boolean array of shape `(rows,)`.

    Example:

    >>> nonempty(np.array([[0.5, 0.5], [0.0, 0.0]]))
    array([ True, False])
    """
    return documents.nonempty if isinstance(documents, SparseDocuments) else documents.any(axis=1)
