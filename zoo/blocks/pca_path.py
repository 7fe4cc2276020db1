"""A PCA beside a network, which adds to its code and its output and starts at zero."""

import keras

from zoo.fused import Dense
from zoo.layers import PrincipalComponents


class PcaPath:
    """The way of rows through a PCA to a code and back, which a network adds to.

    With the components W, scaled, and the mean m of the rows that `adapt` saw, the code is
    z = (x - m) W + e(x), and the output y + d(y) with the rows y = z W' + m, where W' undoes W. The
    last layers of the network's encoder e and decoder d start at zero, so that training starts at
    the error of PCA of equal size. A few rows are enough for that, and too few to train a network
    from random weights. A decoder that works on the rows y, step by step or over a few steps, sees
    the same few weights at every step; dense layers after the code would learn few rows by heart.

    Args:
        x: Keras tensor, `(rows, ...)`. The rows.
        latent_dim: Integer. Size of the code.
        used: Boolean. False leaves the PCA out, so that the network is alone. Defaults to True.

    Attributes:
        last_initializer: String. Name of the initializer of the decoder's last kernel.

    Example:

    >>> x = keras.Input((28, 3))
    >>> path = PcaPath(x, latent_dim=8)
    >>> code = path.code(keras.layers.Flatten()(x))
    >>> decoded = keras.layers.Conv1D(3, 5, padding="same")(path.linear(code))
    >>> code.shape, path.output(code, decoded).shape
    ((None, 8), (None, 28, 3))
    """

    def __init__(self, x, latent_dim: int, used: bool = True):
        self.latent_dim, self.shape = latent_dim, x.shape[1:]
        self.layer, self.rows, self.last_initializer = None, None, "glorot_uniform"
        if used:
            self.layer, self.last_initializer = PrincipalComponents(latent_dim, name="pca"), "zeros"
            self.components = self.layer(keras.layers.Flatten(name="flat")(x))

    def code(self, features):
        """Returns the code, from the features that the encoder has found.

        Beside a PCA the features first become as many numbers as the code has: the gradient of the
        layer that starts at zero is noise at first, and less so for few inputs.

        Args:
            features: Keras tensor, `(rows, numbers)`.

        Returns:
            A Keras tensor, `(rows, latent_dim)`.
        """
        code = Dense(self.latent_dim, kernel_initializer=self.last_initializer, name="code")
        if self.layer is None:
            return code(features)
        features = Dense(self.latent_dim, name="features")(features)
        return keras.layers.Add(name="code_sum")([self.components, code(features)])

    def linear(self, latent):
        """Returns the rows of the PCA for a code, or None without a PCA.

        Args:
            latent: Keras tensor, `(rows, latent_dim)`.

        Returns:
            A Keras tensor in the shape of the rows, the same one at each call; or None.
        """
        if self.layer is not None and self.rows is None:
            rows = self.layer(latent, transpose=True)
            self.rows = keras.layers.Reshape(self.shape)(rows) if len(self.shape) > 1 else rows
        return self.rows

    def output(self, latent, decoded):
        """Returns the output, from the code and what the decoder has made of it.

        Args:
            latent: Keras tensor, `(rows, latent_dim)`.
            decoded: Keras tensor in the shape of the rows.

        Returns:
            A Keras tensor in the shape of the rows.
        """
        linear = self.linear(latent)
        return decoded if linear is None else keras.layers.Add(name="output_sum")([linear, decoded])
