"""What `fit`, `evaluate` and validation are fed: arrays checked whole, streams by a first batch."""

import itertools

import keras
import numpy as np
import tensorflow as tf

from zoo.datasets.dataset import Dataset, Split
from zoo.errors import UsageError

ARRAYS = (np.ndarray, tf.Tensor, list, tuple)


def checked(x, y, sample_weight, check):
    """Inputs and targets as Keras takes them.

    Args:
        x, y: of `fit`.
        sample_weight: of `fit`; without targets Keras would drop it.
        check: a function of an array, and of a name for it, that returns it or raises.
    """
    x = _checked_batches(inputs_of(x), check)
    if y is not None:
        return x, check(y, "targets")
    return x, None if sample_weight is None else x


def inputs_of(x):
    """Of a data set the inputs of its training split; anything else as it is."""
    if isinstance(x, (Dataset, Split)):
        return (x.train if isinstance(x, Dataset) else x).inputs
    return x


def checked_validation(data, check):
    """`validation_data`: arrays, a tuple of them, or a stream."""
    if not isinstance(data, tuple):
        return _checked_batches(data, check)
    names = ("validation images", "validation targets")
    pair = [check(each, name) for each, name in zip(data, names, strict=False)]
    return (*pair, *data[2:])


def as_array(x) -> np.ndarray:
    """The inputs of an array; of a stream, those of its first thousand batches."""
    if isinstance(x, ARRAYS):
        return np.asarray(x)
    if not isinstance(x, (tf.data.Dataset, keras.utils.PyDataset)):
        raise UsageError(
            "A generator cannot be looked into without being used up: call model.adapt(rows) on "
            f"some rows first. Received: {type(x).__name__}."
        )
    batches = (x[n] for n in range(len(x))) if isinstance(x, keras.utils.PyDataset) else x
    batches = itertools.islice(batches, 1000)
    inputs = (batch[0] if isinstance(batch, tuple) else batch for batch in batches)
    return np.concatenate([np.asarray(each) for each in inputs])


def some(images):
    """`images`, if there are any; else a `UsageError`."""
    if images is None or len(images) == 0:
        raise UsageError("There must be at least one row to learn from. Received: 0.")
    return images


def _checked_batches(data, check):
    if isinstance(data, ARRAYS):
        return some(check(data))
    if isinstance(data, tf.data.Dataset):
        first = next(iter(data.take(1)), None)
    elif isinstance(data, keras.utils.PyDataset) and len(data):
        first = data[0]
    else:  # a generator, which cannot be looked into without being used up
        return data
    images, *targets = first if isinstance(first, tuple) else (first,)
    check(some(images))
    for target in targets[:1]:
        check(target, "targets")
    return data
