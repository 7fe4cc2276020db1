"""Settings of a training on a command line: fields of the recipe, arguments of the variant."""

import itertools

from zoo.errors import UsageError, no_such
from zoo.inputs.arguments import by_name
from zoo.recipes import fields
from zoo.training.settings import FIELDS


def recipe_changes(words: list[str] | None, **options) -> dict:
    """Returns the fields of a recipe that options of their own and `--set` change.

    Args:
        words: List of strings `KEY=VALUE`, or None.
        **options: The values of the other options, by the names of the fields; None if an option
            was left out.

    Returns:
        A dict of checked values.

    Raises:
        UsageError: If there is no such field, if its value is not accepted, or if it is set twice.

    Example:

    >>> recipe_changes(["schedule=constant"], epochs=5, loss=None)
    {'epochs': 5, 'schedule': 'constant'}
    """
    changes = {key: value for key, value in options.items() if value is not None}
    for word in words or ():
        for key, value in by_name([word], "--set is written KEY=VALUE.").items():
            if key not in FIELDS:
                raise no_such("field of the recipe", key, FIELDS)
            if key in changes:
                raise UsageError(
                    f"`{key}` must be set once. Received: {changes[key]!r} and {value!r}."
                )
            changes[key] = value
    return {key: fields.checked(key, value) for key, value in changes.items()}


def divided_words(
    names: list[str | None], arguments: list[str] | None
) -> tuple[list[str], list[str]]:
    """Returns the names of a variant and its data, and the arguments of the variant.

    Names may be left out: the first word of the form name=value, which is no path, and those after
    it are arguments.

    Args:
        names: List of the words in the places of the names, None for those that were left out.
        arguments: List of the words after them, or None.

    Returns:
        A pair of lists of strings.

    Example:

    >>> divided_words(["pca", "latent_dim=5"], None)
    (['pca'], ['latent_dim=5'])
    """
    words = [word for word in names if word is not None]
    known = list(itertools.takewhile(lambda word: not _is_argument(word), words))
    return known, words[len(known) :] + (arguments or [])


def _is_argument(word):
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier()
