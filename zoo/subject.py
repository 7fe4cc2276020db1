"""A variant made small, for the checks of `zoo.checks`."""

import functools
from pathlib import Path

import keras
import numpy as np

from zoo import datasets, exporting, registry
from zoo.datasets.dataset import Dataset, Split

TEXTS = ("a cat sat on the mat", "mats are flat", "cats eat rats", "the flat mat of the rats")


class Subject:
    """A variant made small by its entry's `tiny`: built, trained and exported once for all checks.

    Args:
        name: of the variant.
        folder: an empty one, for what the checks write.
        **mode: further arguments, such as one of the entry's `modes`.
    """

    def __init__(self, name, folder, **mode):
        self.entry, self.mode = registry.entry(name), mode
        self.arguments = self.entry.arguments(self.entry.tiny | mode)
        self.folder = Path(folder)

    def train(self):
        """A new model after three epochs, from the same seed each time, and its figure before."""
        keras.utils.set_random_seed(0)
        model = self.entry.build(**self.arguments)
        if model.vocabulary is not None:
            model.adapt(TEXTS)
        if model.standardisation:
            model.standardisation.adapt(self.images)
        before = self.monitor(model.settle())
        model.fit(self.images, batch_size=16, epochs=3, verbose=0)
        return model, before

    def monitor(self, model) -> float:
        """Returns the figure that its entry names, as `evaluate` finds it on all images."""
        return model.evaluate(self.images, verbose=0, return_dict=True)[self.entry.monitor]

    @functools.cached_property
    def images(self) -> np.ndarray:
        """64 smooth inputs of the variant's shape, within its range, drawn by seed."""
        shape, value_range = self.arguments["input_shape"], self._built.value_range
        random = np.random.default_rng(0)
        mixed = random.normal(size=(64, 4)) @ random.normal(size=(4, int(np.prod(shape))))
        low, high = value_range or (-1.0, 1.0)
        unit = 1 / (1 + np.exp(-2 * mixed))
        return (low + (high - low) * unit).astype(np.float32).reshape(64, *shape)

    @functools.cached_property
    def data(self) -> Dataset:
        """A labelled `Dataset` of its own kind, 48 training and 16 test rows; texts for texts."""
        inputs = self.images
        if inputs.ndim == 4 and self._built.value_range is None:
            inputs = (inputs + 1) / 2  # images of a data set lie in [0, 1]
        if self._built.vocabulary is not None:
            inputs = [f"{text} {number}" for number in range(16) for text in TEXTS]
        labels = np.arange(64) % 2
        splits = (Split(inputs[rows], labels[rows]) for rows in (slice(48), slice(48, None)))
        return Dataset("drawn rows", *splits)

    @functools.cached_property
    def real_data(self) -> Dataset:
        """Real data of its own kind: digits, texts, or a table to standardise."""
        if self._built.vocabulary is not None:
            return datasets.load("docstrings")
        return datasets.load("breast_cancer" if self._built.standardisation else "mnist_5k")

    @functools.cached_property
    def _built(self):
        return self.entry.build(**self.arguments)

    @functools.cached_property
    def trained(self):
        """The model and the figure of `train`."""
        return self.train()

    @functools.cached_property
    def model(self):
        """The trained model."""
        return self.trained[0]

    @functools.cached_property
    def bundle(self):
        """The trained model's export."""
        return exporting.export(self.model, self.folder / "bundle")
