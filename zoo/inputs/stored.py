"""Rows that stay on disk, in a file of numbers."""

import itertools
import os
from pathlib import Path

import numpy as np

from zoo.errors import UsageError
from zoo.inputs import kinds, numbers
from zoo.inputs.bounds import check_values
from zoo.inputs.lazy import LazyRows, slices

SAMPLED = 10_000  # rows by which columns of large numbers are recognised


class StoredRows(LazyRows):
    """The rows of a file of numbers, which are read when they are asked for, and then checked.

    Unsigned integers of images are divided by the largest number of their type, as
    `scaled` in `zoo/inputs/numbers.py` does. The file must stay as it is.

    Args:
        path: String or path of the file.
        offset: Integer. Position in bytes of the first row.
        shape: Tuple. Shape of all rows in the file.
        stored: Numpy dtype of the numbers in the file.
        kind: String. The kind of the rows, as for `Split`. Defaults to None, for that of their
            axes.

    Attributes:
        shape: Tuple. Shape of all rows, `(rows, ...)`; images have a channel axis.
        dtype: Float32.
        path: Path of the file.

    Raises:
        UsageError: If the rows are of no kind of data, or if float32 cannot hold the numbers of a
            column; and when rows are read that are not finite or out of range.

    Example:

    >>> np.full((3, 8, 8, 1), 255, "uint8").tofile("rows")
    >>> x = StoredRows("rows", 0, (3, 8, 8, 1), "uint8")
    >>> x[1:2].shape, float(x[1:2].max())
    ((1, 8, 8, 1), 1.0)
    """

    dtype = np.dtype(np.float32)

    def __init__(
        self,
        path: str | Path,
        offset: int,
        shape: tuple[int, ...],
        stored: np.dtype,
        kind: str | None = None,
    ):
        self.path, self._offset, self._stored = Path(path).absolute(), offset, np.dtype(stored)
        self._row = shape[1:]  # as it is stored
        self._positions = np.arange(shape[0])
        self._kind = kinds.of_array(len(shape), kind)
        if self._kind is None:
            raise UsageError(f"{path} must hold rows of a known kind. Received: the shape {shape}.")
        self.shape = (*shape, 1) if len(shape) == len(self._kind.axes) else shape
        self._range, self._divisor, self._missing = self._kind.value_range, 1, None
        self._order = None  # of the numbers on the last axis
        bytes_ = self._stored.kind == "u" and self._stored.itemsize <= 2
        if bytes_ and self._kind.value_range is not None:
            self._divisor = np.iinfo(self._stored).max if self._exceeds_one() else 1
        elif self._stored.kind not in ("fbiu" if self._kind.integers else "fb"):
            raise UsageError(
                f"{self._kind.name} must be floating-point numbers. Received: {self._stored} in "
                f"{path}."
            )
        elif self._kind.integers and len(self):
            some = np.arange(0, len(self), max(1, len(self) // SAMPLED))
            numbers.require_float32(self._read(some))

    def __getitem__(self, rows):
        positions = self._positions[rows]
        result = self._read(positions).reshape(-1, *self.shape[1:])
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
            if self._divisor == 1:
                result = result.astype(np.float32, copy=False)
            else:
                result = np.divide(result, self._divisor, dtype=np.float32)
        if result.size and self._stored.kind == "f":
            check_values(result, self._range, self._kind.name, positions, self._missing)
        return result if self._order is None else result[..., self._order]

    @property
    def kind(self) -> str:
        """Name of the kind of the rows."""
        return self._kind.name

    def take(self, rows):
        positions = self._positions[rows]
        return self._with(_positions=positions, shape=(len(positions), *self.shape[1:]))

    def within(self, value_range, name="rows", missing=None):
        if (value_range, missing) == (self._range, self._missing):
            return self
        return self._with(_range=value_range, _missing=missing)

    def reordered(self, order):
        order = np.asarray(order)
        return self._with(_order=order if self._order is None else self._order[order])

    def _with(self, **changes):
        copy = object.__new__(type(self))
        copy.__dict__ = self.__dict__ | changes
        return copy

    def _read(self, positions):
        """Returns rows as they are stored: neighbours in the file by one call."""
        result = np.empty((len(positions), *self._row), self._stored)
        size = self._stored.itemsize * int(np.prod(self._row, dtype=np.int64))
        if not result.size:
            return result
        target, done = memoryview(result).cast("B"), 0
        with self._opened() as file:
            runs = itertools.groupby(enumerate(positions), lambda pair: pair[1] - pair[0])
            for _, run in runs:
                run = list(run)
                length, start = len(run) * size, self._offset + int(run[0][1]) * size
                while length:
                    count = os.preadv(file.fileno(), [target[done : done + length]], start)
                    if not count:
                        raise self._changed("a shorter file")
                    done, start, length = done + count, start + count, length - count
        return result

    def _opened(self):
        try:
            return open(self.path, "rb", buffering=0)
        except FileNotFoundError:
            raise self._changed("no file") from None

    def _changed(self, received):
        return UsageError(
            f"{self.path} must stay as it was when it was opened. Received: {received}."
        )

    def _exceeds_one(self):
        """Returns whether a number is above 1, so that the images are no masks of 0 and 1."""
        parts = slices(len(self), int(np.prod(self._row)))
        return any(self._read(self._positions[part]).max(initial=0) > 1 for part in parts)
