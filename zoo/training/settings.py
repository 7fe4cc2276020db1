"""The settings of a training: a variant's recipe and arguments, with changes to either."""

import dataclasses

from zoo import registry
from zoo.errors import UsageError, no_such
from zoo.recipes.fields import OF_LABELS, OPTIONAL
from zoo.recipes.recipe import Recipe

FIELDS = tuple(field.name for field in dataclasses.fields(Recipe))


def settings(variant: str, /, **changes) -> tuple[Recipe, dict]:
    """Returns a variant's recipe and all its arguments, with changes to either.

    Args:
        variant: String. One of `zoo.names()`.
        **changes: Fields of the `Recipe`, and arguments of the variant. None for a field leaves it
            as the recipe has it, unless None is a value of it: `momentum` and `pretrain_epochs`.

    Returns:
        A pair: the `Recipe`, and a dict of the arguments.

    Raises:
        UsageError: If the variant is unknown, or if neither it nor the recipe has a setting of a
            name or accepts its value.

    Example:

    >>> recipe, arguments = settings("pca", latent_dim=5, batch_size=64)
    >>> recipe.batch_size, arguments["latent_dim"]
    (64, 5)
    """
    entry = registry.entry(variant)
    arguments, fields = divided(changes)
    known = entry.arguments()
    for key in arguments:
        if key not in known:
            raise no_such("argument", key, [*known, *FIELDS], of=variant)
    arguments = entry.arguments(arguments)
    recipe = entry.recipe_for(arguments, **fields)
    if recipe.loss in OF_LABELS:
        raise UsageError(
            "`loss` must compare inputs with reconstructions, not with class labels. Received: "
            f"loss={recipe.loss!r}."
        )
    return recipe, arguments


def divided(changes: dict) -> tuple[dict, dict]:
    """Returns the changes that are arguments of a variant, and those that are fields of a recipe.

    Args:
        changes: Dict of both.

    Returns:
        A pair of dicts, without the fields that None leaves as they are.

    Example:

    >>> divided({"latent_dim": 5, "epochs": 3, "batch_size": None})
    ({'latent_dim': 5}, {'epochs': 3})
    """
    arguments = {key: value for key, value in changes.items() if key not in FIELDS}
    fields = {key: value for key, value in changes.items() if key in FIELDS}
    return arguments, {k: v for k, v in fields.items() if v is not None or k in OPTIONAL}
