"""Batches of a stream: their parts, and their inputs, which are read one batch at a time."""

import itertools
from collections.abc import Iterator, Mapping

import numpy as np

from zoo.errors import UsageError
from zoo.inputs.parts import Part, check_part

ENDLESS = (itertools.count, itertools.cycle, itertools.repeat)
INFINITE = -1  # what `cardinality` of a tf.data.Dataset returns if it never ends


def parts_of(batch) -> tuple:
    """Returns a batch as (inputs, ...); torch collates the parts of a batch in a list.

    Args:
        batch: Inputs, (inputs,), (inputs, targets), (inputs, targets, sample weights), or a list
            of these.

    Example:

    >>> parts_of("inputs"), parts_of(("inputs", "targets"))
    (('inputs',), ('inputs', 'targets'))
    """
    several = isinstance(batch, list) and batch and all(map(_is_part, batch))
    return tuple(batch) if several or isinstance(batch, tuple) else (batch,)


def _is_part(value):
    return hasattr(value, "__array__") or isinstance(value, Mapping)


def require_parts(values, name: str, least: int = 1) -> None:
    """Raises an error if a batch has too few parts, or more than three.

    Args:
        values: Sequence of the parts of a batch.
        name: String. What the batch is, in the message.
        least: Integer. The smallest number of parts: 2 for a model that needs labels. Defaults to
            1.

    Raises:
        UsageError: If the number of parts is another.

    Example:

    >>> require_parts(("inputs", "targets"), "tuple")
    """
    if not least <= len(values) <= 3:
        accepted = "inputs, (inputs, targets)" if least == 1 else "(inputs, targets)"
        raise UsageError(
            f"A batch must be {accepted} or (inputs, targets, sample weights). "
            f"Received: a {name} of {len(values)}."
        )


def require_same_rows(counts, number: int) -> None:
    """Raises an error if the parts of a batch differ in their number of rows, or have none.

    Args:
        counts: Sequence of integers. Number of rows of each part.
        number: Integer. Number of the batch in its stream, for the message.

    Raises:
        UsageError: If they differ, or are 0.

    Example:

    >>> require_same_rows([32, 32], number=1)
    """
    if len(set(counts)) > 1 or not counts[0]:
        raise UsageError(
            "The parts of a batch must have the same number of rows, at least one. "
            f"Received: {', '.join(map(str, counts))} in batch {number} of the stream."
        )


def is_endless(stream) -> bool:
    """Returns whether a stream is known to have no end.

    Args:
        stream: Stream of batches, such as a `tf.data.Dataset`, a `PyDataset` or an iterator.

    Example:

    >>> is_endless(itertools.count()), is_endless(iter([]))
    (True, False)
    """
    if isinstance(stream, ENDLESS):
        return True
    if callable(getattr(stream, "cardinality", None)):  # a tf.data.Dataset
        return int(stream.cardinality()) == INFINITE
    return getattr(stream, "num_batches", 0) is None  # a PyDataset


def inputs_of(stream, part: Part, most: int | None = None) -> Iterator[np.ndarray]:
    """Yields the inputs of each batch of a stream, checked; targets and weights are left out.

    Args:
        stream: Stream of batches.
        part: `Part`. The requirements on the inputs.
        most: Integer. Number of batches, at most; None for all of a stream that ends. Defaults to
            None.

    Yields:
        Arrays, `(rows, ...)`, one for each batch.

    Raises:
        UsageError: If the inputs of a batch are not accepted, or if the stream has no end.

    Example:

    >>> part = Part(lambda rows: np.asarray(rows, "float32"), shape=(2,))
    >>> [x.shape for x in inputs_of(iter([(np.zeros((3, 2)), np.zeros(3))]), part)]
    [(3, 2)]
    """
    if most is None and is_endless(stream):
        raise UsageError(
            "A stream that is read to its end must have one: stream.take(n) for a tf.data.Dataset, "
            f"itertools.islice(stream, n) for an iterator. Received: {type(stream).__name__}."
        )
    for number, batch in enumerate(itertools.islice(iter(stream), most), start=1):
        inputs = parts_of(batch)[0]
        inputs = inputs[0] if isinstance(inputs, tuple) else inputs  # rows without their partners
        yield check_part(part, inputs, number)
