"""Checks of the rows that `fit`, `evaluate` and `predict` are called with."""

import math

from zoo.datasets.dataset import Dataset
from zoo.datasets.split import Split
from zoo.errors import UsageError
from zoo.inputs import arrays, chunks, containers, numbers, streams, words
from zoo.inputs.arguments import fraction
from zoo.inputs.columns import Columns
from zoo.inputs.containers import is_stream
from zoo.inputs.parts import Part, weights_part


def checked(x, y, kwargs: dict, inputs: Part, targets: Part | None = None, *, pairs: bool = False):
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
    weights = weights_part(targets.shape[:-1])
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
        x = streams.checked(x, parts, steps, pairs=pairs)
    else:
        x = require_nonempty(inputs.check(x))
    if y is not None:
        y = targets.check(y)
    if kwargs.get("sample_weight") is not None:
        y = x if y is None else y
        kwargs["sample_weight"] = weights.check(kwargs["sample_weight"])
    if kwargs.get("validation_data") is not None:
        steps = kwargs.get("validation_steps")
        kwargs["validation_data"] = _checked_validation(kwargs["validation_data"], parts, steps)
    elif held_out:
        return _split(x, y, kwargs)
    return x, y, kwargs


def to_predict(x, inputs: Part, kwargs: dict):
    """Returns rows or a stream for `predict`, after checking them; a stream keeps only its inputs.

    Args:
        x: Rows, a `Split`, a `Dataset` (its training split is used), or a stream of batches.
        inputs: `Part`. The check, shape and range of inputs.
        kwargs: Dictionary of the further arguments of `predict`.

    Returns:
        An array or a stream.

    Raises:
        UsageError: If anything is not accepted.

    Example:

    >>> part = Part(lambda rows, name="rows": np.array(rows, "float32"), shape=(1,))
    >>> to_predict([[1], [2]], part, {})
    array([[1.],
           [2.]], dtype=float32)
    """
    x = inputs_of(x)
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


def some_inputs(x, batches: int = 1000, column_names: tuple[str, ...] | None = None):
    """Returns rows as an array; of a stream, the inputs of its first batches.

    Args:
        x: Rows, or a stream of batches.
        batches: Integer. Number of batches of a stream. Defaults to 1000.
        column_names: Names of the columns of a frame, in the order to put them in, or None.
            Defaults to None.

    Returns:
        An array, `(rows, ...)`.

    Raises:
        UsageError: If `x` is a generator, which would be used up, or if numpy cannot read it.

    Example:

    >>> from zoo.autoencoder.fit_streams import batches
    >>> some_inputs(batches(np.arange(6), batch_size=2), batches=2)
    array([0, 1, 2, 3])
    """
    if not is_stream(x):
        return arrays.regular(containers.as_array(x, "inputs", column_names), "inputs")
    if not streams.repeatable(x):
        raise UsageError(
            "Reading from a generator would use it up: call model.adapt(rows) on some rows first. "
            f"Received: {type(x).__name__}."
        )
    return streams.first_inputs(x, batches)


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


def _checked_validation(data, parts, steps):
    """Returns `validation_data`, checked: arrays, a tuple of them, a split, or a stream."""
    if isinstance(data, Dataset):
        raise UsageError(
            "`validation_data` must be rows, a split or a stream. Received: a dataset."
        )
    data = inputs_of(data)
    if is_stream(data):
        return streams.checked(data, parts, steps)
    if not isinstance(data, tuple):
        return require_nonempty(parts[0].check(data))
    if not 1 <= len(data) <= len(parts):
        raise UsageError(
            "`validation_data` must be inputs, (inputs, targets) or (inputs, targets, sample "
            f"weights). Received: a tuple of {len(data)}."
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
    return chunks.take(x, slice(split_at)), None if y is None else y[:split_at], kwargs
