"""Computations on rows in memory, a few rows at a time, and copies that tensors can share."""

import math

import numpy as np

from zoo.inputs.arguments import positive_integer

ALIGNMENT = 64  # bytes; TensorFlow shares the memory of arrays that start at a multiple of it
AT_ONCE = 4_000_000  # bytes of float64 that a sum over rows holds in memory at a time


def batched(run, tensors, batch_size: int) -> list[np.ndarray]:
    """Returns the outputs of a function for arrays of any number of rows, batch by batch.

    For 0 rows the function is called on one row of zeros, whose outputs are dropped, so
    that no runtime has to accept 0 rows.

    Args:
        run: Function of a list of arrays that returns a list of arrays or tensors.
        tensors: List of arrays with the same number of rows.
        batch_size: Positive integer. Number of rows that are computed at once.

    Returns:
        A list of arrays, with all rows of each output.

    Example:

    >>> batched(lambda batch: [2 * batch[0]], [np.arange(5)], batch_size=2)
    [array([0, 2, 4, 6, 8])]
    """
    rows, batch_size = len(tensors[0]), positive_integer("batch_size", batch_size)
    if 0 < rows <= batch_size:
        return [np.asarray(output) for output in run(tensors)]
    if rows == 0:
        blank = [np.zeros((1, *tensor.shape[1:]), tensor.dtype) for tensor in tensors]
        return [np.asarray(output)[:0] for output in run(blank)]
    results = []
    for start in range(0, rows, batch_size):
        batch = slice(start, start + batch_size)
        outputs = [np.asarray(output) for output in run([tensor[batch] for tensor in tensors])]
        results = results or [
            np.empty((rows, *output.shape[1:]), output.dtype) for output in outputs
        ]
        for result, output in zip(results, outputs, strict=True):
            result[batch] = output
    return results


def take(array: np.ndarray, rows) -> np.ndarray:
    """Returns `array[rows]`; a copy is aligned, so that a tensor can share its memory.

    Args:
        array: Array, `(rows, ...)`.
        rows: Slice, integers or booleans, as in numpy.

    Example:

    >>> take(np.array([10, 20, 30]), [2, 0])
    array([30, 10])
    """
    if isinstance(rows, slice) or array.dtype.hasobject:
        return array[rows]
    positions = np.arange(len(array))[rows]
    result = _empty((len(positions), *array.shape[1:]), array.dtype)
    # The positions are valid; in a mode that checks them again, `take` would fill a buffer first.
    return np.take(array, positions, axis=0, out=result, mode="clip")


def aligned(array: np.ndarray) -> np.ndarray:
    """Returns the array itself if a tensor can share its memory, or else an aligned copy.

    Args:
        array: Array of any shape.

    Example:

    >>> aligned(np.arange(6)[::2])
    array([0, 2, 4])
    """
    flags = array.flags
    if flags.c_contiguous and flags.writeable and array.ctypes.data % ALIGNMENT == 0:
        return array
    result = _empty(array.shape, array.dtype)
    result[...] = array
    return result


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


class MappedRows:
    """The rows of an array under a function that is applied to a few rows at a time.

    Indexing by a slice or by positions returns those rows; `np.asarray` returns all of them.

    Args:
        function: Function of rows, `(n, ...)`, that returns an array of n rows.
        rows: Array of at least one row.

    Attributes:
        shape: Tuple. Shape of all rows.
        dtype: Numpy dtype of the rows.

    Example:

    >>> x = MappedRows(np.sqrt, np.array([[1.0, 4.0], [9.0, 16.0]]))
    >>> x[1:]
    array([[3., 4.]])
    >>> x.shape
    (2, 2)
    """

    def __init__(self, function, rows: np.ndarray):
        self._function, self._rows = function, rows
        first = function(rows[:1])
        self.shape, self.dtype = (len(rows), *first.shape[1:]), first.dtype

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, rows):
        return self._function(self._rows[rows])

    def __array__(self, dtype=None, copy=None):
        result = np.empty(self.shape, dtype or self.dtype)
        for rows in slices(len(self), math.prod(self.shape[1:])):
            result[rows] = self[rows]
        return result


def mean_of_rows(x: "np.ndarray | MappedRows") -> np.ndarray:
    """Returns the mean over the rows in float64, summed a few rows at a time.

    Args:
        x: Array, or `MappedRows`, `(rows, ...)`, of at least one row.

    Returns:
        A float64 array in the shape of one row.

    Example:

    >>> mean_of_rows(np.array([[1.0, 10.0], [3.0, 30.0]]))
    array([ 2., 20.])
    """
    parts = slices(len(x), math.prod(x.shape[1:]))
    return sum(x[rows].sum(axis=0, dtype=np.float64) for rows in parts) / len(x)


def mean_and_deviation(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns mean and standard deviation over the rows, without a copy of all rows in float64.

    Args:
        x: Array, `(rows, ...)`.

    Returns:
        A pair of float64 arrays in the shape of one row.

    Example:

    >>> mean_and_deviation(np.array([[1.0, 10.0], [3.0, 30.0]]))
    (array([ 2., 20.]), array([ 1., 10.]))
    """
    mean = x.mean(axis=0, dtype=np.float64)
    squares = sum(
        np.square(np.subtract(x[rows], mean, dtype=np.float64)).sum(axis=0)
        for rows in slices(len(x), mean.size)
    )
    return mean, np.sqrt(squares / len(x))


def _empty(shape, dtype):
    """Returns an uninitialised array whose memory is aligned."""
    size = math.prod(shape) * dtype.itemsize
    memory = np.empty(size + ALIGNMENT, np.uint8)
    first = -memory.ctypes.data % ALIGNMENT
    return memory[first : first + size].view(dtype).reshape(shape)
