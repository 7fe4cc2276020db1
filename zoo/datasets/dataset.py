"""What a data set is: images, and labels where there are any, to train on and to test on."""

import dataclasses
import hashlib

import numpy as np

from zoo import arrays
from zoo.errors import UsageError


@dataclasses.dataclass(frozen=True)
class Split:
    """Some images of a data set.

    Attributes:
        images: float32 in [0, 1], `(rows, height, width, channels)`.
        labels: integers, `(rows,)`, or None.
    """

    images: np.ndarray
    labels: np.ndarray | None = None

    def __post_init__(self):
        shape = np.shape(self.images)[1:]
        if len(shape) != 3:
            raise UsageError(
                "images must have the shape (rows, height, width, channels). "
                f"Received: {np.shape(self.images)}."
            )
        object.__setattr__(self, "images", arrays.check(self.images, shape))
        if self.labels is None:
            return
        labels = np.asarray(self.labels)
        if labels.shape != (len(self.images),) or labels.dtype.kind not in "iu":
            raise UsageError(
                f"labels must be {len(self.images)} integers, one for each image. "
                f"Received: {labels.dtype} of shape {labels.shape}."
            )
        object.__setattr__(self, "labels", labels.astype(np.int64))

    def __len__(self):
        return len(self.images)

    def __repr__(self):
        labels = "no labels" if self.labels is None else "labels"
        return f"<zoo.Split of {len(self)} images of {self.images.shape[1:]}, {labels}>"

    def take(self, rows) -> "Split":
        """The images, and labels, of some rows."""
        return Split(self.images[rows], None if self.labels is None else self.labels[rows])


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Two splits that share no image.

    Attributes:
        name: what it was loaded by.
        train, test: its splits.
        licence: the terms of the images, in a few words.
    """

    name: str
    train: Split
    test: Split
    licence: str = "unknown"

    def __post_init__(self):
        if len(self.train) < 2 or len(self.test) < 1:
            raise UsageError(
                f"{self.name} must have at least two images to train on and one to test on. "
                f"Received: {len(self.train)} and {len(self.test)}."
            )

    def __repr__(self):
        return (
            f"<zoo.Dataset {self.name}: {len(self.train)} training and {len(self.test)} test "
            f"images of {self.image_shape}>"
        )

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        return self.train.images.shape[1:]

    def hold_out(self, share: float, seed: int) -> tuple[Split, Split]:
        """The training split in two: the rest, and `share` of it for validation, drawn by seed."""
        if not 0 <= share < 1:
            raise UsageError(f"`validation` must be in [0, 1). Received: validation={share!r}.")
        order = np.random.default_rng(seed).permutation(len(self.train))
        held = int(len(order) * share)
        return self.train.take(np.sort(order[held:])), self.train.take(np.sort(order[:held]))

    @property
    def fingerprint(self) -> str:
        """A hash of the training images: the same name can stand for other data tomorrow."""
        images = self.train.images
        digest = hashlib.sha256(repr(images.shape).encode())
        digest.update(np.ascontiguousarray(images).view(np.uint8).data)
        return digest.hexdigest()


def split_by_seed(name: str, whole: Split, licence: str = "unknown") -> Dataset:
    """A data set of images that came in one piece: a fifth, drawn by seed 0, is for testing."""
    order = np.random.default_rng(0).permutation(len(whole))
    held = max(len(order) // 5, 1) if len(order) > 1 else 0
    return Dataset(
        name, whole.take(np.sort(order[held:])), whole.take(np.sort(order[:held])), licence
    )
