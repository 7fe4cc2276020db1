"""Learned vectors of positions, which tell an attention layer the order of its input."""

import keras


@keras.saving.register_keras_serializable(package="zoo")
class LearnedPositions(keras.layers.Layer):
    """Layer that adds a learned vector to each position of a sequence.

    Input and output are `(rows, positions, numbers)`; the layer is always active. The vectors start
    as small random numbers. Vaswani et al., 2017, section 3.5.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> layer = zoo.layers.LearnedPositions()
    >>> layer(np.zeros((2, 5, 8))).shape, layer.count_params()
    (TensorShape([2, 5, 8]), 40)
    """

    def build(self, input_shape):
        self.vectors = self.add_weight(
            shape=input_shape[1:], initializer=keras.initializers.RandomNormal(stddev=0.02),
            name="vectors",
        )  # fmt: skip

    def call(self, inputs):
        return inputs + self.vectors
