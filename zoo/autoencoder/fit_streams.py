"""Streams of the rows in memory that `fit` and `evaluate` are called with."""

import math

import numpy as np
import tensorflow as tf

from zoo.errors import UsageError
from zoo.inputs import chunks
from zoo.inputs.arguments import positive_integer
from zoo.inputs.lazy import LazyRows

BATCH_SIZE = 32  # the default, as in Keras
OF_FIT = ("shuffle", "steps_per_epoch")  # arguments that `evaluate` does not have
AT_ONCE = 4_000_000  # bytes of rows gathered at once: faster than one batch at a time


def streamed(x, y, batch_size: int | None, kwargs: dict, partners: np.ndarray | None = None):
    """Returns inputs, targets and further arguments of `fit` or `evaluate`, with arrays as streams.

    The stream replaces the one that Keras would make: Keras leaves the autotuning of tf.data on,
    which can delay the end of an epoch by as long as the epoch took, and which has nothing to tune
    for rows in memory. Arrays are returned as they are if the number of steps is given, or if
    `shuffle` is `"batch"`.

    Args:
        x: Array of inputs, `LazyRows`, or a stream.
        y: Array of targets, or None.
        batch_size: Integer. Number of rows in a batch; None for 32.
        kwargs: Dictionary of the further arguments.
        partners: Integer array of candidate partners, as for `batches`, or None. Defaults to None.

    Returns:
        A triple of the inputs, the targets or None, and a dictionary of the further arguments.

    Raises:
        UsageError: If inputs, targets and sample weights differ in their number of rows, or if
            `batch_size` is not accepted.

    Example:

    >>> stream, y, kwargs = streamed(np.zeros((5, 2)), None, 2, {"epochs": 3})
    >>> kwargs
    {'epochs': 3, 'shuffle': False, 'steps_per_epoch': 3}
    """
    kwargs = {"shuffle": not isinstance(x, tf.data.Dataset)} | kwargs
    batch_size = BATCH_SIZE if batch_size is None else batch_size
    held_out = kwargs.get("validation_data")
    if (
        isinstance(held_out, tuple | np.ndarray | LazyRows)
        and kwargs.get("validation_steps") is None
    ):
        held_out = held_out if isinstance(held_out, tuple) else (held_out,)
        size = kwargs.get("validation_batch_size") or batch_size
        kwargs["validation_data"] = batches(held_out, size)
    by_keras = kwargs.get("steps_per_epoch") or kwargs.get("steps") or kwargs["shuffle"] == "batch"
    if not isinstance(x, np.ndarray | LazyRows):
        return x, y, kwargs
    if by_keras and isinstance(x, LazyRows):
        raise UsageError(
            "Rows on disk, and those of a sparse matrix, are passed over once in each epoch: "
            "`steps_per_epoch` and `steps` must be None, and `shuffle` True or False."
        )
    if by_keras:
        return x, y, kwargs
    rows = tuple(
        values for values in (x, y, kwargs.pop("sample_weight", None)) if values is not None
    )
    keys = tf.data.Dataset.random(rerandomize_each_iteration=True).batch(2).take(1)
    shuffle = kwargs.pop("shuffle")
    keys = keys if shuffle or partners is not None else None
    stream = batches(rows, batch_size, keys, partners=partners, shuffle=shuffle)
    steps = int(stream.cardinality())  # if it is known, Keras makes one iterator per epoch, not two
    return stream, None, kwargs | {"shuffle": False, "steps_per_epoch": steps}


def in_order(x, y, batch_size: int | None, kwargs: dict):
    """Returns what `streamed` returns, for `evaluate`, in which rows are never shuffled.

    Args:
        x: Array of inputs, or a stream.
        y: Array of targets, or None.
        batch_size: Integer. Number of rows in a batch; None for 32.
        kwargs: Dictionary of the further arguments.

    Returns:
        A triple of the inputs, the targets or None, and a dictionary of the further arguments.

    Raises:
        UsageError: If inputs, targets and sample weights differ in their number of rows, or if
            `batch_size` is not accepted.

    Example:

    >>> stream, y, kwargs = in_order(np.zeros((5, 2)), None, 2, {"verbose": 0})
    >>> kwargs
    {'verbose': 0}
    """
    x, y, kwargs = streamed(x, y, batch_size, kwargs | {"shuffle": False})
    return x, y, {key: value for key, value in kwargs.items() if key not in OF_FIT}


def lazy_as_stream(x, batch_size: int | None):
    """Returns `LazyRows` as a stream of batches, and anything else as it is.

    Args:
        x: Array, `LazyRows` or a stream.
        batch_size: Integer. Number of rows in a batch; None for 32.

    Raises:
        UsageError: If `batch_size` is not accepted.

    Example:

    >>> lazy_as_stream(np.arange(3), None)
    array([0, 1, 2])
    """
    size = BATCH_SIZE if batch_size is None else batch_size
    return batches(x, size) if isinstance(x, LazyRows) else x


def batches(
    rows,
    batch_size: int,
    keys: tf.data.Dataset | None = None,
    *,
    partners: np.ndarray | None = None,
    shuffle: bool = True,
) -> tf.data.Dataset:
    """Returns a stream of rows in memory, batch by batch.

    Args:
        rows: Array or `LazyRows`, or tuple of these with the same number of rows. Of `LazyRows`
            those of the next batches are read while the model learns.
        batch_size: Positive integer. Number of rows in a batch; the last may have fewer.
        keys: `tf.data.Dataset` of one pair of integers, new in each epoch, that determines the
            order of the epoch, and the partners; None for the order of the rows. Defaults to None.
        partners: Integer array of row numbers, `(rows, k)`, the candidate partners of each row, of
            which every epoch draws one; it needs `keys`. The first part of a batch is then the pair
            of the rows and their partners. Defaults to None, for rows without partners.
        shuffle: Boolean. False keeps the order of the rows in spite of `keys`. Defaults to True.

    Returns:
        A `tf.data.Dataset`.

    Raises:
        UsageError: If the arrays differ in their number of rows, or if `batch_size` is not
            accepted.

    Example:

    >>> [batch.numpy() for batch in batches(np.arange(5), batch_size=2)]
    [array([0, 1]), array([2, 3]), array([4])]
    """
    counts = [len(values) for values in (rows if isinstance(rows, tuple) else (rows,))]
    count = counts[0]
    if set(counts) != {count}:
        description = ", ".join(map(str, counts))
        raise UsageError(
            "Inputs, targets and sample weights must have the same number of rows. "
            f"Received: {description}."
        )
    steps = math.ceil(count / positive_integer("batch_size", batch_size))
    with tf.device("CPU"):
        tensors = tf.nest.map_structure(_tensor, rows)
        if partners is not None:
            first, *others = tensors if isinstance(tensors, tuple) else (tensors,)
            tensors, partners = ((first, first), *others), _tensor(partners)
    row_bytes = sum(
        tf.as_dtype(values.dtype).size * math.prod(values.shape[1:])
        for values in tf.nest.flatten(tensors)
    )
    draw_size = batch_size * max(1, AT_ONCE // (batch_size * row_bytes))
    draws = math.ceil(count / draw_size)
    padding = draw_size * draws - count

    def orders(*key):  # (draws, draw_size): row numbers of each draw, padded with -1
        order = tf.range(count)
        if key and shuffle:
            order = tf.random.experimental.stateless_shuffle(order, key[0])
        if partners is None:
            return (in_draws(order),)
        key = tf.random.experimental.stateless_fold_in(key[0], 1)  # not that of the order
        columns = tf.random.stateless_uniform((count,), key, 0, partners.shape[1], tf.int32)
        chosen = tf.gather_nd(partners, tf.stack([order, columns], axis=1))
        return in_draws(order), in_draws(chosen)

    def in_draws(numbers):
        return tf.reshape(tf.pad(numbers, [[0, padding]], constant_values=-1), (draws, draw_size))

    def draw(*orders):
        indices = [order[order >= 0] for order in orders]
        if partners is None:
            return tf.nest.map_structure(lambda values: _gather(values, indices[0]), tensors)
        (first, _), *others = tensors
        pair = tuple(_gather(first, numbers) for numbers in indices)
        return pair, *(_gather(values, indices[0]) for values in others)

    epoch = tf.data.Dataset.from_tensors(orders()) if keys is None else keys.map(orders)
    stream = epoch.unbatch().map(draw).rebatch(batch_size, drop_remainder=count % batch_size == 0)
    options = tf.data.Options()
    options.autotune.enabled = False
    options.experimental_optimization.apply_default_optimizations = (
        False  # these would copy the rows
    )
    # A strategy of one replica would undo the batches to shard them.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    stream = stream.apply(tf.data.experimental.assert_cardinality(steps))
    return stream.prefetch(2).with_options(options)


def _gather(values, numbers):
    if not isinstance(values, LazyRows):
        return tf.gather(values, numbers)
    rows = tf.numpy_function(lambda numbers: values[numbers], [numbers], values.dtype)
    return tf.ensure_shape(rows, (None, *values.shape[1:]))


def _tensor(values):
    """Returns rows as a tensor that shares the memory of an aligned array, or else is a copy.

    TensorFlow's own conversion holds two copies for a while. `LazyRows` stay as they are.
    """
    if isinstance(values, LazyRows):
        return values
    if not isinstance(values, np.ndarray) or not values.size:
        return tf.convert_to_tensor(values)
    if values.dtype.kind not in "fiu" or not values.dtype.isnative:
        return tf.convert_to_tensor(values)
    return tf.experimental.dlpack.from_dlpack(chunks.aligned(values).__dlpack__())
