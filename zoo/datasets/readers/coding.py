"""Decides which columns of a table hold categories, and which categories were learned from."""

import re
from collections.abc import Sequence

import numpy as np

from zoo.datasets.dataset import Dataset
from zoo.datasets.split import Split
from zoo.errors import no_such
from zoo.inputs import containers
from zoo.inputs.categories import OTHERS, is_missing, known_codes
from zoo.inputs.columns import Columns

DATE = re.compile(r"\s*\d{4}-\d{1,2}-\d{1,2}\b|\s*\d{1,2}[./]\d{1,2}[./]\d{2,4}\b")

FEW = 20  # rows in which each category may occur only once


def named(categories: str | Sequence[str], columns: list) -> list:
    """Returns the columns that a user names as categories.

    Args:
        categories: Sequence of names, or a string of names with commas between them.
        columns: List of all columns of the table.

    Returns:
        A list of columns.

    Raises:
        UsageError: If there is no column of a name.

    Example:

    >>> named("zip,kind", ["area", "kind", "zip"])
    ['zip', 'kind']
    """
    if isinstance(categories, str):
        known = categories in map(str, columns)
        categories = [categories] if known or not categories else categories.split(",")
    by_name = {str(column): column for column in columns}
    for name in categories:
        if str(name) not in by_name:
            raise no_such("column", str(name), list(by_name))
    return [by_name[str(name)] for name in categories]


def holds_categories(pandas, column) -> bool:
    """Returns whether a column holds categories, without being named by the user.

    It does if its type is a category or a boolean of pandas; if all its values are booleans or
    missing; or if they are texts of which no one looks like a number or a date, and, of more than
    20, some occur twice.

    Args:
        pandas: The pandas module.
        column: Series of pandas.

    Example:

    >>> import pandas
    >>> columns = [["a", "b", "a"], [True, None, False], ["1", "2", "1"], [1, 2]]
    >>> [holds_categories(pandas, pandas.Series(column)) for column in columns]
    [True, True, False, False]
    """
    types = pandas.api.types
    if isinstance(column.dtype, pandas.CategoricalDtype) or types.is_bool_dtype(column):
        return True
    if not (types.is_object_dtype(column) or types.is_string_dtype(column)):
        return False
    values = [value for value in column.tolist() if not is_missing(value)]
    if not values:  # of what, no one can tell
        return False
    if all(isinstance(value, bool) for value in values):
        return True
    if not all(isinstance(value, str) for value in values):
        return False
    different = pandas.Series(list(dict.fromkeys(values)))
    numeric = pandas.to_numeric(different, errors="coerce").notna().any()
    dates = any(DATE.match(value) for value in different)
    return not numeric and not dates and (len(different) < len(values) or len(values) <= FEW)


def without_dates(pandas, column):
    """Returns a column of dates as seconds since 1970, and any other column as it is.

    Args:
        pandas: The pandas module.
        column: Series of pandas.

    Example:

    >>> import pandas
    >>> without_dates(pandas, pandas.Series(pandas.to_datetime(["1970-01-02"]))).tolist()
    [86400.0]
    """
    if not pandas.api.types.is_datetime64_any_dtype(column):
        return column
    naive = column.dt.tz_convert(None) if column.dt.tz is not None else column
    return pandas.Series(containers.seconds(naive.to_numpy()), name=column.name)


def whole(categories: tuple) -> tuple:
    """Returns False and True for categories that are either of them, and others as they are.

    The codes of booleans are then 0 and 1 in any rows.

    Args:
        categories: Tuple of categories.

    Example:

    >>> whole((True,)), whole(("a",))
    ((False, True), ('a',))
    """
    booleans = categories and all(isinstance(value, bool) for value in categories)
    return (False, True) if booleans else categories


def learned(result: Dataset | Split) -> Dataset | Split:
    """Returns a dataset whose categories are those of its training rows alone.

    Any other category of the test rows is then one that was never seen.

    Args:
        result: `Dataset`, or a `Split`, which is returned as it is.

    Example:

    >>> columns = Columns([["a", "b", "c"]])
    >>> train = Split([[0.0], [2.0]], column_names=("kind",), columns=columns)
    >>> test = Split([[1.0]], column_names=("kind",), columns=columns)
    >>> data = learned(Dataset("kinds", train, test))
    >>> data.columns, data.train.inputs.ravel().tolist(), data.test.inputs.ravel().tolist()
    ((('a', 'c'),), [0.0, 1.0], [3.0])
    """
    if not isinstance(result, Dataset) or not result.columns.has_categories:
        return result
    seen = list(result.columns)
    for position in result.columns.categories:
        classes = result.columns.classes[position]
        present = np.unique(known_codes(result.train.inputs[:, position], classes))
        count = classes - OTHERS
        seen[position] = whole(tuple(seen[position][code] for code in present if code < count))
    return result.map(lambda split: split.in_form(result.column_names, Columns(seen)))
