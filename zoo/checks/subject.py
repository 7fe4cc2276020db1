"""A small model of a variant, for the checks of `zoo.checks`."""

import functools
from pathlib import Path

import keras
import numpy as np

from zoo import datasets, exporting, registry
from zoo.datasets.dataset import Dataset
from zoo.datasets.split import Split
from zoo.inputs import kinds

TEXTS = ("a cat sat on the mat", "mats are flat", "cats eat rats", "the flat mat of the rats")


class Subject:
    """Small model of a variant, which is built, trained and exported once.

    Its size is given by the `tiny` of the variant's entry. All checks of `zoo.checks` share it.

    Args:
        name: String. Name of the variant.
        folder: String or path. An empty folder, for the files that the checks write.
        **mode: Further arguments of the variant, such as one of its entry's `modes`.

    Example:

    >>> Subject("linear_ae", "checks").arguments["latent_dim"]
    3
    """

    def __init__(self, name, folder, **mode):
        self.entry, self.mode = registry.entry(name), mode
        self.arguments = self.entry.arguments(self.entry.tiny | mode)
        self.folder = Path(folder)

    def train(self):
        """Trains a new model for three epochs, from the same seed at each call.

        Returns:
            A pair: the model, and the result of `monitor` before the training.
        """
        keras.utils.set_random_seed(0)
        model = self.entry.build(**self.arguments)
        if model.vocabulary is not None:
            model.adapt(TEXTS)
        if model.standardisation:
            model.standardisation.adapt(self.images)
        before = self.monitor(model.refresh_endpoints())
        model.fit(self.images, batch_size=16, epochs=3, verbose=0)
        return model, before

    def monitor(self, model) -> float:
        """Returns the entry's metric to monitor, as `evaluate` computes it on all `images`.

        Args:
            model: Model of the variant.

        Returns:
            A float.
        """
        return model.evaluate(self.images, verbose=0, return_dict=True)[self.entry.monitor]

    @functools.cached_property
    def images(self) -> np.ndarray:
        """64 smooth inputs of the variant's shape and range, drawn by a fixed seed."""
        shape, value_range = self.arguments["input_shape"], self._built.value_range
        random = np.random.default_rng(0)
        mixed = random.normal(size=(64, 4)) @ random.normal(size=(4, int(np.prod(shape))))
        low, high = value_range or (-1.0, 1.0)
        unit = 1 / (1 + np.exp(-2 * mixed))
        return (low + (high - low) * unit).astype(np.float32).reshape(64, *shape)

    @functools.cached_property
    def data(self) -> Dataset:
        """A labelled `Dataset` of the variant's kind, with 48 training and 16 test rows.

        A model of texts gets texts.
        """
        inputs = self.images
        kind = kinds.of_tensor(self._built.named_input.name)
        if kind.value_range is not None and self._built.value_range is None:
            inputs = (inputs + 1) / 2  # images of a dataset lie in [0, 1]
        if self._built.vocabulary is not None:
            inputs = [f"{text} {number}" for number in range(16) for text in TEXTS]
        labels = np.arange(64) % 2
        splits = (
            Split(inputs[rows], labels[rows], kind=self._built.kind_of_arrays)
            for rows in (slice(48), slice(48, None))
        )
        return Dataset("drawn rows", *splits)

    @functools.cached_property
    def real_data(self) -> Dataset:
        """Real data of the variant's kind, its `example`."""
        return datasets.load(kinds.of_tensor(self._built.named_input.name).example)

    @functools.cached_property
    def _built(self):
        return self.entry.build(**self.arguments)

    @functools.cached_property
    def trained(self):
        """The trained model, and the result of `monitor` before the training."""
        return self.train()

    @functools.cached_property
    def model(self):
        """The trained model."""
        return self.trained[0]

    @functools.cached_property
    def bundle(self):
        """The export of the trained model, a `zoo.Bundle`."""
        return exporting.export(self.model, self.folder / "bundle")
