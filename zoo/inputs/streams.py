"""Streams of batches, each checked on its way to `fit`, `evaluate` and `predict`."""

import contextlib
import itertools
import operator
import re
from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from zoo.errors import UsageError
from zoo.inputs import batches, containers
from zoo.inputs.parts import NO_WEIGHTS, Part, check_part, require_batched

LARGEST = float(np.finfo(np.float32).max)


def checked(
    stream, parts: list[Part], steps: int | None = None, *, pairs: bool = False, least: int = 1
):
    """Returns a stream of the same batches for Keras, each of which is checked when it is drawn.

    Args:
        stream: `tf.data.Dataset`, `PyDataset`, generator, torch `DataLoader`, or any other iterable
            of batches. A batch is inputs, (inputs,), (inputs, targets) or (inputs, targets, sample
            weights), all with the same number of rows. A dictionary holds inputs, or targets, under
            the name of their `Part`.
        parts: List of `Part`. The requirements on the inputs, the targets and the sample weights;
            further parts of a batch are dropped.
        steps: Integer. Number of batches that are taken, which an endless stream needs, or None.
            Defaults to None.
        pairs: Boolean. Whether the inputs of a batch must be a pair, rows and their partners.
            Defaults to False.
        least: Integer. The smallest number of parts of a batch: 2 for a model that needs labels.
            Defaults to 1.

    Returns:
        A `tf.data.Dataset` or a `PyDataset`.

    Raises:
        UsageError: If the stream is empty, endless without `steps`, or without the pairs that it
            must have. If a batch is not accepted, the error is raised where the batch is drawn;
            `sentences` unwraps it.

    Example:

    >>> part = Part(lambda rows: np.asarray(rows, "float32"), shape=(2,))
    >>> [x.shape for x, in checked([np.zeros((3, 2)), np.zeros((1, 2))], [part])]
    [TensorShape([3, 2]), TensorShape([1, 2])]
    """
    if isinstance(stream, tf.distribute.DistributedDataset):  # it has no `map`
        return stream
    if pairs and not _holds_pairs(stream):
        raise UsageError(
            "A model that learns from pairs needs all rows in memory, to find their partners "
            "before the first epoch: pass an array, a table, a Split or a Dataset, or else a "
            "tf.data.Dataset of batches that begin with (rows, partners). "
            f"Received: {type(stream).__name__}."
        )
    if steps is None and batches.is_endless(stream):
        raise UsageError(
            "An endless stream needs a number of batches: `steps_per_epoch` in fit, "
            "`validation_steps` for validation data, `steps` in evaluate and predict. "
            f"Received: {type(stream).__name__}."
        )
    if getattr(stream, "num_batches", None) == 0:  # a PyDataset, of which Keras says less
        raise UsageError("There must be at least one batch. Received: none.")
    if isinstance(stream, tf.data.Dataset):
        return _checked_dataset(stream, parts, pairs, least)
    if isinstance(stream, keras.utils.PyDataset):
        return _CheckedBatches(stream, parts, least)
    return _checked_iterable(stream, parts, least)


def repeatable(stream) -> bool:
    """Returns whether a stream starts again each time; a generator is used up by one pass.

    Args:
        stream: Iterable.

    Example:

    >>> repeatable([1, 2]), repeatable(iter([1, 2]))
    (True, False)
    """
    return not isinstance(stream, Iterator)


@contextlib.contextmanager
def sentences():
    """Context manager that unwraps the `UsageError` of a check from an error of TensorFlow.

    Raises:
        UsageError: If an error of TensorFlow contains one.

    Example:

    >>> with sentences():
    ...     x = tf.zeros(3)
    """
    try:
        yield
    except tf.errors.OpError as error:
        match = re.search(r"UsageError: (.+)", str(error))
        if match is None:
            raise
        raise UsageError(match[1]) from None


def _checked_batch(batch, parts, number, least):
    values = batches.parts_of(batch)
    batches.require_parts(values, type(batch).__name__, least)
    result = tuple(
        check_part(part, value, number) for part, value in zip(parts, values, strict=False)
    )
    batches.require_same_rows([len(values) for values in result], number)
    return result


def _checked_iterable(stream, parts, least):
    iterator = iter(stream)
    first = next(iterator, None)
    if first is None:
        raise UsageError("There must be at least one batch. Received: none.")
    spec = tuple(
        tf.TensorSpec((None, *part.shape[1:]), part.dtype)
        for part in _checked_batch(first, parts, 1, least)
    )
    used_up = []

    def start_pass():
        if repeatable(stream):
            return stream
        if used_up:
            raise UsageError(
                "A generator is used up after one pass: set `steps_per_epoch` (for validation "
                "data `validation_steps`), or pass something that can be iterated again. "
                f"Received: a {type(stream).__name__}."
            )
        used_up.append(True)
        return itertools.chain([first], iterator)

    def generate():
        for number, batch in enumerate(start_pass(), start=1):
            yield _checked_batch(batch, parts, number, least)

    dataset = tf.data.Dataset.from_generator(generate, output_signature=spec).prefetch(1)
    length = operator.length_hint(stream, -1) if repeatable(stream) else -1  # a DataLoader has one
    return dataset if length < 0 else dataset.apply(tf.data.experimental.assert_cardinality(length))


class _CheckedBatches(keras.utils.PyDataset):
    """A `PyDataset` whose batches are checked in the workers that compute them."""

    def __init__(self, source, parts, least):
        super().__init__(source.workers, source.use_multiprocessing, source.max_queue_size)
        self.source, self.parts, self.least = source, parts, least

    @property
    def num_batches(self):
        return self.source.num_batches

    def __getitem__(self, index):
        return _checked_batch(self.source[index], self.parts, index + 1, self.least)

    def on_epoch_begin(self):
        self.source.on_epoch_begin()

    def on_epoch_end(self):
        self.source.on_epoch_end()


def _holds_pairs(stream):
    spec = stream.element_spec if isinstance(stream, tf.data.Dataset) else None
    return isinstance(spec, tuple) and isinstance(spec[0], tuple) and len(spec[0]) == 2


def _checked_dataset(dataset, parts, pairs, least):
    batch = dataset.element_spec
    specs = _named(parts, batch)
    batches.require_parts(specs, "tf.data.Dataset's element", least)
    tensors = (*specs[0], *specs[1:]) if pairs else specs
    if not all(isinstance(tensor, tf.TensorSpec) for tensor in tensors):
        raise UsageError(
            "A batch must be dense tensors: inputs, (inputs, targets) or (inputs, targets, sample "
            f"weights). Received: a tf.data.Dataset of {batch}."
        )
    for part, spec in zip(parts, tensors, strict=False):
        require_batched(part, spec.shape)
    if len(specs) == 3 and NO_WEIGHTS in parts:  # which Keras would refuse before any batch
        NO_WEIGHTS.check(None)
    if dataset.cardinality() == 0:
        raise UsageError("There must be at least one batch. Received: none.")
    checks = [_in_graph(part, spec) for part, spec in zip(parts, specs, strict=False)]

    @tf.autograph.experimental.do_not_convert
    def check_all(number, batch):
        values = _named(parts, batch)
        return _of_same_rows(
            number,
            tuple(check(number, value) for check, value in zip(checks, values, strict=False)),
        )

    return dataset.enumerate(start=1).map(check_all)


def _named(parts, batch):
    """Returns the parts of a batch, with the tensors of dictionaries in place of these."""
    values = batch if isinstance(batch, tuple) else (batch,)
    names = [part.name for part in parts] + [None] * len(values)
    return tuple(
        containers.by_name(value, name) for value, name in zip(values, names, strict=False)
    )


def _of_same_rows(number, values):
    """Returns the parts of a batch, whose numbers of rows are checked in the graph."""
    counts = tf.stack([tf.shape(value)[0] for value in tf.nest.flatten(values)])

    def by_python():
        return tf.numpy_function(_require_same_rows, [counts, number], tf.int32)

    good = tf.reduce_all(counts == counts[0]) & (counts[0] > 0)
    with tf.control_dependencies([tf.cond(good, lambda: counts, by_python)]):
        return tf.nest.map_structure(tf.identity, values)


def _require_same_rows(counts, number):
    batches.require_same_rows(counts.tolist(), number)
    return counts


def _in_graph(part, spec):
    """Returns a function of a batch's number and one of its parts that returns the part, checked.

    If type and shape are known to be right, only the values are checked, in the graph. Otherwise,
    and for the error message, Python is called.
    """
    if isinstance(spec, tuple):  # rows and their partners
        checks = [_in_graph(part, tensor) for tensor in spec]
        return lambda number, pair: tuple(
            check(number, value) for check, value in zip(checks, pair, strict=True)
        )
    shape = spec.shape[1:] if spec.shape.rank else None
    as_is = spec.dtype.is_integer if part.dtype.startswith("int") else spec.dtype.is_floating
    known = shape is not None and shape.is_fully_defined() and tuple(shape) == (part.shape or ())
    low, high = part.value_range or (-LARGEST, LARGEST)

    def by_python(number, value):
        result = tf.numpy_function(
            lambda number, value: check_part(part, value, number), [number, value], part.dtype
        )
        result.set_shape((None, *part.row_shape(tuple(shape or ()))))
        return result

    def by_values(number, value):
        value = tf.cast(value, part.dtype)
        good = (value >= low) & (value <= high)
        good = tf.reduce_all(good | tf.math.is_nan(value) if part.missing == "mask" else good)
        return tf.cond(good, lambda: value, lambda: by_python(number, value))

    return by_values if as_is and known else by_python
