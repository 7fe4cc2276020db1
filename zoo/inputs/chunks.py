"""Computations on rows in memory, a few rows at a time, and copies that tensors can share."""

import math

import numpy as np

from zoo.inputs.arguments import positive_integer
from zoo.inputs.lazy import LazyRows, slices

ALIGNMENT = 64  # bytes; TensorFlow shares the memory of arrays that start at a multiple of it


def batched(run, tensors, batch_size: int) -> list[np.ndarray]:
    """Returns the outputs of a function for arrays of any number of rows, batch by batch.

    For 0 rows the function is called on one row of zeros, whose outputs are dropped, so
    that no runtime has to accept 0 rows.

    Args:
        run: Function of a list of arrays that returns a list of arrays or tensors.
        tensors: List of arrays or `LazyRows` with the same number of rows.
        batch_size: Positive integer. Number of rows that are computed at once.

    Returns:
        A list of arrays, with all rows of each output.

    Example:

    >>> batched(lambda batch: [2 * batch[0]], [np.arange(5)], batch_size=2)
    [array([0, 2, 4, 6, 8])]
    """
    rows, batch_size = len(tensors[0]), positive_integer("batch_size", batch_size)
    if 0 < rows <= batch_size:
        return [np.asarray(output) for output in run([np.asarray(x) for x in tensors])]
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


def take(array: "np.ndarray | LazyRows", rows) -> "np.ndarray | LazyRows":
    """Returns `array[rows]`; a copy is aligned, so that a tensor can share its memory.

    Args:
        array: Array, or `LazyRows`, of which no row is read, `(rows, ...)`.
        rows: Slice, integers or booleans, as in numpy.

    Example:

    >>> take(np.array([10, 20, 30]), [2, 0])
    array([30, 10])
    """
    if isinstance(array, LazyRows):
        return array.take(rows)
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


def mean_of_rows(x: "np.ndarray | LazyRows") -> np.ndarray:
    """Returns the mean over the rows in float64, summed a few rows at a time.

    Args:
        x: Array, or `LazyRows`, `(rows, ...)`, of at least one row.

    Returns:
        A float64 array in the shape of one row.

    Example:

    >>> mean_of_rows(np.array([[1.0, 10.0], [3.0, 30.0]]))
    array([ 2., 20.])
    """
    parts = slices(len(x), math.prod(x.shape[1:]))
    return sum(x[rows].sum(axis=0, dtype=np.float64) for rows in parts) / len(x)


def mean_and_deviation(
    x: "np.ndarray | LazyRows", per_channel: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Returns mean and standard deviation over the rows, without a copy of all rows in float64.

    Missing cells, NaN, do not count.

    Args:
        x: Array, or `LazyRows`, `(rows, ...)`.
        per_channel: Boolean. Whether all numbers of the last axis share one mean and deviation.
            Defaults to False, for those of each number.

    Returns:
        A pair of float64 arrays in the shape of one row, or `(channels,)` with `per_channel`; NaN
        where no row has a value.

    Example:

    >>> mean_and_deviation(np.array([[1.0, 10.0], [3.0, 30.0]]))
    (array([ 2., 20.]), array([ 1., 10.]))
    >>> mean_and_deviation(np.array([[1.0, 10.0], [3.0, np.nan]]))
    (array([ 2., 10.]), array([1., 0.]))
    """
    if per_channel and isinstance(x, LazyRows):
        return _of_observed(x, per_channel)
    if per_channel:
        x = x.reshape(-1, x.shape[-1])
    mean = mean_of_rows(x) if isinstance(x, LazyRows) else x.mean(axis=0, dtype=np.float64)
    if np.isnan(mean).any():
        return _of_observed(x, per_channel)
    squares = sum(
        np.square(np.subtract(x[rows], mean, dtype=np.float64)).sum(axis=0)
        for rows in slices(len(x), mean.size)
    )
    return mean, np.sqrt(squares / len(x))


def _of_observed(x, per_channel):
    """Returns what `mean_and_deviation` does, from counts of the cells that are not NaN."""

    def parts():
        for rows in slices(len(x), math.prod(x.shape[1:])):
            yield x[rows].reshape(-1, x.shape[-1]) if per_channel else x[rows]

    count, total = 0, 0.0
    for part in parts():
        count = count + np.sum(~np.isnan(part), axis=0)
        total = total + np.nansum(part, axis=0, dtype=np.float64)
    with np.errstate(invalid="ignore"):  # 0 / 0 where no row has a value
        mean = total / count
        squares = sum(
            np.nansum(np.square(np.subtract(part, mean, dtype=np.float64)), axis=0)
            for part in parts()
        )
        return mean, np.sqrt(squares / count)


def _empty(shape, dtype):
    """Returns an uninitialised array whose memory is aligned."""
    size = math.prod(shape) * dtype.itemsize
    memory = np.empty(size + ALIGNMENT, np.uint8)
    first = -memory.ctypes.data % ALIGNMENT
    return memory[first : first + size].view(dtype).reshape(shape)
