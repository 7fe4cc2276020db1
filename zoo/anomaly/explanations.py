"""Finds which numbers of a row make it anomalous, by the errors of its reconstruction."""

import math

import numpy as np
from numpy.typing import ArrayLike

from zoo.inputs import chunks, kinds
from zoo.serving.codec import ScoringCodec

CHANNELS = "channels"  # the axis whose numbers belong to one pixel or step


def squared_errors(model: ScoringCodec, x: ArrayLike, batch_size: int = 256) -> np.ndarray:
    """Returns the squared error of each number of the rows' reconstructions.

    Errors of a model that standardises its input are in the variances of the training rows.

    Args:
        model: The model of a `Detector`.
        x: Rows, as `model.check` takes them.
        batch_size: Integer. Number of rows that are reconstructed at once. Defaults to 256.

    Returns:
        Float64 array of the shape of the rows, with NaN for missing cells.

    Raises:
        UsageError: If the model does not take the rows.

    Example:

    >>> pca = zoo.build("pca", input_shape=(3,), latent_dim=1).adapt(np.eye(3, dtype="float32"))
    >>> squared_errors(pca, np.zeros((2, 3), "float32")).shape
    (2, 3)
    """
    x = model.check(x)
    errors = np.asarray(x, np.float64) - model.reconstruct(x, batch_size)
    return np.square(errors / unit_of(model))


def unit_of(model: ScoringCodec) -> np.ndarray:
    """Returns what the errors of a detector's model are measured in.

    Args:
        model: The model of a `Detector`.

    Returns:
        Float32 array: the standard deviation of each number of a row or of each channel, or 1.

    Example:

    >>> unit_of(zoo.build("pca", input_shape=(3,), latent_dim=1))
    array([1.], dtype=float32)
    """
    unit = np.array((getattr(model, "detection", None) or {}).get("unit", [1.0]), np.float32)
    row = tuple(model.named_input.shape[1:])
    return unit.reshape(row) if unit.size == math.prod(row) else unit


def shares(errors: np.ndarray) -> np.ndarray:
    """Returns errors divided by their sum over each row.

    Args:
        errors: Float array, `(rows, ...)`, at least 0; NaN, a missing cell, counts as 0.

    Returns:
        Float32 array of the same shape: the shares of a row sum to 1, or are all 0 if it has no
        error.

    Example:

    >>> shares(np.array([[1.0, 3.0], [0.0, 0.0]]))
    array([[0.25, 0.75],
           [0.  , 0.  ]], dtype=float32)
    """
    errors = np.nan_to_num(errors)
    total = errors.sum(axis=tuple(range(1, errors.ndim)), keepdims=True)
    result = np.divide(errors, total, out=np.zeros_like(errors), where=total > 0)
    return result.astype(np.float32)


def largest(model: ScoringCodec, x: ArrayLike) -> tuple[list[str], np.ndarray]:
    """Returns the place of each row that has the largest share of its error.

    A place is a column of features, a pixel of an image, a step of a sequence, a voxel of a volume,
    or a word of a text; the errors of its channels are summed.

    Args:
        model: The model of a `Detector`.
        x: Rows, as `model.check` takes them.

    Returns:
        A pair: the name of the place for each row, and its share, float32 `(rows,)`. A column or
        a word has its own name if the model knows it; other places have their number, from 0, such
        as `"pixel 3, 5"` for that in row 3 and column 5 of an image.

    Raises:
        UsageError: If the model does not take the rows.

    Example:

    >>> pca = zoo.build("pca", input_shape=(3,), latent_dim=1).adapt(np.eye(3, dtype="float32"))
    >>> names, share = largest(pca, np.float32([[1, 0, 0]]))
    >>> len(names), share.shape
    (1, (1,))
    """
    kind = kinds.of_tensor(model.named_input.name)
    sizes = tuple(model.named_input.shape[1:])
    over = kind is not None and kind.axes[-1:] == (CHANNELS,)

    def of_batch(batch):
        share = shares(squared_errors(model, batch[0]))
        share = (share.sum(axis=-1) if over else share).reshape(len(share), -1)
        return [share.argmax(axis=1), share.max(axis=1)]

    positions, share = chunks.batched(of_batch, [model.check(x)], batch_size=256)
    names = _own_names(model, over)
    if names is None:
        word = kind.place if kind is not None else "number"
        grid = np.unravel_index(positions, sizes[:-1] if over else sizes)
        names_of_rows = [
            f"{word} {', '.join(map(str, place))}" for place in zip(*grid, strict=True)
        ]
    else:
        names_of_rows = [names[position] for position in positions]
    return names_of_rows, share


def _own_names(model, over_channels):
    """Returns the names of the columns or words of a model, or None if it knows none."""
    if over_channels:  # the names are those of the channels
        return None
    return model.vocabulary.words if model.vocabulary is not None else model.column_names
