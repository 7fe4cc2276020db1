"""Reads the series of a table, a row a moment or a row a series, whole or cut into windows."""

import dataclasses
import urllib.parse

import numpy as np

from zoo.datasets.dataset import Dataset, split_by_seed
from zoo.datasets.readers import moments, tables
from zoo.datasets.split import Split
from zoo.errors import UsageError, no_such
from zoo.inputs import kinds
from zoo.inputs.arguments import positive_integer


@dataclasses.dataclass(frozen=True)
class Form:
    """The layout of series in a table, and the windows that they are cut into.

    Attributes:
        id: String. The column that names the series of each row, for a table with a row a moment.
            Defaults to None, for a single series.
        time: String. The column of times, by which the rows of a series are sorted. Defaults to
            None, for rows in order.
        window: Integer. Number of steps of a window. Defaults to None, for whole series.
        stride: Integer. Number of steps from a window to the next. Defaults to None, for `window`.
        steps: String. `"long"` for a row a moment, and a column a channel; `"wide"` for a row a
            series of one channel, and a column a step. Defaults to None, for `"long"`.

    Example:

    >>> bool(Form()), bool(Form(window=100))
    (False, True)
    """

    id: str | None = None
    time: str | None = None
    window: int | None = None
    stride: int | None = None
    steps: str | None = None

    def __bool__(self):
        return any(value is not None for value in dataclasses.astuple(self))

    def named(self, options: dict[str, str]) -> "Form":
        """Returns the form with what an address names, unless it is set already.

        Args:
            options: Dict of strings, as `tables.address` returns it; other keys are ignored.

        Raises:
            UsageError: If a value is not accepted, or two contradict each other.
        """
        names = [field.name for field in dataclasses.fields(self)]
        values = {
            name: options.get(name) if getattr(self, name) is None else getattr(self, name)
            for name in names
        }
        for name in ("window", "stride"):
            value = values[name]
            if value is not None:
                number = int(value) if isinstance(value, str) and value.isdecimal() else value
                values[name] = positive_integer(name, number)
        form = Form(**values)
        if form.steps not in (None, "long", "wide"):
            raise no_such("form of steps", form.steps, ["long", "wide"])
        if form.steps == "wide" and (form.id or form.time):
            raise UsageError(
                "With steps='wide' each row is a series, and each column a step, so that no column "
                f"holds ids or times. Received: id={form.id!r}, time={form.time!r}."
            )
        if form.stride is not None and form.window is None:
            raise UsageError(f"`stride` needs a `window`. Received: stride={form.stride} alone.")
        return form


NAMES = tuple(field.name for field in dataclasses.fields(Form))


def load(
    source,
    form: Form,
    label: str | None = None,
    divide=split_by_seed,
    missing: str | None = "refuse",
    encoding: str | None = None,
) -> Dataset | Split:
    """Loads the series of a table as sequences.

    The rows of a series are sorted by time. Each series has one label. Series are divided into
    training and test rows, never the windows of a series; a single series is divided by time.

    Args:
        source: DataFrame, or path or address of a table file, as for `tables.load`.
        form: `Form`. What the address names is added to it.
        label: String. The column of the classes. Defaults to the column named `label`, if there is
            one.
        divide: Callable. As for `tables.load`.
        missing: String. As for `tables.load`. With `"mask"`, whole series may differ in length: the
            steps after the end of a shorter one are missing cells. Defaults to `"refuse"`.
        encoding: String. As for `tables.opened`. Defaults to None.

    Returns:
        What `divide` returns; by default a `Dataset` of sequences. Its `names` are the id of each
        series and, for windows, the time or the step that it begins at.

    Raises:
        UsageError: If the table cannot be used: a column is missing, a value is missing or not a
            number, series differ in length and there is no window or are shorter than it, times
            are of several time zones or stand there twice, a step between two times is much longer
            than the others, or a series has two labels.
        MissingExtraError: If pandas is not installed, or pyarrow for `.parquet`.

    Example:

    >>> import pandas
    >>> frame = pandas.DataFrame({"pump": list("aaabbbccc"), "current": range(9)})
    >>> load(frame, Form(id="pump"))
    <zoo.datasets.Dataset DataFrame: 2 training and 1 test sequences of (3, 1)>
    """
    import pandas

    frame, path, options = tables.opened(source, encoding)
    form = form.named(options)
    label = label or options.get("label")
    missing = options.get("missing", missing)
    query = {"label": label} | dataclasses.asdict(form)
    query |= {"missing": "mask"} if missing == "mask" else {}
    query |= {"encoding": encoding or options.get("encoding")}
    query = {key: value for key, value in query.items() if value is not None}
    name = f"{path}?{urllib.parse.urlencode(query)}" if path else "DataFrame"
    columns = list(frame.columns)
    label = "label" if label is None and "label" in columns else label
    for wanted in (form.id, form.time, label):
        if wanted is not None and wanted not in columns:
            raise no_such("column", wanted, [str(column) for column in columns])
    labels, classes = (None, None)
    if label is not None:
        labels, classes = tables.classes(pandas, frame[label], name)
    channels = [column for column in columns if column not in (form.id, form.time, label)]
    if not channels:
        raise UsageError(f"{name} must have at least one column of values. Received: none.")
    values = frame[channels].infer_objects()
    values = [tables.numbers(pandas, values[key], name, missing) for key in channels]
    values = np.stack(values, axis=1)
    if form.steps == "wide":
        series = [moments.Series(str(row), range(len(channels)), values[row, :, None])
                  for row in range(len(values))]  # fmt: skip
        labels = None if labels is None else list(labels)
        channels = None
    else:
        series, rows = moments.series_of(pandas, frame, values, form.id, form.time, name)
        labels = None if labels is None else [_one(labels[rows[n]], series[n], label, name)
                                              for n in range(len(series))]  # fmt: skip
    return divide(name, _rows(series, labels, classes, channels, form, name, missing))


def _one(labels, series, column, table):
    """Returns the label of a series, which all of its rows must have."""
    if (labels != labels[0]).any():
        raise UsageError(
            f"Column {column!r} of {table} must hold one class for each series. Received: several "
            f"in series {series.id!r}."
        )
    return labels[0]


def _rows(series, labels, classes, channels, form, table, missing):
    """Returns a `Split` of whole series, or of their windows."""
    lengths = {len(each.values) for each in series}
    if form.window is None and missing == "mask":
        series, lengths = _padded(series, max(lengths)), {max(lengths)}
    if form.window is None and len(lengths) > 1:
        raise UsageError(
            f"The series of {table} must have one length, or be cut into windows, window=STEPS, or "
            'be padded with missing cells for a variant that takes these: missing="mask". '
            f"Received: from {min(lengths)} to {max(lengths)} steps."
        )
    window = form.window or lengths.pop()
    starts = []
    for number, each in enumerate(series):
        if len(each.values) < window:
            raise UsageError(
                f"Every series of {table} must have at least the {window} steps of a window. "
                f"Received: {len(each.values)} in series {each.id!r}. Leave it out, or take "
                "shorter windows."
            )
        last = len(each.values) - window
        starts += [(number, start) for start in range(0, last + 1, form.stride or window)]
    inputs = np.stack([series[n].values[start : start + window] for n, start in starts])
    whole = form.window is None
    names = [
        series[n].id if whole else f"{series[n].id} from {series[n].times[start]}".strip()
        for n, start in starts
    ]
    return Split(
        inputs,
        None if labels is None else np.array([labels[number] for number, _ in starts]),
        tuple(names),
        channels and tuple(map(str, channels)),
        classes,
        kinds.SEQUENCES.name,
        None if whole else np.array(starts),
        missing,
    )


def _padded(series, length):
    """Returns series of one length: the steps after the end of a shorter one are NaN."""
    return [
        dataclasses.replace(
            each, values=np.pad(each.values, ((0, length - len(each.values)), (0, 0)),
                                constant_values=np.nan)
        )
        for each in series
    ]  # fmt: skip
