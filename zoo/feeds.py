"""What `fit`, `evaluate` and validation are fed: arrays checked whole, streams by a first batch.

Arrays go on as streams of our own: tf.data's autotuning, which Keras's leave on, can hold up the
end of an epoch for as long as the epoch took, and finds nothing to tune in rows in memory.
"""

import itertools
import math

import keras
import numpy as np
import tensorflow as tf

from zoo.arguments import positive_integer
from zoo.datasets.dataset import Dataset, Split
from zoo.errors import UsageError

ARRAYS = (np.ndarray, tf.Tensor, list, tuple)
REPEATABLE = (*ARRAYS, tf.data.Dataset, keras.utils.PyDataset)
BATCH_SIZE = 32  # where none is given, as in Keras
OF_FIT = ("shuffle", "steps_per_epoch")  # arguments that `evaluate` does not have
AT_ONCE = 4_000_000  # bytes that are drawn for some batches together: one by one takes longer


def checked(x, y, given: dict, check, check_targets=None):
    """Inputs, targets and what else `fit` was given, checked; held-out rows are split off.

    Args:
        x, y: of `fit` or `evaluate`; without targets Keras would drop sample weights.
        given: further arguments of it, by name.
        check: a function of an array, and of a name for it, that returns it or raises.
        check_targets: the same of targets, where they are of another kind than inputs.

    Returns:
        Inputs, targets or None, and the further arguments.
    """
    check_targets = check_targets or check
    x, given = _checked_batches(inputs_of(x), check, check_targets), dict(given)
    if y is not None:
        y = check_targets(y, "targets")
    elif given.get("sample_weight") is not None:
        y = x
    if given.get("validation_data") is not None:
        held_out = _checked_validation(given["validation_data"], check, check_targets)
        given["validation_data"] = held_out
    elif given.get("validation_split") and isinstance(x, ARRAYS):
        return _split(x, y, given)
    return x, y, given


def streamed(x, y, batch_size: int | None, given: dict):
    """Inputs, targets and what else `fit` or `evaluate` was given, with arrays as streams.

    Left as they are where Keras is told how many batches to take, or to shuffle whole batches.
    """
    given = {"shuffle": True} | given
    batch_size = BATCH_SIZE if batch_size is None else batch_size
    held_out = given.get("validation_data")
    if isinstance(held_out, ARRAYS) and given.get("validation_steps") is None:
        held_out = held_out if isinstance(held_out, tuple) else (held_out,)
        size = given.get("validation_batch_size") or batch_size
        given["validation_data"] = batches(held_out, size)
    told = given.get("steps_per_epoch") or given.get("steps") or given["shuffle"] == "batch"
    if told or not isinstance(x, ARRAYS):
        return x, y, given
    rows = tuple(each for each in (x, y, given.pop("sample_weight", None)) if each is not None)
    keys = tf.data.Dataset.random(rerandomize_each_iteration=True).batch(2).take(1)
    keys = keys if given.pop("shuffle") else None
    stream = batches(rows, batch_size, keys)
    steps = int(stream.cardinality())  # told so, Keras makes one iterator an epoch and not two
    return stream, None, given | {"shuffle": False, "steps_per_epoch": steps}


def in_order(x, y, batch_size: int | None, given: dict):
    """As `streamed`, for `evaluate`, which knows no order but the rows' own."""
    x, y, given = streamed(x, y, batch_size, given | {"shuffle": False})
    return x, y, {key: value for key, value in given.items() if key not in OF_FIT}


def batches(rows, batch_size: int, keys: tf.data.Dataset | None = None) -> tf.data.Dataset:
    """Rows in memory, batch by batch.

    Args:
        rows: an array, or a tuple of arrays of one length.
        batch_size: rows a batch; the last may have fewer.
        keys: a stream of one pair of integers, anew each epoch, of which the epoch's order is a
            function; None for the rows' own order.
    """
    counts = [len(each) for each in (rows if isinstance(rows, tuple) else (rows,))]
    count = counts[0]
    if set(counts) != {count}:
        told = ", ".join(map(str, counts))
        raise UsageError(
            f"Inputs, targets and sample weights must have as many rows. Received: {told}."
        )
    steps = math.ceil(count / positive_integer("batch_size", batch_size))
    with tf.device("CPU"):
        whole = tf.nest.map_structure(tf.convert_to_tensor, rows)
    of_a_row = sum(each.dtype.size * math.prod(each.shape[1:]) for each in tf.nest.flatten(whole))
    at_once = batch_size * max(1, AT_ONCE // (batch_size * of_a_row))
    draws = math.ceil(count / at_once)
    beyond = at_once * draws - count

    def orders(*key):  # of each draw, (draws, at_once); -1 where there is no row left
        order = tf.range(count)
        if key:
            order = tf.random.experimental.stateless_shuffle(order, key[0])
        return tf.reshape(tf.pad(order, [[0, beyond]], constant_values=-1), (draws, at_once))

    def draw(order):
        drawn = order[order >= 0]
        return tf.nest.map_structure(lambda each: tf.gather(each, drawn), whole)

    epoch = tf.data.Dataset.from_tensors(orders()) if keys is None else keys.map(orders)
    stream = epoch.unbatch().map(draw).rebatch(batch_size, drop_remainder=count % batch_size == 0)
    options = tf.data.Options()
    options.autotune.enabled = False
    # A strategy of one replica would undo the batches to shard them.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    stream = stream.apply(tf.data.experimental.assert_cardinality(steps))
    return stream.prefetch(2).with_options(options)


def inputs_of(x):
    """Of a data set the inputs of its training split; anything else as it is."""
    if isinstance(x, (Dataset, Split)):
        return (x.train if isinstance(x, Dataset) else x).inputs
    return x


def as_array(x, batches: int = 1000) -> np.ndarray:
    """The inputs of an array; of a stream, those of its first batches."""
    if isinstance(x, ARRAYS):
        return np.asarray(x)
    if not isinstance(x, REPEATABLE):
        raise UsageError(
            "A generator cannot be looked into without being used up: call model.adapt(rows) on "
            f"some rows first. Received: {type(x).__name__}."
        )
    drawn = (x[n] for n in range(len(x))) if isinstance(x, keras.utils.PyDataset) else x
    drawn = itertools.islice(drawn, batches)
    inputs = (batch[0] if isinstance(batch, tuple) else batch for batch in drawn)
    return np.concatenate([np.asarray(each) for each in inputs])


def some(images):
    """`images`, if there are any; else a `UsageError`."""
    if images is None or len(images) == 0:
        raise UsageError("There must be at least one row to learn from. Received: 0.")
    return images


def _checked_batches(data, check, check_targets):
    if isinstance(data, (*ARRAYS, str, bytes, dict, int, float, type(None))):
        return some(check(data))  # or it says what is accepted
    if isinstance(data, tf.data.Dataset):
        first = next(iter(data.take(1)), None)
    elif isinstance(data, keras.utils.PyDataset) and len(data):
        first = data[0]
    else:  # a generator, which cannot be looked into without being used up
        return data
    images, *targets = first if isinstance(first, tuple) else (first,)
    check(some(images))
    for target in targets[:1]:
        check_targets(target, "targets")
    return data


def _checked_validation(data, check, check_targets):
    """`validation_data`: arrays, a tuple of them, a split of a data set, or a stream."""
    if isinstance(data, Dataset):
        raise UsageError("`validation_data` must be rows, or one split. Received: a data set.")
    if not isinstance(data, tuple):
        return _checked_batches(inputs_of(data), check, check_targets)
    checks = (check, check_targets)
    names = ("validation images", "validation targets")
    pair = [one(each, name) for one, each, name in zip(checks, data, names, strict=False)]
    return (*pair, *data[2:])


def _split(x, y, given):
    """The last rows held out, as Keras does it."""
    kept = math.floor(len(x) * (1 - given.pop("validation_split")))
    some(x[:kept])
    weights = given.get("sample_weight")
    rows = [each for each in (x, y, weights) if each is not None]
    given["validation_data"] = tuple(np.asarray(each)[kept:] for each in rows)
    if weights is not None:
        given["sample_weight"] = np.asarray(weights)[:kept]
    return x[:kept], None if y is None else y[:kept], given
