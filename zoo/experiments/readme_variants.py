"""The tables of variants in README.md and docs/, from the registry."""

from zoo import registry


def variants() -> str:
    """Returns the table of variants, from the registry's files.

    Returns:
        A string, Markdown.

    Example:

    >>> print(variants().splitlines()[0])
    | variant | family | what it is |
    """
    rows = ["| variant | family | what it is |", "|---|---|---|"]
    for family, entries in registry.families().items():
        rows += [f"| `{name}` | {family} | {summary} |" for name, summary in entries]
    return "\n".join(rows)


def families() -> str:
    """Returns the table of families and the names of their variants.

    Returns:
        A string, Markdown.

    Example:

    >>> print(families().splitlines()[0])
    | family | variants |
    """
    rows = ["| family | variants |", "|---|---|"]
    for family, entries in registry.families().items():
        names = ", ".join(f"`{name}`" for name, _ in entries)
        rows.append(f"| {family} | {names} |")
    return "\n".join(rows)
