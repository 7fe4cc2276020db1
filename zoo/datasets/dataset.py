"""Datasets: a training split and a test split."""

import dataclasses

import numpy as np

from zoo.datasets.split import Split
from zoo.errors import UsageError

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
        object.__setattr__(self, "test", self.test.in_order(self.train.column_names))
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
        """Returns `"images"`, `"features"` or `"documents"`."""
        return self.train.kind

    @property
    def column_names(self) -> tuple[str, ...] | None:
        """Returns the names of the columns of features that came from a table, else None."""
        return self.train.column_names

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

        This is `(height, width, channels)` for images, `(columns,)` for features, `()` for
        documents.
        """
        return self.train.inputs.shape[1:]

    def hold_out(self, fraction: float, seed: int) -> tuple[Split, Split]:
        """Divides the training split into training rows and validation rows.

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
        order = np.random.default_rng(seed).permutation(len(self.train))
        held = int(len(order) * fraction)
        return self.train.take(np.sort(order[held:])), self.train.take(np.sort(order[:held]))

    @property
    def fingerprint(self) -> str:
        """Returns a SHA-256 hash of the training inputs, in hexadecimal.

        It shows whether data loaded later by the same name are still the same data. Of rows on disk
        it covers a sample.
        """
        return self.train.fingerprint


def split_by_seed(name: str, whole: Split, licence: str = "unknown") -> Dataset:
    """Returns a dataset whose test split is a fifth of the rows, drawn with seed 0.

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
    order = np.random.default_rng(0).permutation(len(whole))
    held = max(len(order) // 5, 1) if len(order) > 1 else 0
    return Dataset(
        name, whole.take(np.sort(order[held:])), whole.take(np.sort(order[:held])), licence
    )
