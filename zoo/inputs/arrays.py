"""Checks of arrays on their way into a model, and computations on arrays batch by batch."""

import math

import numpy as np

from zoo.errors import UsageError
from zoo.inputs import containers
from zoo.inputs.arguments import positive_integer

ALIGNMENT = 64  # bytes; TensorFlow shares the memory of arrays that start at a multiple of it
AT_ONCE = 4_000_000  # bytes of float64 that a sum over rows holds in memory at a time


def check(
    given, shape, value_range=(0.0, 1.0), name="image", integers=False, values=True
) -> np.ndarray:
    """Returns rows as float32, after checking their shape, type and values.

    Args:
        given: Anything numpy can read, `(rows, *shape)`; 0 rows are accepted.
        shape: Tuple. Shape of one row; None stands for any size of an axis.
        value_range: Pair of floats, the smallest and the largest value accepted, or None for any
            finite value. Defaults to `(0.0, 1.0)`.
        name: String. What a row is called in an error message, in the singular or the plural.
            Defaults to `"image"`.
        integers: Boolean. Accept integers too, as the numbers that they are; booleans are always
            accepted. Defaults to False.
        values: Boolean. Check the values too; False for rows whose values are checked already.
            Defaults to True.

    Returns:
        A float32 array, `(rows, *shape)`.

    Raises:
        UsageError: If the rows are not accepted; the message says what to do.

    Example:

    >>> check([[0.0, 1.0]], shape=(2,))
    array([[0., 1.]], dtype=float32)
    """
    name = plural(name)
    array = regular(given, name)
    if array.ndim != len(shape) + 1 or any(
        size not in (None, received) for size, received in zip(shape, array.shape[1:], strict=True)
    ):
        received = array.shape if array is given or array.shape else type(given).__name__
        raise UsageError(
            f"{name} must have the shape {_shape_text(shape)}. Received: {received}."
            + _hint(array, shape)
        )
    if array.dtype.kind not in ("fbiu" if integers else "fb"):
        raise UsageError(
            f"{name} must be floating-point numbers{_between(value_range)}. Received: "
            f"{array.dtype}. Convert them first: x.astype('float32')"
            + (" / 255." if array.dtype.kind in "iu" and array.max(initial=0) > 1 else ".")
        )
    with np.errstate(over="ignore"):  # values that are too large become infinite, and are rejected
        array = array.astype(np.float32, copy=False)
    if array.size and values:
        check_values(array, value_range, name)
    return array


def plural(name: str) -> str:
    """Returns the plural of the name of a kind of rows: images, documents, features.

    Args:
        name: String.

    Example:

    >>> plural("image"), plural("features")
    ('images', 'features')
    """
    return name if name.endswith("s") else f"{name}s"


def regular(x, name: str) -> np.ndarray:
    """Returns rows as an array.

    Args:
        x: Anything numpy can read, a frame or a scipy sparse matrix.
        name: String. What the rows are called in an error message, in the plural.

    Raises:
        UsageError: If the rows differ in shape, or if numpy cannot read them.

    Example:

    >>> regular([[1, 2], [3, 4]], "rows").shape
    (2, 2)
    """
    x = containers.as_array(x, name)
    try:
        return np.asarray(x)
    except ValueError:
        raise UsageError(
            f"{name} must be one array, of rows of one shape. Received: rows that differ."
        ) from None


def as_texts(x) -> list[str] | None:
    """Returns the strings of a sequence of strings, or None for anything else.

    Args:
        x: Anything. A list, a tuple or an array, `(rows,)`, of strings, or of bytes in UTF-8, is a
            sequence of strings; an empty list or tuple is not.

    Returns:
        A list of strings, or None.

    Raises:
        UsageError: If `x` is one string, if only some elements are strings, or if bytes are not
            UTF-8.

    Example:

    >>> as_texts(["a cat", "a mat"]), as_texts([1.0, 2.0])
    (['a cat', 'a mat'], None)
    """
    if isinstance(x, (str, bytes)):
        raise UsageError(
            f"Texts must come as a list of strings, [text] if it is one. Received: {x!r:.60}."
        )
    if isinstance(x, np.ndarray) and (x.dtype.kind not in "OSU" or x.ndim != 1):
        return None
    if not isinstance(x, (list, tuple, np.ndarray)):
        return None
    if not len(x):
        return [] if isinstance(x, np.ndarray) else None
    if isinstance(x[0], bytes):
        x = [_decoded(text, row) if isinstance(text, bytes) else text for row, text in enumerate(x)]
    strings = [isinstance(text, str) for text in x]
    if not any(strings):
        return None
    if not all(strings):
        row = strings.index(False)
        raise UsageError(
            f"Texts must all be strings. Received: {type(x[row]).__name__} in row {row}."
        )
    return [str(text) for text in x]


def _decoded(text, row):
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise UsageError(
            f"Texts in bytes must be in UTF-8. Received: {text!r:.60} in row {row}."
        ) from None


def check_code(z, switches, shapes) -> list[np.ndarray]:
    """Returns codes and their switches as the list of tensors that a decoder takes.

    Args:
        z: Codes, `(rows, *latent_shape)`.
        switches: List of integer arrays, one for each shape after the first, or None.
        shapes: List of tuples. Shape of one row's code, then of each of its switches.

    Returns:
        A list of arrays: the codes as float32, then the switches as int32.

    Raises:
        UsageError: If codes or switches have another shape or type, or if switches are missing or
            not wanted.

    Example:

    >>> check_code(np.zeros((3, 2)), None, shapes=[(2,)])[0].dtype
    dtype('float32')
    """
    latent_shape, *switch_shapes = shapes
    z = check(z, latent_shape, None, "codes")
    if not switch_shapes:
        if switches:
            raise UsageError("These codes are decoded without switches. Received: switches.")
        return [z]
    if switches is None:
        raise UsageError(
            "These codes can be decoded only with the switches of the images they came from: "
            "z, switches = encode(x, switches=True), then decode(z, switches). "
            "Received: codes alone."
        )
    switches = [np.asarray(array) for array in switches]
    if [array.shape for array in switches] != [(len(z), *shape) for shape in switch_shapes]:
        expected = ", ".join(str((len(z), *shape)) for shape in switch_shapes)
        received = ", ".join(str(array.shape) for array in switches)
        raise UsageError(f"switches must have the shapes {expected}. Received: {received}.")
    if any(array.dtype.kind not in "iu" for array in switches):
        received = ", ".join(str(array.dtype) for array in switches)
        raise UsageError(f"switches must be integers. Received: {received}.")
    return [z, *(array.astype(np.int32, copy=False) for array in switches)]


def require_quantised(index_names) -> None:
    """Raises an error for a model whose codes are not entries of a codebook.

    Args:
        index_names: List of strings. The `index_names` of the model.

    Raises:
        UsageError: If the list is empty.

    Example:

    >>> require_quantised(["indices"])
    """
    if not index_names:
        raise UsageError("Only quantised codes have indices, such as vq_vae's; these have none.")


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


def check_values(array, value_range, name: str) -> None:
    """Raises an error for an array with a value that is not finite or out of range.

    Args:
        array: Array of floats, `(rows, ...)`, not empty.
        value_range: Pair of floats, the smallest and the largest value accepted, or None for any
            finite value.
        name: String. What the rows are called in an error message, in the plural.

    Raises:
        UsageError: If a value is not accepted.

    Example:

    >>> check_values(np.ones((2, 3)), (0.0, 1.0), "images")
    """
    lowest, highest = array.min(), array.max()  # either is NaN if any value is
    if not (np.isfinite(lowest) and np.isfinite(highest)):
        row = np.argwhere(~np.isfinite(array))[0][0]
        raise UsageError(
            f"{name} must be finite numbers. Received: {array[row][~np.isfinite(array[row])][0]} "
            f"in row {row}. Leave such rows out, or fill them."
        )
    if value_range is not None and not value_range[0] <= lowest <= highest <= value_range[1]:
        row = np.argwhere((array < value_range[0]) | (array > value_range[1]))[0][0]
        advice = f"Scale or clip them: numpy.clip(x, {value_range[0]:g}, {value_range[1]:g})."
        if name.endswith("features"):
            advice = "Scale them, or use a variant that does: one with standardise=True."
        elif value_range == (0.0, 1.0) and lowest >= 0 and 2 < highest <= 255:
            advice = "Divide them by 255."
        raise UsageError(
            f"{name} must lie{_between(value_range)}. Received: values from {array[row].min():g} "
            f"to {array[row].max():g} in row {row}. {advice}"
        )


def _shape_text(shape):
    return "(rows, " + ", ".join("any" if size is None else str(size) for size in shape) + ")"


def _between(value_range):
    return "" if value_range is None else f" within [{value_range[0]:g}, {value_range[1]:g}]"


def _hint(array, shape):
    if array.shape == tuple(shape):
        return " One row alone still needs its first axis: x[None]."
    if array.ndim == 1 and len(shape) > 1:
        return " One number per row looks like labels: an auto-encoder's target is its input."
    if len(shape) > 1 and shape[-1] == 1 and array.shape[1:] == tuple(shape)[:-1]:
        return " Grey images need their channel axis: x[..., None]."
    return ""
