"""The table of variants: their names, their entries, and how to build them."""

from zoo.registry.entry import Entry
from zoo.registry.table import (
    Recipe,
    add_models,
    build,
    entry,
    families,
    names,
    register,
    require,
)

__all__ = [
    "Entry",
    "Recipe",
    "add_models",
    "build",
    "entry",
    "families",
    "names",
    "register",
    "require",
]
