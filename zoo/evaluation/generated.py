"""Judges generated images by a classifier that never saw the model, and codes by where they lie.

The classifier is one of ours, and so are its features: distances in them compare models here, on
one data set, and are not those that others publish.
"""

import dataclasses
import math

import numpy as np

from zoo import arrays, classifiers, finetuning, registry
from zoo.datasets.dataset import Split
from zoo.errors import UsageError
from zoo.evaluation import negatives
from zoo.evaluation.metrics import flat

BOX = (-2.0, 2.0)
FEATURES, FILTERS = 64, (16, 32)
RECIPE = dataclasses.replace(classifiers.RECIPE, learning_rate=3e-3, epochs=2)
HELD_OUT = 0.1  # of the real images, for the threshold
ACCEPTED = 0.95  # of those


def box_share(codes, box: tuple[float, float] = BOX) -> float:
    """Share of codes, `(rows, ...)`, all of whose numbers lie in `box`; NaN for no rows."""
    z = flat(codes)
    return float(np.mean(np.all((box[0] <= z) & (z <= box[1]), axis=1))) if len(z) else math.nan


class Judge:
    """A small convolutional classifier of labelled images that has one class more: none of them.

    It learns the classes from real images, from a random start, and the additional class from
    images that show none: noise, blank and inverted images, shuffled pixels, shuffled tiles, and
    halves of two classes. Half of all of these are slightly blurred, so that it does not judge by
    sharpness: without them, a judge of 54,000 digits refuses every other digit that is blurred.
    It accepts an image if the probability of the additional class is at
    most `threshold`, which accepts 95 % of a tenth of the real images, held out of its training.

    Args:
        train: A labelled `Split` of images, the only data that it learns from.
        seed: The seed of its weights, its order and its negatives. Keras's, numpy's and Python's
            random numbers are set.

    Attributes:
        threshold: The largest probability of the additional class that is accepted.

    Raises:
        UsageError: For rows that are not images, have no labels, or are of one class.

    Example:

    >>> judge = Judge(zoo.datasets.load("mnist_5k").train)  # doctest: +SKIP
    >>> judge.accepted_share(np.zeros((10, 28, 28, 1), "float32"))  # doctest: +SKIP
    0.0
    """

    def __init__(self, train: Split, seed: int = 0):
        import keras

        if train.labels is None or len(np.unique(train.labels)) < 2:
            raise UsageError(
                f"A judge learns from labels of two classes or more. Received: {train!r}."
            )
        self.input_shape = train.images.shape[1:]
        self._labels, places = np.unique(train.labels, return_inverse=True)
        self._none = len(self._labels)
        train = dataclasses.replace(train, labels=places, class_names=None)
        random = np.random.default_rng(seed)
        order = random.permutation(len(train))
        held = max(1, round(HELD_OUT * len(train)))
        keras.utils.set_random_seed(seed)
        start = registry.build(
            "conv_ae", input_shape=self.input_shape, filters=FILTERS, latent_dim=FEATURES
        )
        self.model = classifiers.classifier(start, self._none + 1)
        learn = self._with_negatives(train.take(order[held:]), random)
        finetuning.fit(self.model, RECIPE, learn, seed)
        self._features = keras.Model(self.model.inputs[0], self.model.get_layer("flat_code").output)
        of_real = self._probability_of_none(train.take(order[:held]).images)
        self.threshold = float(np.quantile(of_real, ACCEPTED, method="higher"))

    def _with_negatives(self, real, random):
        others = negatives.negatives(real.images, real.labels, random)
        images = np.concatenate([real.images, others])
        labels = np.concatenate([real.labels, np.full(len(others), self._none)])
        return Split(negatives.some_blurred(images, random), labels)

    def error(self, split: Split) -> float:
        """Returns the fraction of labelled images of which another class is the likeliest."""
        classes = self.model.classify(split.images)[:, : self._none].argmax(axis=1)
        return float(np.mean(self._labels[classes] != split.labels))

    def accepts(self, images) -> np.ndarray:
        """Returns for each image whether it shows one of the classes: booleans `(images,)`.

        Values outside [0, 1], which a linear decoder gives, are clipped.
        """
        return self._probability_of_none(self._checked(images)) <= self.threshold

    def accepted_share(self, images) -> float:
        """Returns the fraction of images that it accepts as one of the classes."""
        return float(np.mean(self.accepts(images)))

    def controls(self, split: Split, seed: int = 0) -> dict[str, float]:
        """Returns what it accepts of images of which it is known whether they show a class.

        Print these beside every accepted share, which means nothing without them. Of digits, a
        good judge accepts at least 0.93 of real ones and 0.9 of blurred ones, and at most 0.01 of
        all others, but for 0.1 of halves: two halves may make a digit.

        Args:
            split: Labelled images that it did not learn from.
            seed: The seed of the noise and of the orders.

        Returns:
            The accepted fractions of `real` images, of `blurred` ones, and of each kind of image
            that it learned to refuse, made from these images.
        """
        images, random = self._checked(split.images), np.random.default_rng(seed)
        shown = {"real": images, "blurred": negatives.blurred(images)} | {
            kind.__name__: kind(images, split.labels, random) for kind in negatives.NEGATIVES
        }
        return {name: self.accepted_share(others) for name, others in shown.items()}

    def features(self, images) -> np.ndarray:
        """What it sees of images before it decides, `(images, 64)`; values clipped to [0, 1]."""
        return self._features.predict(self._checked(images), batch_size=256, verbose=0)

    def distance(self, images, others) -> float:
        """The own-feature Fréchet distance of two sets of images; 0 for the same set.

        It falls with more images, whose covariances are known better: compare equal numbers.
        """
        return frechet_distance(self.features(images), self.features(others))

    def _probability_of_none(self, images):
        return self.model.classify(images)[:, self._none]

    def _checked(self, images):
        images = arrays.check(images, self.input_shape, None)
        if not len(images):
            raise UsageError("`images` must be one or more. Received: none.")
        return np.clip(images, 0, 1)


def frechet_distance(x, y) -> float:
    """Of two sets of features, `(rows, numbers)`, taken as Gaussians: their 2-Wasserstein squared.

    ‖m - n‖² + tr(A + B - 2 (A^½ B A^½)^½), of the means m, n and the covariances A, B (Dowson &
    Landau, 1982, equation 4).

    Raises:
        UsageError: for fewer than two rows, different numbers of columns, or NaN and Inf.
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or min(len(x), len(y)) < 2:
        raise UsageError(
            "Features must be two sets of two rows or more, (rows, numbers), of as many numbers. "
            f"Received: {x.shape} and {y.shape}."
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise UsageError("Features must be finite numbers. Received: NaN or Inf among them.")
    a, b = (np.atleast_2d(np.cov(each, rowvar=False)) for each in (x, y))
    values, vectors = np.linalg.eigh(a)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    overlap = np.sqrt(np.linalg.eigvalsh(root @ b @ root).clip(0)).sum()
    apart = np.square(x.mean(axis=0) - y.mean(axis=0)).sum()
    return float(max(apart + np.trace(a) + np.trace(b) - 2 * overlap, 0.0))
