"""Checks of arrays on their way into a model."""

import numpy as np

from zoo.errors import UsageError
from zoo.inputs import containers
from zoo.inputs.bounds import between, check_values
from zoo.inputs.lazy import LazyRows


def check(
    x,
    shape,
    value_range=(0.0, 1.0),
    name="image",
    integers=False,
    values=True,
    missing: str | None = None,
) -> np.ndarray:
    """Returns rows as float32, after checking their shape, type and values.

    Args:
        x: Anything numpy can read, `(rows, *shape)`; 0 rows are accepted.
        shape: Tuple. Shape of one row; None stands for any size of an axis.
        value_range: Pair of floats, the smallest and the largest value accepted, or None for any
            finite value. Defaults to `(0.0, 1.0)`.
        name: String. What a row is called in an error message, in the singular or the plural.
            Defaults to `"image"`.
        integers: Boolean. Accept integers too, as the numbers that they are; booleans are always
            accepted. Defaults to False.
        values: Boolean. Check the values too; False for rows whose values are checked already.
            Defaults to True.
        missing: String. `"mask"` accepts missing cells, NaN; `"refuse"` refuses them, and names
            `"mask"` as the way to accept them. Defaults to None, which refuses them.

    Returns:
        A float32 array, `(rows, *shape)`, or the `LazyRows`, which are checked when they are read.

    Raises:
        UsageError: If the rows are not accepted; the message says what to do.

    Example:

    >>> check([[0.0, 1.0]], shape=(2,))
    array([[0., 1.]], dtype=float32)
    """
    name = plural(name)
    array = regular(x, name)
    if len(array.shape) != len(shape) + 1 or any(
        size not in (None, received) for size, received in zip(shape, array.shape[1:], strict=True)
    ):
        received = array.shape if array is x or array.shape else type(x).__name__
        raise UsageError(
            f"{name} must have the shape {_shape_text(shape)}. Received: {received}."
            + _hint(array, shape)
        )
    if array.dtype.kind not in ("fbiu" if integers else "fb"):
        raise UsageError(
            f"{name} must be floating-point numbers{between(value_range)}. Received: "
            f"{array.dtype}. Convert them first: x.astype('float32')"
            + (" / 255." if _are_bytes(array) else ".")
        )
    if isinstance(array, LazyRows):
        return array.within(value_range, name, missing) if values else array
    with np.errstate(over="ignore"):  # values that are too large become infinite, and are rejected
        array = array.astype(np.float32, copy=False)
    if array.size and values:
        check_values(array, value_range, name, missing=missing)
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


def regular(x, name: str) -> "np.ndarray | LazyRows":
    """Returns rows as an array; rows on disk stay there.

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
    if isinstance(x, LazyRows):
        return x
    try:
        return np.asarray(x)
    except ValueError:
        raise UsageError(
            f"{name} must be one array, of rows of one shape. Received: rows that differ."
        ) from None


def without_column(array: np.ndarray) -> np.ndarray:
    """Returns an array of shape `(rows, 1)` as `(rows,)`, and any other array as it is.

    Args:
        array: Array, such as of labels or of weights.

    Example:

    >>> without_column(np.array([[3], [4]])).tolist()
    [3, 4]
    """
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


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


def _are_bytes(array):
    return isinstance(array, np.ndarray) and array.dtype.kind in "iu" and array.max(initial=0) > 1


def _shape_text(shape):
    return "(rows, " + ", ".join("any" if size is None else str(size) for size in shape) + ")"


def _hint(array, shape):
    if array.shape == tuple(shape):
        return " One row alone still needs its first axis: x[None]."
    if (*array.shape, 1) == tuple(shape) and len(array.shape) > 1:
        return " One row alone still needs its first axis, and its channel: x[None, ..., None]."
    if len(shape) > 1 and array.shape[1:] == (shape[-1], *shape[:-1]) and shape[-1] != shape[-2]:
        return " The channels are the last axis: numpy.moveaxis(x, 1, -1)."
    if len(array.shape) == 1 and len(shape) > 1:
        return " One number per row looks like labels: an auto-encoder's target is its input."
    if len(shape) > 1 and shape[-1] == 1 and array.shape[1:] == tuple(shape)[:-1]:
        return " Grey images need their channel axis: x[..., None]."
    return ""
