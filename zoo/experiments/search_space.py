"""The values among which a search for settings draws, and the draws themselves, by Optuna."""

import ast
import numbers

from zoo.errors import UsageError

FORM = "learning_rate=1e-4..1e-2 for a range, or batch_size=32,64,128 for choices"


def parse(words: list[str]) -> dict[str, tuple | list]:
    """Returns a search space that is written on a command line.

    Args:
        words: List of strings: `KEY=LOW..HIGH` for a range, `KEY=VALUE,VALUE,...` for choices.

    Returns:
        A dict from each key to a pair, the ends of its range, or to a list of choices.

    Raises:
        UsageError: If a word has another form.

    Example:

    >>> parse(["learning_rate=1e-4..1e-2", "optimizer=adam,sgd", "widths=[64],[64, 32]"])
    {'learning_rate': (0.0001, 0.01), 'optimizer': ['adam', 'sgd'], 'widths': [[64], [64, 32]]}
    """
    space = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or not text:
            raise UsageError(f"--search is written {FORM}. Received: {word}")
        low, dots, high = text.partition("..")
        space[key] = (_value(low), _value(high)) if dots else _choices(text)
    return space


def distributions(space: dict[str, tuple | list]) -> dict:
    """Returns the distributions of Optuna for a search space.

    A range is drawn from evenly on a logarithmic scale, or, if it begins at 0, on a linear one; it
    is one of integers if both ends are integers. Choices are drawn by their position.

    Args:
        space: Dict from the name of each setting to a pair of numbers, the ends of its range, or to
            a list of choices.

    Returns:
        A dict from the same names to distributions.

    Raises:
        UsageError: If a range or a list of choices is empty.
        MissingExtraError: If Optuna is not installed.

    Example:

    >>> distributions({"epochs": (5, 50)})  # doctest: +SKIP
    {'epochs': IntDistribution(high=50, log=True, low=5, step=1)}
    """
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    result = {}
    for key, values in space.items():
        if isinstance(values, tuple):
            low, high = _require_range(key, values)
            whole = all(isinstance(end, numbers.Integral) for end in values)
            kind = IntDistribution if whole else FloatDistribution
            result[key] = kind(low, high, log=low > 0)
        elif isinstance(values, list) and values:
            result[key] = CategoricalDistribution(range(len(values)))
        else:
            raise UsageError(f"`search` must be {FORM}. Received: {key}={values!r}.")
    return result


def drawn(space: dict[str, tuple | list], params: dict) -> dict:
    """Returns the settings that Optuna has drawn.

    Args:
        space: Dict, as for `distributions`.
        params: Dict of the drawn numbers, and of the positions of the drawn choices.

    Returns:
        A dict from the name of each setting to its value.

    Example:

    >>> drawn({"epochs": (5, 50), "loss": ["mse", "mae"]}, {"epochs": 7, "loss": 1})
    {'epochs': 7, 'loss': 'mae'}
    """
    return {
        key: space[key][value] if isinstance(space[key], list) else value
        for key, value in params.items()
    }


def ends(space: dict[str, tuple | list]):
    """Yields settings that are in a search space: both ends of each range, and each choice.

    Args:
        space: Dict, as for `distributions`.

    Yields:
        Dicts of one setting.

    Example:

    >>> list(ends({"epochs": (5, 50)}))
    [{'epochs': 5}, {'epochs': 50}]
    """
    for key, values in space.items():
        for value in values:
            yield {key: value}


def _require_range(key, values):
    real = [isinstance(end, numbers.Real) and not isinstance(end, bool) for end in values]
    if len(values) != 2 or not all(real) or not 0 <= values[0] < values[1]:
        raise UsageError(
            f"A range of `search` must be two numbers of at least 0, the smaller first. Received: "
            f"{key}={values!r}."
        )
    return values


def _value(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):  # a bare word, such as adam
        return text


def _choices(text):
    try:
        return list(ast.literal_eval(f"[{text}]"))
    except (ValueError, SyntaxError):  # bare words
        return [_value(word) for word in text.split(",")]
