"""What a data set is: inputs, and labels where there are any, to train on and to test on."""

import dataclasses
import hashlib
import re

import numpy as np

from zoo import arrays, containers, file_errors
from zoo.datasets import numbers
from zoo.errors import UsageError

# For each kind of data its axes after the rows, and the range of its values.
KINDS = {
    "images": (("height", "width", "channels"), (0.0, 1.0)),
    "features": (("columns",), None),
    "documents": ((), None),
}


@dataclasses.dataclass(frozen=True)
class Split:
    """Some rows of a data set.

    Attributes:
        inputs: images, float32 in [0, 1], `(rows, height, width, channels)`, or grey ones,
            `(rows, height, width)`, which get a channel; features, finite float32,
            `(rows, columns)`; or documents, strings, `(rows,)`.
        labels: integers, `(rows,)` or `(rows, 1)`, or None.
        names: The path of each row's file within its folder, or None where rows are not files.
        column_names: The names of the columns of features that came from a table, or None.
        class_names: The names of the classes, the name of label k at position k, or None.

    Raises:
        UsageError: for anything else, and for features whose numbers float32 cannot hold.
    """

    inputs: np.ndarray
    labels: np.ndarray | None = None
    names: tuple[str, ...] | None = None
    column_names: tuple[str, ...] | None = None
    class_names: tuple[str, ...] | None = None

    def __post_init__(self):
        names = self.column_names or containers.column_names(self.inputs)
        object.__setattr__(self, "column_names", names and tuple(names))
        inputs = containers.as_array(self.inputs, "images or features")
        texts = arrays.as_texts(inputs)
        if texts is None:
            inputs = arrays.regular(inputs, "images or features")
            inputs = inputs[..., None] if inputs.ndim == 3 else inputs
            shape = inputs.shape[1:]
            kind = next((kind for kind, (axes, _) in KINDS.items() if len(axes) == len(shape)), "")
            if kind not in ("images", "features"):
                told = " or ".join(
                    f"(rows, {', '.join(axes)})" for axes, _ in KINDS.values() if axes
                )
                raise UsageError(
                    f"images or features must have the shape {told}. Received: "
                    f"{np.shape(self.inputs)}."
                )
            if kind == "features":
                numbers.require_float32(inputs, self.column_names)
            checked = arrays.check(
                inputs, shape, KINDS[kind][1], name=kind, integers=kind == "features"
            )
        else:
            checked = np.array(texts, dtype=object)
        object.__setattr__(self, "inputs", checked)
        if self.labels is None:
            return
        labels = arrays.regular(self.labels, "labels")
        labels = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
        if labels.shape != (len(self),) or labels.dtype.kind not in "iu":
            raise UsageError(
                f"labels must be {len(self)} integers, one for each row. "
                f"Received: {labels.dtype} of shape {labels.shape}."
            )
        object.__setattr__(self, "labels", labels.astype(np.int64))

    @property
    def kind(self) -> str:
        """`"images"`, `"features"` or `"documents"`."""
        return next(kind for kind, (axes, _) in KINDS.items() if len(axes) == self.inputs.ndim - 1)

    @property
    def images(self) -> np.ndarray:
        """The inputs, if they are images."""
        return self._of("images")

    @property
    def features(self) -> np.ndarray:
        """The inputs, if they are features."""
        return self._of("features")

    def _of(self, kind):
        if self.kind != kind:
            raise UsageError(f"There are no {kind} here, but {self.kind}.")
        return self.inputs

    def __len__(self):
        return len(self.inputs)

    def __repr__(self):
        labels = "no labels" if self.labels is None else "labels"
        return f"<zoo.Split of {len(self)} {self.kind} of {self.inputs.shape[1:]}, {labels}>"

    def take(self, rows) -> "Split":
        """Returns some of the rows, with their labels and names."""
        labels = None if self.labels is None else self.labels[rows]
        names = None if self.names is None else tuple(np.array(self.names, object)[rows])
        return dataclasses.replace(
            self, inputs=arrays.take(self.inputs, rows), labels=labels, names=names
        )

    def label_of(self, name: int | str) -> int:
        """Returns the label of a class.

        Args:
            name: The name of the class, if classes have names; or its label. Where names are
                numbers, as of the folders 1, 2 and 10, a number is a name.

        Raises:
            UsageError: if there are no labels, or no row has this one.

        Example:

        >>> rows = zoo.datasets.Split(np.eye(2), [0, 1], class_names=("good", "scratch"))
        >>> rows.label_of("scratch")
        1
        """
        if self.labels is None:
            raise UsageError(f"The data have no labels to find class {name!r} by.")
        name = file_errors.printable(name) if isinstance(name, str) else name
        there, names = np.unique(self.labels), self.class_names or ()
        if str(name) in names:
            label = names.index(str(name))
        elif _is_number(name) and not any(map(_is_number, names)):
            label = int(name)
        else:
            label = None
        if label not in there:
            known = [names[each] if names else str(each) for each in there[:20]]
            raise UsageError(
                f"There must be rows of class {name!r}. Received: those of {', '.join(known)}."
            )
        return label

    def in_order(self, column_names) -> "Split":
        """Returns the split with its columns in another order of their names.

        Args:
            column_names: of the table that a model learned from; None for any order.

        Raises:
            UsageError: if this split has names too, and other ones.
        """
        if not column_names or not self.column_names or column_names == self.column_names:
            return self
        order = containers.positions(self.column_names, column_names, "The table")
        return dataclasses.replace(
            self, inputs=self.inputs[:, order], column_names=tuple(column_names)
        )


def _is_number(name):
    return re.fullmatch("-?[0-9]+", str(name)) is not None


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Two splits that share no row.

    Attributes:
        name: what it was loaded by.
        train, test: its splits.
        licence: the terms of the data, in a few words.
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
            f"<zoo.Dataset {self.name}: {len(self.train)} training and {len(self.test)} test "
            f"{self.kind} of {self.input_shape}>"
        )

    @property
    def kind(self) -> str:
        """`"images"`, `"features"` or `"documents"`."""
        return self.train.kind

    @property
    def column_names(self) -> tuple[str, ...] | None:
        """Of features that came from a table; else None."""
        return self.train.column_names

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """The names of the classes, the name of label k at position k, or None."""
        return self.train.class_names

    def map(self, function) -> "Dataset":
        """The data set with what a function makes of each of its splits."""
        return dataclasses.replace(self, train=function(self.train), test=function(self.test))

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of a row: height, width and channels of images, columns of features, () of texts."""
        return self.train.inputs.shape[1:]

    def hold_out(self, share: float, seed: int) -> tuple[Split, Split]:
        """The training split in two: the rest, and `share` of it for validation, drawn by seed."""
        if not 0 <= share < 1:
            raise UsageError(f"`validation` must be in [0, 1). Received: validation={share!r}.")
        order = np.random.default_rng(seed).permutation(len(self.train))
        held = int(len(order) * share)
        return self.train.take(np.sort(order[held:])), self.train.take(np.sort(order[:held]))

    @property
    def fingerprint(self) -> str:
        """A hash of the training inputs: the same name can stand for other data tomorrow."""
        inputs = self.train.inputs
        digest = hashlib.sha256(repr(inputs.shape).encode())
        if self.kind == "documents":
            inputs = np.frombuffer("\0".join(inputs).encode(), np.uint8)
        digest.update(np.ascontiguousarray(inputs).view(np.uint8).data)
        return digest.hexdigest()


def split_by_seed(name: str, whole: Split, licence: str = "unknown") -> Dataset:
    """A data set that came in one piece: a fifth, drawn by seed 0, is for testing."""
    order = np.random.default_rng(0).permutation(len(whole))
    held = max(len(order) // 5, 1) if len(order) > 1 else 0
    return Dataset(
        name, whole.take(np.sort(order[held:])), whole.take(np.sort(order[:held])), licence
    )
