"""Hides some numbers of each row, so that a model must guess them from the others."""

import keras
import numpy as np
from keras import ops

from zoo.inputs.arguments import positive_integer

SEED = 0  # of the groups that are hidden together


@keras.saving.register_keras_serializable(package="zoo")
class HiddenNumbers(keras.layers.Layer):
    """Layer that makes copies of each row, with other numbers hidden in each, and compares guesses.

    The numbers of a row are divided into `groups` at random, `repeats` times, and a copy hides one
    group, whose numbers become 0: each number is hidden in `repeats` copies. So
    `copies = layer(x)` maps `(rows, numbers)` to `(rows * copies, numbers)`, and
    `layer(x, guesses)` returns the squared error of the guesses of each number, mean over the
    copies that hide it, `(rows, numbers)`. The layer is always active, and the groups are the same
    for every layer of these arguments.

    Args:
        groups: Positive integer. Number of groups, at most one for each number. Defaults to 4.
        repeats: Positive integer. Defaults to 8.
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Call arguments:
        inputs: Tensor, `(rows, numbers)`.
        guesses: Tensor, `(rows * copies, numbers)`: what a model makes of the copies. Defaults to
            None, which returns the copies.

    Raises:
        UsageError: If a number is not accepted.

    Example:

    >>> layer = zoo.layers.HiddenNumbers(groups=2, repeats=1)
    >>> x = np.array([[1.0, 2.0]], "float32")
    >>> np.sort(layer(x), axis=0)
    array([[0., 0.],
           [1., 2.]], dtype=float32)
    >>> layer(x, np.zeros((2, 2), "float32")).numpy()
    array([[1., 4.]], dtype=float32)
    """

    def __init__(self, groups=4, repeats=8, **kwargs):
        super().__init__(**{"dtype": "float32"} | kwargs)
        self.groups = positive_integer("groups", groups)
        self.repeats = positive_integer("repeats", repeats)

    def masks(self, numbers: int) -> np.ndarray:
        """Returns which numbers each copy hides.

        Args:
            numbers: Positive integer. Size of a row.

        Returns:
            Float32 array, `(copies, numbers)`: 1 for a hidden number, else 0.
        """
        random, groups = np.random.default_rng(SEED), min(self.groups, numbers)
        masks = []
        for _ in range(self.repeats):
            group_of = random.permutation(np.arange(numbers) % groups)
            masks += [group_of == group for group in range(groups)]
        return np.array(masks, np.float32)

    def call(self, inputs, guesses=None):
        numbers = inputs.shape[-1]
        hidden = self.masks(numbers)
        rows = inputs[:, None, :]  # (rows, 1, numbers)
        if guesses is None:
            return ops.reshape(rows * (1 - hidden), (-1, numbers))
        guesses = ops.reshape(guesses, (-1, len(hidden), numbers))
        return ops.sum(hidden * ops.square(guesses - rows), axis=1) / self.repeats

    def compute_output_shape(self, inputs_shape, guesses_shape=None):
        return inputs_shape if guesses_shape is not None else (None, inputs_shape[-1])

    def get_config(self):
        return super().get_config() | {"groups": self.groups, "repeats": self.repeats}
