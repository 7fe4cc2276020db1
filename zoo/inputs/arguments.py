"""Checks of arguments, and their binding to a builder's signature."""

import inspect
import math
import numbers
import types
import typing

from zoo.errors import UsageError, no_such


def bind(function, name: str, changes: dict) -> dict:
    """Returns all arguments of a builder, checked and of types that JSON knows.

    The annotations of the builder determine what is accepted: `int` a positive integer, `float` a
    finite number of at least 0, `tuple[int, ...]` one or more positive integers, `tuple[int]` one,
    `Literal[...]` one of its values, `bool` True or False, `Columns` entries of the columns of a
    table, and `X | None` also None.

    Args:
        function: The builder, with an annotation of every argument.
        name: String. Name of the variant in an error message.
        changes: Dictionary of arguments, which take precedence over the builder's defaults.

    Returns:
        A dictionary.

    Raises:
        UsageError: If an argument is unknown, or its value is not accepted.

    Example:

    >>> def builder(input_shape: tuple[int, ...] = (28, 28, 1), *, latent_dim: int = 30): ...
    >>> bind(builder, "my_variant", {"latent_dim": 5})
    {'input_shape': (28, 28, 1), 'latent_dim': 5}
    """
    parameters = inspect.signature(function).parameters
    for key in changes:
        if key not in parameters:
            raise no_such("argument", key, list(parameters), of=name)
    hints = typing.get_type_hints(function)
    arguments = {key: parameter.default for key, parameter in parameters.items()} | changes
    return {key: _checked(key, value, hints.get(key)) for key, value in arguments.items()}


def parse(function, name: str, words: list[str]) -> dict:
    """Returns arguments that are written as `name=value` on a command line, as Python values.

    Args:
        function: The builder, with an annotation of every argument.
        name: String. Name of the variant in an error message.
        words: List of strings, such as `["latent_dim=5"]`. A value is a Python literal, or else a
            string.

    Returns:
        A dictionary of the arguments in `words`.

    Raises:
        UsageError: If a word is not `name=value`, an argument is unknown, or its value is not
            accepted.

    Example:

    >>> def builder(input_shape: tuple[int, ...] = (28, 28, 1), *, latent_dim: int = 30): ...
    >>> parse(builder, "my_variant", ["latent_dim=5"])
    {'latent_dim': 5}
    """
    parsed = by_name(words, "A variant's arguments are written name=value.")
    bind(function, name, parsed)
    return parsed


def by_name(words: list[str], form: str) -> dict:
    """Returns words of the form `name=value` as a dictionary of Python values.

    Args:
        words: List of strings. A value is a Python literal, or else a string.
        form: String. A sentence that says how the words are written, for an error message.

    Returns:
        A dictionary.

    Raises:
        UsageError: If a word has another form.

    Example:

    >>> by_name(["epochs=5", "optimizer=sgd"], "Settings are written name=value.")
    {'epochs': 5, 'optimizer': 'sgd'}
    """
    import ast

    parsed = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals:
            raise UsageError(f"{form} Received: {word}")
        try:
            parsed[key] = ast.literal_eval(text)
        except (ValueError, SyntaxError):  # a bare word, such as argmax
            parsed[key] = text
    return parsed


def _checked(key, value, hint):
    if hint is int:
        return positive_integer(key, value)
    if hint is float:
        real = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if not (real and math.isfinite(value) and value >= 0):
            raise UsageError(f"`{key}` must be a finite number >= 0. Received: {key}={value!r}.")
        return float(value)
    if hint is bool:
        if not isinstance(value, bool):
            raise UsageError(f"`{key}` must be True or False. Received: {key}={value!r}.")
        return value
    if hasattr(hint, "as_argument"):  # a class that checks its own values
        return hint.as_argument(value)
    origin, options = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        if value not in options:
            accepted = " or ".join(repr(option) for option in options)
            raise UsageError(f"`{key}` must be {accepted}. Received: {key}={value!r}.")
        return value
    if origin is tuple:
        return _positive_integers(key, value, None if ... in options else len(options))
    if origin is types.UnionType:
        return None if value is None else _checked(key, value, options[0])
    raise UsageError(
        f"`{key}` must be annotated, as int, float, bool, tuple[int, ...], Literal[...] or one of "
        f"them | None. Received: {hint!r}."
    )


def positive_integer(key: str, value) -> int:
    """Returns a value as an int, if it is a positive integer.

    Args:
        key: String. Name of the argument in an error message.
        value: The value to check; booleans are not accepted.

    Raises:
        UsageError: If it is not a positive integer.

    Example:

    >>> positive_integer("units", np.int64(3))
    3
    """
    if not whole(value, least=1):
        raise UsageError(f"`{key}` must be a positive integer. Received: {key}={value!r}.")
    return int(value)


def whole(value, least: int) -> bool:
    """Returns whether a value is an integer, other than a boolean, of at least a certain size.

    Args:
        value: Anything.
        least: Integer. The smallest number that is accepted.

    Example:

    >>> whole(np.int64(3), least=1), whole(True, least=1)
    (True, False)
    """
    is_integer = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    return is_integer and int(value) >= least


def fraction(key: str, value) -> float:
    """Returns a value, if it is a number in [0, 1).

    Args:
        key: String. Name of the argument in an error message.
        value: The value to check; booleans are not accepted.

    Raises:
        UsageError: If it is not a number in [0, 1).

    Example:

    >>> fraction("dropout", 0.2)
    0.2
    """
    if not isinstance(value, numbers.Real) or isinstance(value, bool) or not 0 <= value < 1:
        raise UsageError(f"`{key}` must be in [0, 1). Received: {key}={value!r}.")
    return value


def check_fraction(key: str, value, most: float) -> float:
    """Returns a value, if it is a number in (0, most].

    Args:
        key: String. Name of the argument in an error message.
        value: The value to check; booleans are not accepted.
        most: Float. The largest value that is accepted.

    Raises:
        UsageError: If it is not a number in (0, most].

    Example:

    >>> check_fraction("share", 0.2, most=0.5)
    0.2
    """
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not (real and 0 < value <= most):
        raise UsageError(f"`{key}` must be a number in (0, {most:g}]. Received: {key}={value!r}.")
    return value


def check_seed(seed) -> int:
    """Returns a seed, if Keras, numpy and scikit-learn all accept it.

    Args:
        seed: Integer in [0, 2**31).

    Raises:
        UsageError: If it is not.

    Example:

    >>> check_seed(0)
    0
    """
    if type(seed) is not int or not 0 <= seed < 2**31:
        raise UsageError(f"`seed` must be an integer in [0, 2**31). Received: seed={seed!r}.")
    return seed


def rows_and_columns(size) -> tuple[int, int]:
    """Returns a size as two integers.

    Args:
        size: Pair of integers, rows and columns, of at least 2.

    Raises:
        UsageError: If it is not.

    Example:

    >>> rows_and_columns([4, 8])
    (4, 8)
    """
    try:
        rows, columns = (positive_integer("size", number) for number in size)
        if min(rows, columns) < 2:
            raise ValueError
    except (TypeError, ValueError):  # a UsageError is a ValueError too
        raise UsageError(
            f"`size` must be two integers, rows and columns, of at least 2. "
            f"Received: size={size!r}."
        ) from None
    return rows, columns


def interval(key: str, value) -> tuple[float, float]:
    """Returns two finite numbers as floats, if the first is the smaller one.

    Args:
        key: String. Name of the argument in an error message.
        value: Pair of numbers.

    Returns:
        A pair of floats.

    Raises:
        UsageError: If they are not two finite numbers, the smaller first.

    Example:

    >>> interval("axis", (-3, 3))
    (-3.0, 3.0)
    """
    try:
        low, high = map(float, value)
        if not (math.isfinite(high - low) and low < high):
            raise ValueError
    except (TypeError, ValueError):
        raise UsageError(
            f"`{key}` must be two finite numbers, the smaller first. Received: {key}={value!r}."
        ) from None
    return low, high


def intervals(key: str, value, count: int) -> tuple[tuple[float, float], ...]:
    """Returns an interval for each of some axes; a single interval is that of all of them.

    Args:
        key: String. Name of the argument in an error message.
        value: Pair of numbers, or one such pair for each axis.
        count: Integer. Number of axes.

    Returns:
        A tuple of `count` pairs of floats.

    Raises:
        UsageError: If an interval is not two finite numbers, the smaller first, or if there is not
            one for each axis.

    Example:

    >>> intervals("box", (-2, 2), 2)
    ((-2.0, 2.0), (-2.0, 2.0))
    >>> intervals("box", ((-2, 2), (0, 5)), 2)
    ((-2.0, 2.0), (0.0, 5.0))
    """
    if not (hasattr(value, "__len__") and any(hasattr(part, "__len__") for part in value)):
        return (interval(key, value),) * count
    if len(value) != count:
        raise UsageError(
            f"`{key}` must be one interval, or {count} of them. Received: {key}={value!r}."
        )
    return tuple(interval(key, single) for single in value)


def _positive_integers(key, value, count):
    try:
        values = tuple(value)
        if len(values) != (count or max(len(values), 1)):
            raise TypeError
        return tuple(positive_integer(key, number) for number in values)
    except (TypeError, UsageError):
        accepted = "a sequence of one or more positive integers"
        descriptions = {None: accepted, 1: "one positive integer, (n,)"}
        accepted = descriptions.get(count, f"{count} positive integers")
        raise UsageError(f"`{key}` must be {accepted}. Received: {key}={value!r}.") from None
