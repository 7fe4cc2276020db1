"""Datasets: a training split and a test split."""

import dataclasses

import numpy as np

from zoo.datasets.split import Split
from zoo.errors import UsageError
from zoo.inputs.columns import Columns

SAMPLED = 100_000_000  # bytes of rows on disk that an evaluation reads of each split


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A training split and a test split that share no row.

    Attributes:
        name: String. The name or path that the dataset was loaded by.
        train: `Split`. At least two rows to train on.
        test: `Split`. At least one row to test on, of the same shape as the training rows. Columns
            with names are put in the order of the training split's.
        licence: String. The terms of the data, in a few words. Defaults to `"unknown"`.

    Raises:
        UsageError: If a split has too few rows, or the splits have rows of different shapes or
            columns.

    Example:

    >>> images = np.zeros((10, 28, 28, 1), "float32")
    >>> data = zoo.datasets.Dataset(
    ...     "blank", zoo.datasets.Split(images[:8]), zoo.datasets.Split(images[8:])
    ... )
    >>> data
    <zoo.datasets.Dataset blank: 8 training and 2 test images of (28, 28, 1)>
    >>> rest, validation = data.hold_out(0.25, seed=0)
    >>> len(rest), len(validation)
    (6, 2)
    >>> len(data.map(lambda split: split.take([0, 1])).train)
    2
    """

    name: str
    train: Split
    test: Split
    licence: str = "unknown"

    def __post_init__(self):
        test = self.test.in_order(self.train.column_names)
        if self.train.columns:
            test = test.in_form(self.train.column_names, self.train.columns)
        object.__setattr__(self, "test", test)
        if self.train.inputs.shape[1:] != self.test.inputs.shape[1:]:
            raise UsageError(
                f"{self.name} must have rows of one shape. Received: "
                f"{self.train.inputs.shape[1:]} in train and {self.test.inputs.shape[1:]} in test."
            )
        if len(self.train) < 2 or len(self.test) < 1:
            raise UsageError(
                f"{self.name} must have at least two rows to train on and one to test on. "
                f"Received: {len(self.train)} and {len(self.test)}."
            )

    def __repr__(self):
        return (
            f"<zoo.datasets.Dataset {self.name}: {len(self.train)} training and "
            f"{len(self.test)} test {self.kind} of {self.input_shape}>"
        )

    @property
    def kind(self) -> str:
        """Returns the name of the kind of data, such as `"images"` or `"features"`."""
        return self.train.kind

    @property
    def column_names(self) -> tuple[str, ...] | None:
        """Returns the names of the columns of features that came from a table, else None."""
        return self.train.column_names

    @property
    def columns(self) -> Columns:
        """Returns how the columns of a table became numbers; empty for numbers as they are."""
        return self.train.columns

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """Returns the names of the classes, the name of label k at position k, or None."""
        return self.train.class_names

    def map(self, function) -> "Dataset":
        """Returns the dataset with a function applied to each of its splits.

        Args:
            function: Callable. Takes a `Split` and returns a `Split`.

        Returns:
            A new `Dataset` with the same name and licence.
        """
        return dataclasses.replace(self, train=function(self.train), test=function(self.test))

    def sample(self, most: int = SAMPLED) -> "Dataset":
        """Returns the dataset in memory: of rows on disk a sample of each split, drawn with seed 0.

        Args:
            most: Integer. Bytes of a split's inputs. Defaults to 100 million.

        Example:

        >>> data = zoo.datasets.load("mnist_5k")
        >>> data.sample() is data
        True
        """
        if self.train.in_memory and self.test.in_memory:
            return self
        return self.map(lambda split: split.sample(most))

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Returns the shape of one row.

        This is `(height, width, channels)` for images, `(columns,)` for features,
        `(steps, channels)` for sequences, `(depth, height, width, channels)` for volumes, `()` for
        documents.
        """
        return self.train.inputs.shape[1:]

    def hold_out(self, fraction: float, seed: int) -> tuple[Split, Split]:
        """Divides the training split into training rows and validation rows.

        Windows of series are divided by series, and those of a single series by time, as
        `split_by_seed` divides them; at least one series, or window, is held out unless `fraction`
        is 0.

        Args:
            fraction: Float in [0, 1). Fraction of the training rows to hold out.
            seed: Integer. Seed of the random draw.

        Returns:
            A tuple of two `Split`s: the remaining training rows and the validation rows. Both keep
            the order of the rows.

        Raises:
            UsageError: If `fraction` is outside [0, 1).
        """
        if not 0 <= fraction < 1:
            raise UsageError(
                f"`validation_split` must be in [0, 1). Received: validation_split={fraction!r}."
            )
        least = 0 if self.train.windows is None or not fraction else 1
        return _divided(self.train, fraction, seed, least)

    @property
    def fingerprint(self) -> str:
        """Returns a SHA-256 hash of the training inputs, in hexadecimal.

        It shows whether data loaded later by the same name are still the same data. Of rows on disk
        it covers a sample.
        """
        return self.train.fingerprint


def split_by_seed(name: str, whole: Split, licence: str = "unknown") -> Dataset:
    """Returns a dataset whose test split is a fifth of the rows, drawn with seed 0.

    Of rows that are windows of several series, a fifth of the series is drawn. Of windows of one
    series the last fifth is held out, and windows before it that share a step with it are dropped.

    Args:
        name: String. Name of the dataset.
        whole: `Split`. All rows, at least two.
        licence: String. The terms of the data, in a few words. Defaults to `"unknown"`.

    Returns:
        A `Dataset`. Both splits keep the order of the rows.

    Raises:
        UsageError: If there are fewer than two rows.

    Example:

    >>> split_by_seed("ten rows", Split(np.eye(10)))
    <zoo.datasets.Dataset ten rows: 8 training and 2 test features of (10,)>
    """
    return Dataset(name, *_divided(whole, 1 / 5, 0, least=1), licence)


def _divided(rows, fraction, seed, least):
    """Returns the remaining rows, and the fraction of them that is held out, at least some."""
    groups = np.arange(len(rows)) if rows.windows is None else rows.windows[:, 0]
    members = np.unique(groups)
    if rows.windows is not None and len(members) == 1:
        return _divided_by_time(rows, fraction, least)
    order = np.random.default_rng(seed).permutation(len(members))
    held = max(int(len(order) * fraction), least) if len(order) > 1 else 0
    is_held = np.isin(groups, members[order[:held]])
    return rows.take(np.flatnonzero(~is_held)), rows.take(np.flatnonzero(is_held))


def _divided_by_time(rows, fraction, least):
    """Returns windows of one series before a moment, and those that begin at it or later."""
    starts = rows.windows[:, 1]
    held = max(int(len(starts) * fraction), least) if len(starts) > 1 else 0
    if not held:
        return rows, rows.take(slice(0, 0))
    moment = np.sort(starts)[-held]
    before = starts + rows.inputs.shape[1] <= moment
    if not before.any():
        raise UsageError(
            "A single series must be long enough for windows before and after a moment that share "
            f"no step. Received: {len(starts)} windows of {rows.inputs.shape[1]} steps, from step "
            f"{starts.min()} to {starts.max() + rows.inputs.shape[1] - 1}."
        )
    return rows.take(np.flatnonzero(before)), rows.take(np.flatnonzero(starts >= moment))
