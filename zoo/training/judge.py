"""Judges generated images by a classifier that is trained without the model.

The classifier and its features are this package's own: distances between its features compare
models of this package on one dataset, and cannot be compared with published distances.
"""

import dataclasses

import numpy as np

from zoo import registry
from zoo.autoencoder import classifier
from zoo.datasets.split import Split
from zoo.errors import UsageError
from zoo.evaluation.metrics import frechet_distance
from zoo.inputs import arrays
from zoo.training import blur, finetune, negatives

FEATURES, FILTERS = 64, (16, 32)
RECIPE = dataclasses.replace(classifier.RECIPE, learning_rate=3e-3, epochs=2)
HELD_OUT = 0.1  # fraction of the real images that the threshold is chosen on
ACCEPTED = 0.95  # fraction of these that the threshold accepts


class Judge:
    """Convolutional classifier of labelled images with one additional class for images of no class.

    It learns the classes from real images, from a random start, and the additional class from
    images that show none: noise, blank and inverted images, shuffled pixels, shuffled tiles, and
    halves of two classes. Half of all these images are slightly blurred, so that the judge does not
    decide by sharpness: without them, a judge trained on 54,000 digits refuses half of the blurred
    digits. The judge accepts an image if the probability of the additional class is at most
    `threshold`. The threshold is chosen to accept 95 % of a tenth of the real images, which are
    held out of the judge's training.

    Args:
        train: `Split` of labelled images, the only data that the judge learns from.
        seed: Integer. Seed of the weights, the order of the rows and the images of no class. It
            also sets the random seeds of Keras, numpy and Python. Defaults to 0.

    Attributes:
        threshold: Float. The largest probability of the additional class that is accepted.

    Raises:
        UsageError: If the rows are not images, have no labels, or belong to one class.

    Example:

    >>> judge = Judge(zoo.datasets.load("mnist_5k").train)  # doctest: +SKIP
    >>> judge.accepted_fraction(np.zeros((10, 28, 28, 1), "float32"))  # doctest: +SKIP
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
        held_count = max(1, round(HELD_OUT * len(train)))
        keras.utils.set_random_seed(seed)
        encoder = registry.build(
            "conv_ae", input_shape=self.input_shape, filters=FILTERS, latent_dim=FEATURES
        )
        self.model = classifier.classifier(encoder, self._none + 1)
        learn = self._with_negatives(train.take(order[held_count:]), random)
        finetune.fit(self.model, RECIPE, learn, seed)
        self._features = keras.Model(self.model.inputs[0], self.model.get_layer("flat_code").output)
        probabilities = self._probability_of_none(train.take(order[:held_count]).images)
        self.threshold = float(np.quantile(probabilities, ACCEPTED, method="higher"))

    def _with_negatives(self, real, random):
        others = negatives.negatives(real.images, real.labels, random)
        images = np.concatenate([real.images, others])
        labels = np.concatenate([real.labels, np.full(len(others), self._none)])
        return Split(blur.some_blurred(images, random), labels)

    def error(self, split: Split) -> float:
        """Returns the fraction of labelled images for which another class is the likeliest.

        The additional class is left out of the comparison.

        Args:
            split: `Split` of labelled images.

        Returns:
            A float in [0, 1].
        """
        classes = self.model.classify(split.images)[:, : self._none].argmax(axis=1)
        return float(np.mean(self._labels[classes] != split.labels))

    def accepts(self, images) -> np.ndarray:
        """Returns for each image whether it shows one of the classes.

        Values outside [0, 1], which a linear decoder can produce, are clipped.

        Args:
            images: Array of shape `(images, height, width, channels)`.

        Returns:
            Array of booleans, `(images,)`.

        Raises:
            UsageError: If there are no images, or if they have another shape than the training
                images.
        """
        return self._probability_of_none(self._checked(images)) <= self.threshold

    def accepted_fraction(self, images) -> float:
        """Returns the fraction of images that are accepted as one of the classes.

        Args:
            images: Array of shape `(images, height, width, channels)`.

        Returns:
            A float in [0, 1].

        Raises:
            UsageError: As for `accepts`.
        """
        return float(np.mean(self.accepts(images)))

    def controls(self, split: Split, seed: int = 0) -> dict[str, float]:
        """Returns the accepted fractions of images for which the right answer is known.

        Print these beside every accepted fraction, which means nothing without them. For digits, a
        good judge accepts at least 0.93 of the real images and 0.9 of the blurred ones, and at most
        0.01 of all others, except for halves, where it may accept 0.1, since two halves may form a
        digit.

        Args:
            split: `Split` of labelled images that the judge did not learn from.
            seed: Integer. Seed of the noise and of the orders. Defaults to 0.

        Returns:
            A dict of floats in [0, 1]: the accepted fractions of the `real` images, of the
            `blurred` ones, and of each kind of image of no class, generated from these images.

        Raises:
            UsageError: As for `accepts`.
        """
        images, random = self._checked(split.images), np.random.default_rng(seed)
        shown = {"real": images, "blurred": blur.blurred(images)} | {
            kind.__name__: kind(images, split.labels, random) for kind in negatives.NEGATIVES
        }
        return {name: self.accepted_fraction(others) for name, others in shown.items()}

    def features(self, images) -> np.ndarray:
        """Returns the features of images on which the judge's decision is based.

        Args:
            images: Array of shape `(images, height, width, channels)`. Values are clipped to [0,
                1].

        Returns:
            Float32 array of shape `(images, 64)`.

        Raises:
            UsageError: As for `accepts`.
        """
        return self._features.predict(self._checked(images), batch_size=256, verbose=0)

    def distance(self, images, others) -> float:
        """Returns the Fréchet distance between two sets of images, in the judge's own features.

        It falls as the number of images grows, because their covariances are then known better:
        compare only sets of equal size.

        Args:
            images: Array of shape `(images, height, width, channels)`, two images or more.
            others: Array of shape `(others, height, width, channels)`, two images or more.

        Returns:
            A float, 0 for equal sets.

        Raises:
            UsageError: As for `accepts` and `frechet_distance`.
        """
        return frechet_distance(self.features(images), self.features(others))

    def _probability_of_none(self, images):
        return self.model.classify(images)[:, self._none]

    def _checked(self, images):
        images = arrays.check(images, self.input_shape, None)
        if not len(images):
            raise UsageError("`images` must be one or more. Received: none.")
        return np.clip(images, 0, 1)
