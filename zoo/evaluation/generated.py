"""What generated images are worth: to a classifier that never saw the model, and where codes lie.

The classifier is one of ours, and so are its features: distances in them compare models here, on
one data set, and are not those that others publish.
"""

import dataclasses
import math

import numpy as np

from zoo import arrays, classifiers, finetuning, registry
from zoo.datasets.dataset import Split
from zoo.errors import UsageError
from zoo.evaluation.metrics import flat

BOX = (-2.0, 2.0)
FEATURES = 64
RECIPE = dataclasses.replace(classifiers.RECIPE, epochs=5)


def box_share(codes, box: tuple[float, float] = BOX) -> float:
    """Share of codes, `(rows, ...)`, all of whose numbers lie in `box`; NaN for no rows."""
    z = flat(codes)
    return float(np.mean(np.all((box[0] <= z) & (z <= box[1]), axis=1))) if len(z) else math.nan


class Judge:
    """A small convolutional classifier that learnt the labels of real images, from a random start.

    Args:
        train: a labelled `Split` of images: what it learns from, and nothing else.
        seed: of its start and of the order; Keras's, numpy's and Python's random numbers are set.

    Raises:
        UsageError: for rows that are no images, without labels, or of one class.
    """

    def __init__(self, train: Split, seed: int = 0):
        import keras

        if train.labels is None or len(np.unique(train.labels)) < 2:
            raise UsageError(
                f"A judge learns from labels of two classes or more. Received: {train!r}."
            )
        self.input_shape = train.images.shape[1:]
        keras.utils.set_random_seed(seed)
        start = registry.build("conv_ae", input_shape=self.input_shape, latent_dim=FEATURES)
        self.model = classifiers.classifier(start, int(train.labels.max()) + 1)
        finetuning.fit(self.model, RECIPE, train, seed)
        self._features = keras.Model(self.model.inputs[0], self.model.get_layer("flat_code").output)

    def error(self, split: Split) -> float:
        """Share of labelled images whose class it does not tell: what its judgement is worth."""
        return finetuning.evaluate(self.model, split)["test_error"]

    def confidence(self, images) -> float:
        """The probability of the likeliest class, mean over images; a guess is 1 / classes.

        Values outside [0, 1], which a linear decoder gives, are clipped.
        """
        images = self._checked(images)
        return float(np.mean(self.model.classify(images).max(axis=1), dtype=np.float64))

    def features(self, images) -> np.ndarray:
        """What it sees of images before it decides, `(images, 64)`; values clipped to [0, 1]."""
        return self._features.predict(self._checked(images), batch_size=256, verbose=0)

    def distance(self, images, others) -> float:
        """The own-feature Fréchet distance of two sets of images; 0 for the same set.

        It falls with more images, whose covariances are known better: compare equal numbers.
        """
        return frechet_distance(self.features(images), self.features(others))

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
