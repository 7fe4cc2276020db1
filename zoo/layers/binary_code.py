"""Binary latent codes: noise in training drives each unit to 0 or 1."""

import keras
from keras import ops

from zoo.errors import UsageError


@keras.saving.register_keras_serializable(package="zoo")
class BinaryCode(keras.layers.Layer):
    """Layer that turns numbers into bits, which are 0.0 and 1.0.

    In training it returns sigmoid(x + N(0, noise²)). The noise does not matter only where x is far
    from zero, so each unit learns to be clearly on or off. At inference it returns 1 where x > 0,
    else 0. Input and output are `(rows, units)`. Salakhutdinov & Hinton, 2009, section 3.3.

    Args:
        noise: Float. Standard deviation of the noise, at least 0. Defaults to 1.0.
        seed: Integer, or None to draw one from Keras's global seed. Seed of the noise. Defaults to
            None.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Raises:
        UsageError: If `noise` is negative or NaN.

    Example:

    >>> zoo.layers.BinaryCode()(np.array([[-2.0, 0.5, 3.0]])).numpy()
    array([[0., 1., 1.]], dtype=float32)
    """

    def __init__(self, noise=1.0, seed=None, **kwargs):
        super().__init__(**kwargs)
        if not noise >= 0:
            raise UsageError(f"`noise` must be at least 0. Received: noise={noise!r}.")
        self.noise, self.seed = noise, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, x, training=False):
        if not training:
            return ops.cast(x > 0, x.dtype)
        noise = keras.random.normal(ops.shape(x), dtype=x.dtype, seed=self.seed_generator)
        return ops.sigmoid(x + self.noise * noise)

    @property
    def bits(self) -> float:
        """Size of one row's code in bits: one for each unit."""
        return float(self.output.shape[-1])

    def get_config(self):
        return super().get_config() | {"noise": self.noise, "seed": self.seed}
