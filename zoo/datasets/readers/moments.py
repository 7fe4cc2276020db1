"""Sorts the rows of a table, each a moment of a series, into series."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from zoo.errors import UsageError

LONGEST = 1.5  # steps between two times, relative to the median step, that are no gap yet


@dataclasses.dataclass(frozen=True)
class Series:
    """A series of a table.

    Attributes:
        id: String. Its name.
        times: Sequence of the time, or the number, of each step.
        values: Array of shape `(steps, channels)`.
    """

    id: str
    times: Sequence
    values: np.ndarray


def series_of(
    pandas, frame, values: np.ndarray, id: str | None, time: str | None, table: str
) -> tuple[list[Series], list[np.ndarray]]:
    """Returns the series of a table in the order of their names, each sorted by time.

    Args:
        pandas: The pandas module.
        frame: DataFrame, a row a moment.
        values: Array of shape `(rows, channels)`.
        id: String. The column of the series' names, or None for a single series.
        time: String. The column of the times, or None for rows in order.
        table: String. The table's name, for messages.

    Returns:
        A pair of lists: the series, and the numbers of each one's rows in the frame, sorted by
        time.

    Raises:
        UsageError: If an id or a time is missing, if times are of several time zones or no times,
            or if a series holds a time twice or has a gap.

    Example:

    >>> import pandas
    >>> frame = pandas.DataFrame({"pump": ["b", "a", "b"], "hour": [2, 1, 1]})
    >>> series, rows = series_of(pandas, frame, np.eye(3), "pump", "hour", "table")
    >>> [each.id for each in series], rows[0].tolist()
    (['a', 'b'], [1])
    """
    for column in filter(None, (id, time)):
        _require(frame[column].notna().to_numpy(), "must hold a value in each row", "none",
                 column, table)  # fmt: skip
    codes, names = np.zeros(len(frame), int), [""]
    if id is not None:
        codes, names = pandas.factorize(frame[id], sort=True)
    times = None if time is None else _times(pandas, frame[time], table)
    series, places = [], []
    for number, name in enumerate(names):
        rows = np.flatnonzero(codes == number)
        shown = range(len(rows))
        if times is not None:
            rows = rows[np.argsort(times[rows], kind="stable")]
            shown = frame[time].iloc[rows].astype(str).tolist()
            _require_steps(times[rows], shown, str(name), time, table)
        series.append(Series(str(name), shown, values[rows]))
        places.append(rows)
    return series, places


def _times(pandas, column, table):
    """Returns times as numbers that can be compared and subtracted, of one time zone."""
    types = pandas.api.types
    if types.is_numeric_dtype(column) and not types.is_bool_dtype(column):
        return column.to_numpy(np.float64)
    moments = _as_dates(pandas, column, format=None)
    moments = _as_dates(pandas, column, format="ISO8601") if moments is None else moments
    if moments is None:
        zones = _as_dates(pandas, column, format="ISO8601", utc=True) is not None
        what = "times of one time zone" if zones else "times or numbers"
        received = "several" if zones else f"{str(column.iloc[0])!r} in row 0"
        advice = " Convert them to one: pandas.to_datetime(column, utc=True)." if zones else ""
        raise UsageError(
            f"Column {column.name!r} of {table} must hold {what}. Received: {received}.{advice}"
        )
    return moments.to_numpy("datetime64[ns]").astype(np.int64).astype(np.float64) / 1e9


def _as_dates(pandas, column, **options):
    """Returns a column as dates of one time zone, or None if it is not."""
    try:
        moments = pandas.to_datetime(column, **options)
    except (ValueError, TypeError):
        return None
    is_date = pandas.api.types.is_datetime64_any_dtype
    return moments if is_date(moments) else None


def _require(right, what, received, column, table):
    if not right.all():
        raise UsageError(
            f"Column {column!r} of {table} {what}. Received: {received} in row "
            f"{int(np.argmin(right))}. Leave such rows out, or fill them."
        )


def _require_steps(times, shown, name, column, table):
    """Raises an error for a time that a series holds twice, and for a gap between two times."""
    steps = np.diff(times)
    if (steps == 0).any():
        raise UsageError(
            f"Column {column!r} of {table} must hold each time of a series once. Received: "
            f"{shown[int(np.argmin(steps))]} twice in series {name!r}."
        )
    if len(steps) > 1 and steps.max() > LONGEST * np.median(steps):
        place = int(np.argmax(steps))
        raise UsageError(
            f"The times of a series of {table} must be evenly spaced, without a gap. Received: "
            f"{shown[place + 1]} right after {shown[place]} in series {name!r}. Fill the gap, or "
            "give its two sides ids of their own."
        )
