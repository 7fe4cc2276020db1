"""Shell completion: returns the names or folders that begin with what has been typed.

If nothing matches, the shell completes file names, as for every other argument.
"""

from pathlib import Path

from zoo import registry
from zoo.experiments import benchmarks
from zoo.storage.natural_order import natural


def variants(incomplete: str) -> list[tuple[str, str]]:
    """Returns the variants whose names begin with a text.

    Args:
        incomplete: String. What has been typed so far.

    Returns:
        A list of pairs of name and summary.

    Example:

    >>> [name for name, summary in variants("conv_")]
    ['conv_ae']
    """
    return [
        (name, summary)
        for family in registry.families().values()
        for name, summary in family
        if name.startswith(incomplete)
    ]


def datasets(incomplete: str) -> list[tuple[str, str]]:
    """Returns the datasets of `zoo data list` whose names begin with a text.

    Args:
        incomplete: String. What has been typed so far.

    Returns:
        A list of pairs of name and kind of data.

    Example:

    >>> datasets("breast")
    [('breast_cancer', 'features')]
    """
    from zoo.datasets.by_name import BY_NAME
    from zoo.datasets.imports import IMPORTS

    named = sorted((IMPORTS | BY_NAME).items())
    return [(name, row.kind) for name, row in named if name.startswith(incomplete)]


def benches(incomplete: str) -> list[tuple[str, str]]:
    """Returns the benchmarks of `zoo bench` whose names begin with a text.

    Args:
        incomplete: String. What has been typed so far.

    Returns:
        A list of pairs of name and description.

    Example:

    >>> [name for name, description in benches("mem")]
    ['memory']
    """
    return [pair for pair in benchmarks.BENCHES.items() if pair[0].startswith(incomplete)]


def rows(incomplete: str) -> list[tuple[str, str]]:
    """Returns the rows of `zoo reproduce` whose names begin with a text.

    Args:
        incomplete: String. What has been typed so far.

    Returns:
        A list of pairs of name and title.

    Example:

    >>> [name for name, title in rows("anomaly")]
    ['anomaly', 'anomaly-tables']
    """
    from zoo.experiments import reproduce

    return [(key, row.title) for key, row in reproduce.ROWS.items() if key.startswith(incomplete)]


def runs(incomplete: str) -> list[str]:
    """Returns the run directories below `runs` whose paths begin with a text.

    Args:
        incomplete: String. What has been typed so far.

    Returns:
        A list of paths.

    Example:

    >>> runs("")
    []
    """
    return _folders("runs/*/config.json", incomplete)


def exports(incomplete: str) -> list[str]:
    """Returns the exported models below `exports` whose paths begin with a text.

    Args:
        incomplete: String. What has been typed so far.

    Returns:
        A list of paths.

    Example:

    >>> exports("")
    []
    """
    return _folders("exports/*/manifest.json", incomplete)


def models(incomplete: str) -> list[str]:
    """Returns the run directories and exported models whose paths begin with a text.

    Args:
        incomplete: String. What has been typed so far.

    Returns:
        A list of paths.

    Example:

    >>> models("")
    []
    """
    return runs(incomplete) + exports(incomplete)


def _folders(files, incomplete):
    """Returns the folders of the files that match a pattern, with `/` as the separator."""
    folders = sorted((path.parent.as_posix() for path in Path().glob(files)), key=natural)
    return [folder for folder in folders if folder.startswith(incomplete)]
