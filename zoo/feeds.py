"""What `fit`, `evaluate` and `predict` are fed: arrays checked whole, streams batch by batch.

Arrays go on as streams of our own: tf.data's autotuning, which Keras's leave on, can hold up the
end of an epoch for as long as the epoch took, and finds nothing to tune in rows in memory.
"""

import inspect
import math

import keras
import numpy as np
import tensorflow as tf

from zoo import arrays, containers, streams
from zoo.arguments import positive_integer, share
from zoo.containers import is_stream
from zoo.datasets import numbers
from zoo.datasets.dataset import Dataset, Split
from zoo.errors import UsageError
from zoo.streams import Part

BATCH_SIZE = 32  # where none is given, as in Keras
OF_FIT = ("shuffle", "steps_per_epoch")  # arguments that `evaluate` does not have
AT_ONCE = 4_000_000  # bytes that are drawn for some batches together: one by one takes longer


def named(method: str, positional: tuple, given: dict) -> dict:
    """Returns all arguments after `batch_size` of one of Keras's methods by their names.

    Raises:
        TypeError: as Python does, for one that is given twice, and for too many.
    """
    names = list(inspect.signature(getattr(keras.Model, method)).parameters)
    names = names[names.index("batch_size") + 1 :]
    if len(positional) > len(names):
        raise TypeError(f"{method}() takes {len(names) + 3} positional arguments at most.")
    by_position = dict(zip(names, positional, strict=False))
    for name in by_position.keys() & given.keys():
        raise TypeError(f"{method}() got multiple values for argument '{name}'.")
    return by_position | given


def checked(x, y, given: dict, inputs: Part, targets: Part | None = None):
    """Returns the inputs, targets and further arguments of `fit` or `evaluate`, checked.

    Args:
        x, y: inputs and targets; without targets Keras would drop sample weights.
        given: the further arguments, by name; with `validation_split` the last rows are held out.
        inputs: what inputs must be.
        targets: what targets must be, where they are of another kind than inputs.

    Raises:
        UsageError: for anything that is not accepted.
    """
    targets = targets or inputs._replace(check=lambda y, name="targets": inputs.check(y, name))
    weights = streams.weights_part(targets.shape[:-1])
    parts, given = [inputs, targets, weights], dict(given)
    held_out = given.get("validation_split")
    if held_out is not None:
        share("validation_split", held_out)
    x = inputs_of(x)
    if is_stream(x):
        beside = {"y": y} | {key: given.get(key) for key in ("sample_weight", "validation_split")}
        for name, value in beside.items():
            if value is not None and (name != "validation_split" or value):
                raise UsageError(
                    f"`{name}` goes with arrays; a batch of a stream is (inputs, targets, sample "
                    f"weights), and its validation data a stream. Received: `{name}` beside a "
                    f"{type(x).__name__}."
                )
        x = streams.checked(x, parts, given.get("steps_per_epoch") or given.get("steps"))
    else:
        x = some(inputs.check(x))
    if y is not None:
        y = targets.check(y)
    if given.get("sample_weight") is not None:
        y = x if y is None else y
        given["sample_weight"] = weights.check(given["sample_weight"])
    if given.get("validation_data") is not None:
        steps = given.get("validation_steps")
        given["validation_data"] = _checked_validation(given["validation_data"], parts, steps)
    elif held_out:
        return _split(x, y, given)
    return x, y, given


def require_no_classes(given: dict) -> None:
    """Raises `UsageError` for a `class_weight`, where there are no classes to weigh."""
    if given.get("class_weight") is not None:
        raise UsageError(
            "`class_weight` is for classifiers; an auto-encoder takes `sample_weight`, one number "
            f"for each row. Received: class_weight={given['class_weight']!r:.60}."
        )


def to_predict(x, inputs: Part, given: dict):
    """Returns rows or a stream, checked, for `predict`; what a stream has beside inputs is dropped.

    Raises:
        UsageError: for anything that is not accepted.
    """
    x = inputs_of(x)
    return streams.checked(x, [inputs], given.get("steps")) if is_stream(x) else inputs.check(x)


def streamed(x, y, batch_size: int | None, given: dict):
    """Inputs, targets and what else `fit` or `evaluate` was given, with arrays as streams.

    Left as they are where Keras is told how many batches to take, or to shuffle whole batches.
    """
    given = {"shuffle": not isinstance(x, tf.data.Dataset)} | given
    batch_size = BATCH_SIZE if batch_size is None else batch_size
    held_out = given.get("validation_data")
    if isinstance(held_out, tuple | np.ndarray) and given.get("validation_steps") is None:
        held_out = held_out if isinstance(held_out, tuple) else (held_out,)
        size = given.get("validation_batch_size") or batch_size
        given["validation_data"] = batches(held_out, size)
    told = given.get("steps_per_epoch") or given.get("steps") or given["shuffle"] == "batch"
    if told or not isinstance(x, np.ndarray):
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
        whole = tf.nest.map_structure(_tensor, rows)
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
    options.experimental_optimization.apply_default_optimizations = False  # they copy the rows
    # A strategy of one replica would undo the batches to shard them.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    stream = stream.apply(tf.data.experimental.assert_cardinality(steps))
    return stream.prefetch(2).with_options(options)


def _tensor(values):
    """Returns rows as a tensor; of an aligned array it shares the memory, of others it is a copy.

    TensorFlow's own conversion holds two copies for a while.
    """
    if not isinstance(values, np.ndarray) or not values.size:
        return tf.convert_to_tensor(values)
    if values.dtype.kind not in "fiu" or not values.dtype.isnative:
        return tf.convert_to_tensor(values)
    return tf.experimental.dlpack.from_dlpack(arrays.aligned(values).__dlpack__())


def inputs_of(x):
    """Returns the training split of a data set; anything else as it is."""
    return x.train if isinstance(x, Dataset) else x


def names_to_learn(x, column_names: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Returns the column names that a model has once it has learned from `x`.

    Args:
        x: what it learns from.
        column_names: those it has already, or None.

    Raises:
        UsageError: for features that float32 cannot tell apart.
    """
    x = inputs_of(x)
    if is_stream(x) or isinstance(x, Split):  # whose numbers are float32 already
        names = x.column_names if isinstance(x, Split) else None
    else:
        names, rows = containers.column_names(x), containers.as_array(x, "rows", column_names)
        if arrays.as_texts(rows) is None:
            numbers.require_float32(arrays.regular(rows, "rows"), column_names or names)
    return column_names or (names and tuple(names))


def some_inputs(x, batches: int = 1000, column_names: tuple[str, ...] | None = None):
    """Returns rows as an array, and the inputs of the first batches of a stream.

    Raises:
        UsageError: for a generator.
    """
    if not is_stream(x):
        return arrays.regular(containers.as_array(x, "inputs", column_names), "inputs")
    if not streams.repeatable(x):
        raise UsageError(
            "A generator cannot be looked into without being used up: call model.adapt(rows) on "
            f"some rows first. Received: {type(x).__name__}."
        )
    return streams.first_inputs(x, batches)


def some(images):
    """Returns `images`, if there are any; else raises `UsageError`."""
    if images is None or len(images) == 0:
        raise UsageError("There must be at least one row to learn from. Received: 0.")
    return images


def _checked_validation(data, parts, steps):
    """`validation_data`: arrays, a tuple of them, a split of a data set, or a stream."""
    if isinstance(data, Dataset):
        raise UsageError("`validation_data` must be rows, or one split. Received: a data set.")
    data = inputs_of(data)
    if is_stream(data):
        return streams.checked(data, parts, steps)
    if not isinstance(data, tuple):
        return some(parts[0].check(data))
    if not 1 <= len(data) <= len(parts):
        raise UsageError(
            "`validation_data` must be inputs, (inputs, targets) or (inputs, targets, sample "
            f"weights). Received: a tuple of {len(data)}."
        )
    names = [f"validation {name}" for name in ("inputs", "targets", "sample weights")]
    triples = zip(parts, data, names, strict=False)
    return tuple(part.check(value, name) for part, value, name in triples)


def _split(x, y, given):
    """The last rows held out, as Keras does it."""
    kept = math.floor(len(x) * (1 - given.pop("validation_split")))
    some(x[:kept])
    weights = given.get("sample_weight")
    rows = [each for each in (x, y, weights) if each is not None]
    given["validation_data"] = tuple(each[kept:] for each in rows)
    if weights is not None:
        given["sample_weight"] = weights[:kept]
    return x[:kept], None if y is None else y[:kept], given
