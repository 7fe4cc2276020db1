"""Pairs in a batch: beside each row one partner, which is drawn from the row's candidates."""

import keras
import numpy as np

from zoo.errors import UsageError
from zoo.inputs.lazy import LazyRows


def to_draw_from(model, x: np.ndarray, kwargs: dict) -> np.ndarray | None:
    """Returns the candidate partners of the rows that `fit` is called with.

    Args:
        model: `AutoEncoder`.
        x: Rows in memory, checked and without those held out.
        kwargs: Dictionary of the further arguments of `fit`.

    Returns:
        Int32 array, `(rows, k)`, as `candidates` returns it; None for a model that does not learn
        from pairs.

    Raises:
        UsageError: If an argument is one for which Keras draws the batches: it draws no pairs.

    Example:

    >>> to_draw_from(zoo.build("pca"), np.zeros((2, 28, 28, 1)), {}) is None
    True
    """
    if not model.learns_from_pairs:
        return None
    steps, shuffle = kwargs.get("steps_per_epoch"), kwargs.get("shuffle", True)
    if steps is not None or shuffle == "batch":
        raise UsageError(
            "A model that learns from pairs passes over all rows in each epoch: `steps_per_epoch` "
            "must be None, and `shuffle` True or False. "
            f"Received: steps_per_epoch={steps!r}, shuffle={shuffle!r}."
        )
    return candidates(model, x, kwargs.get("sample_weight"))


def candidates(model, x: np.ndarray, sample_weight=None) -> np.ndarray | None:
    """Returns the candidate partners of each row, from which `fit` draws one in every epoch.

    A row of weight 0 is nobody's candidate, since it must change nothing.

    Args:
        model: Keras model of the zoo.
        x: Rows, `(rows, *input_shape)`.
        sample_weight: Array of weights, `(rows, ...)`, or None. Defaults to None.

    Returns:
        Int32 array of row numbers, `(rows, k)`; None for a model that does not learn from pairs.

    Raises:
        UsageError: If there are too few rows, or if the model's `partners` returns anything else.

    Example:

    >>> candidates(zoo.build("pca"), np.zeros((2, 28, 28, 1))) is None
    True
    """
    if not model.learns_from_pairs:
        return None
    if isinstance(x, LazyRows):
        raise UsageError(
            "A model that learns from pairs needs its rows in memory as one dense array, to find "
            f"their neighbours. Received: {len(x)} rows on disk or of a sparse matrix."
        )
    used = np.arange(len(x))
    if sample_weight is not None and np.any(sample_weight):
        used = np.flatnonzero(np.reshape(sample_weight, (len(x), -1)).any(axis=1))
    partners = np.asarray(model.partners(x if len(used) == len(x) else x[used]))
    if partners.ndim != 2 or len(partners) != len(used) or partners.dtype.kind not in "iu":
        raise UsageError(
            f"`partners(x)` of {model.variant or type(model).__name__} must return row numbers, "
            f"({len(used)}, k). Received: {partners.dtype} of shape {partners.shape}."
        )
    if partners.size == 0 or partners.min() < 0 or partners.max() >= len(used):
        raise UsageError(
            f"`partners(x)` of {model.variant or type(model).__name__} must return at least one "
            f"row number from 0 to {len(used) - 1} for each row. Received: others."
        )
    result = np.repeat(np.arange(len(x), dtype=np.int32)[:, None], partners.shape[1], axis=1)
    result[used] = used[partners]
    return result


def separated(data) -> tuple:
    """Returns a batch without its partners, and the partners.

    Args:
        data: Batch, as Keras passes it to `train_step`. Its inputs are rows, or a pair of the rows
            and their partners.

    Returns:
        A pair: the batch with the rows alone as its inputs, and the partners, or None if there are
        none.

    Example:

    >>> separated((("rows", "partners"), "targets"))
    (('rows', 'targets', None), 'partners')
    """
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
    if not isinstance(x, tuple):
        return data, None
    rows, partners = x
    return (rows, y, sample_weight), partners
