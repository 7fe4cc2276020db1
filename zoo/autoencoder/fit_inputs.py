"""Checks of the rows that `fit`, `evaluate` and `predict` are called with."""

import math

import numpy as np

from zoo.datasets.dataset import Dataset
from zoo.datasets.split import Split
from zoo.errors import UsageError
from zoo.inputs import arrays, batches, chunks, containers, numbers, streams, words
from zoo.inputs.arguments import fraction
from zoo.inputs.columns import Columns
from zoo.inputs.containers import is_stream
from zoo.inputs.lazy import LazyRows
from zoo.inputs.parts import NO_WEIGHTS, Part, weights_part


def checked(
    x,
    y,
    kwargs: dict,
    inputs: Part,
    targets: Part | None = None,
    *,
    pairs: bool = False,
    least: int = 1,
):
    """Returns the inputs, targets and further arguments of `fit` or `evaluate`, checked.

    With `validation_split` the last rows are held out, and returned as `validation_data`. With
    sample weights and no targets, the inputs are returned as targets: Keras would drop the weights
    otherwise.

    Args:
        x: Inputs: rows, a `Split`, a `Dataset` or a stream of batches.
        y: Targets, or None.
        kwargs: Dictionary of the further arguments.
        inputs: `Part`. The check, shape and range of inputs.
        targets: `Part`. Those of targets; None for the same as inputs. Defaults to None.
        pairs: Boolean. Whether the inputs of a batch of a stream must be the pair of the rows and
            their partners. Defaults to False.
        least: Integer. The smallest number of parts of a batch of a stream: 2 for a model that
            needs labels. Defaults to 1.

    Returns:
        A triple of the inputs, the targets or None, and a dictionary of the further arguments.

    Raises:
        UsageError: If anything is not accepted.

    Example:

    >>> part = Part(lambda rows, name="rows": np.array(rows, "float32"), shape=(1,))
    >>> x, y, kwargs = checked([[1], [2], [3], [4]], None, {"validation_split": 0.25}, part)
    >>> x.ravel(), kwargs["validation_data"]
    (array([1., 2., 3.], dtype=float32), (array([[4.]], dtype=float32),))
    """
    targets = targets or inputs._replace(check=lambda y, name="targets": inputs.check(y, name))
    by_class = kwargs.get("class_weight") is not None
    weights = NO_WEIGHTS if by_class else weights_part(targets.shape[:-1])
    parts, kwargs = [inputs, targets, weights], dict(kwargs)
    held_out = kwargs.get("validation_split")
    if held_out is not None:
        fraction("validation_split", held_out)
    x = inputs_of(x)
    if is_stream(x):
        options = {"y": y} | {key: kwargs.get(key) for key in ("sample_weight", "validation_split")}
        for name, value in options.items():
            if value is not None and (name != "validation_split" or value):
                raise UsageError(
                    f"`{name}` is accepted with arrays only: a stream yields batches of (inputs, "
                    "targets, sample weights), and its validation data is a stream too. "
                    f"Received: `{name}` with a {type(x).__name__}."
                )
        steps = kwargs.get("steps_per_epoch") or kwargs.get("steps")
        x = streams.checked(x, parts, steps, pairs=pairs, least=least)
    else:
        x = require_nonempty(inputs.check(x))
    if y is not None:
        y = targets.check(y)
    if kwargs.get("sample_weight") is not None:
        y = x if y is None else y
        kwargs["sample_weight"] = weights.check(kwargs["sample_weight"])
    if kwargs.get("validation_data") is not None:
        steps = kwargs.get("validation_steps")
        parts = [inputs, targets, weights_part(targets.shape[:-1])]  # beside a `class_weight` too
        held_out = _checked_validation(kwargs["validation_data"], parts, steps, least)
        kwargs["validation_data"] = held_out
    elif held_out:
        return _split(x, y, kwargs)
    return x, y, kwargs


def to_predict(x, inputs: Part, kwargs: dict):
    """Returns rows or a stream for `predict`, after checking them; a stream keeps only its inputs.

    Args:
        x: Rows, a `Split` or a stream of batches.
        inputs: `Part`. The check, shape and range of inputs.
        kwargs: Dictionary of the further arguments of `predict`.

    Returns:
        An array, `LazyRows` or a stream.

    Raises:
        UsageError: If anything is not accepted, such as a `Dataset`: it has two splits.

    Example:

    >>> part = Part(lambda rows, name="rows": np.array(rows, "float32"), shape=(1,))
    >>> to_predict([[1], [2]], part, {})
    array([[1.],
           [2.]], dtype=float32)
    """
    if isinstance(x, Dataset):
        raise UsageError(
            "`predict` takes rows: data.train or data.test of a dataset. Received: a dataset."
        )
    return streams.checked(x, [inputs], kwargs.get("steps")) if is_stream(x) else inputs.check(x)


def inputs_of(x):
    """Returns the training split of a `Dataset`, and anything else as it is.

    Args:
        x: Anything.

    Example:

    >>> inputs_of(zoo.datasets.load("mnist_5k"))
    <zoo.datasets.Split of 4000 images of (28, 28, 1), labels>
    """
    return x.train if isinstance(x, Dataset) else x


def test_inputs_of(x):
    """Returns the test split of a `Dataset`, and anything else as it is.

    Args:
        x: Anything.

    Example:

    >>> test_inputs_of(zoo.datasets.load("mnist_5k"))
    <zoo.datasets.Split of 1000 images of (28, 28, 1), labels>
    """
    return x.test if isinstance(x, Dataset) else x


def names_to_learn(
    x, column_names: tuple[str, ...] | None, columns: Columns
) -> tuple[str, ...] | None:
    """Returns the column names that a model has after learning from rows.

    Args:
        x: Rows, a `Split`, a `Dataset` or a stream that it learns from.
        column_names: Column names that the model has already, or None.
        columns: `Columns` of the model.

    Returns:
        A tuple of strings, or None for rows without column names.

    Raises:
        UsageError: If different numbers of a column are equal in float32.

    Example:

    >>> names_to_learn(Split(np.eye(2), column_names=("width", "height")), None, Columns())
    ('width', 'height')
    """
    x = inputs_of(x)
    if is_stream(x) or isinstance(x, Split):  # their numbers are float32 already
        names = x.column_names if isinstance(x, Split) else None
    else:
        names = containers.column_names(x)
        rows = containers.as_array(x, "rows", column_names, columns)
        if words.as_texts(rows) is None:
            rows = columns.of_array(arrays.regular(rows, "rows"))
            numbers.require_float32(arrays.regular(rows, "rows"), column_names or names)
    return column_names or (names and tuple(names))


def some_inputs(x, inputs: Part, most: int = 1000) -> np.ndarray | LazyRows:
    """Returns rows, checked; of a stream, the inputs of its first batches.

    Args:
        x: Rows, or a stream of batches.
        inputs: `Part`. The check, shape and range of inputs.
        most: Integer. Number of batches of a stream. Defaults to 1000.

    Returns:
        An array or `LazyRows`, `(rows, ...)`.

    Raises:
        UsageError: If `x` is a generator, which would be used up, or if anything is not accepted.

    Example:

    >>> from zoo.autoencoder.fit_streams import batches
    >>> part = Part(lambda rows, name="rows": np.array(rows, "float32"), shape=())
    >>> some_inputs(batches(np.arange(6), batch_size=2), part, most=2)
    array([0., 1., 2., 3.], dtype=float32)
    """
    if not is_stream(x):
        return inputs.check(x)
    if not streams.repeatable(x):
        raise UsageError(
            "Reading from a generator would use it up: call model.adapt(rows) on some rows first. "
            f"Received: {type(x).__name__}."
        )
    return np.concatenate(list(batches.inputs_of(x, inputs, most)))


def to_adapt(x, inputs: Part, *, of_texts: bool = False):
    """Returns rows for `adapt`, which passes over them several times; a stream is read whole.

    Args:
        x: Rows, or a stream of batches that ends.
        inputs: `Part`. The check, shape and range of inputs.
        of_texts: Boolean. Whether a stream may yield batches of texts, which are returned as they
            are. Defaults to False.

    Returns:
        `x` itself, or the inputs of all batches of a stream: an array, or a list of texts.

    Raises:
        UsageError: If a batch is not accepted, or if the stream has no batch or no end.

    Example:

    >>> part = Part(lambda rows, name="rows": np.array(rows, "float32"), shape=())
    >>> to_adapt(iter([[0, 1], [2]]), part)
    array([0., 1., 2.], dtype=float32)
    """
    if not is_stream(x):
        return x
    if of_texts:
        inputs = inputs._replace(check=_texts_or(inputs.check), dtype=None)
    parts = require_nonempty(list(batches.inputs_of(x, inputs)))
    result = np.concatenate(parts)
    return result.tolist() if result.dtype == object else result


def _texts_or(check):
    """Returns a check that lets texts pass unchanged."""

    def check_numbers(rows, name="rows"):
        texts = words.as_texts(containers.as_array(rows, name))
        return check(rows) if texts is None else np.array(texts, dtype=object)

    return check_numbers


def require_nonempty(images):
    """Returns rows, if there are any.

    Args:
        images: Rows, or None.

    Raises:
        UsageError: If there are no rows.

    Example:

    >>> require_nonempty(["a cat"])
    ['a cat']
    """
    if images is None or len(images) == 0:
        raise UsageError("There must be at least one row to learn from. Received: 0.")
    return images


def _checked_validation(data, parts, steps, least):
    """Returns `validation_data`, checked: arrays, a tuple of them, a split, or a stream."""
    if isinstance(data, Dataset):
        raise UsageError(
            "`validation_data` must be rows, a split or a stream. Received: a dataset."
        )
    data = inputs_of(data)
    if is_stream(data):
        return streams.checked(data, parts, steps, least=least)
    if not isinstance(data, tuple) and least == 1:
        return require_nonempty(parts[0].check(data))
    if not isinstance(data, tuple) or not least <= len(data) <= len(parts):
        received = f"a tuple of {len(data)}" if isinstance(data, tuple) else type(data).__name__
        accepted = "inputs, (inputs, targets)" if least == 1 else "(inputs, targets)"
        raise UsageError(
            f"`validation_data` must be {accepted} or (inputs, targets, sample "
            f"weights). Received: {received}."
        )
    names = [f"validation {name}" for name in ("inputs", "targets", "sample weights")]
    triples = zip(parts, data, names, strict=False)
    return tuple(part.check(value, name) for part, value, name in triples)


def _split(x, y, kwargs):
    """Returns inputs, targets and arguments, with the last rows held out as Keras does."""
    split_at = math.floor(len(x) * (1 - kwargs.pop("validation_split")))
    require_nonempty(range(split_at))
    weights = kwargs.get("sample_weight")
    rows = [values for values in (x, y, weights) if values is not None]
    kwargs["validation_data"] = tuple(chunks.take(values, slice(split_at, None)) for values in rows)
    if weights is not None:
        kwargs["sample_weight"] = weights[:split_at]
    first = slice(split_at)
    return chunks.take(x, first), None if y is None else chunks.take(y, first), kwargs
