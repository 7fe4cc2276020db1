"""Unpooling by repetition and the deconvolution after it, computed as one operation."""

import keras
import numpy as np
from keras import ops

from zoo.errors import UsageError
from zoo.fused import with_bias
from zoo.inputs.arguments import positive_integer


@keras.saving.register_keras_serializable(package="zoo")
class FilledConv2DTranspose(keras.layers.Conv2DTranspose):
    """Deconvolution that first repeats each value over a window, computed as one operation.

    It returns what `Unpooling2D(pool, mode="fill")` followed by a `Conv2DTranspose` of stride 1
    would return, and learns the same kernel. A value that is repeated over its window and then
    convolved is the value times the kernel summed over the shifts of the window: one deconvolution
    of stride `pool` on the small map, with fewer than half the multiplications. It is always
    active, and maps `(rows, height, width, channels)` to
    `(rows, pool * height, pool * width, filters)`.

    Args:
        filters: Integer. Number of channels of the output.
        kernel_size: Integer or pair of integers. Kernel of the deconvolution, at stride 1 and with
            `"same"` padding.
        pool: Positive integer. Height and width of the window. Defaults to 2.
        **kwargs: Further arguments of `keras.layers.Conv2DTranspose`, such as `activation`.

    Raises:
        UsageError: If `pool` is not a positive integer, or if strides, padding or dilation rate
            differ from 1, `"same"` and 1.

    Example:

    >>> layer = zoo.layers.FilledConv2DTranspose(filters=3, kernel_size=3)
    >>> layer(np.zeros((1, 4, 4, 8))).shape
    TensorShape([1, 8, 8, 3])
    """

    def __init__(self, filters, kernel_size, pool=2, **kwargs):
        super().__init__(filters, kernel_size, **{"padding": "same"} | kwargs)
        self.pool = positive_integer("pool", pool)
        if (self.strides, self.padding, self.dilation_rate) != ((1, 1), "same", (1, 1)):
            raise UsageError(
                "FilledConv2DTranspose has strides=1, padding='same', dilation_rate=1. "
                f"Received: {self.strides}, {self.padding!r} and {self.dilation_rate}."
            )

    def call(self, inputs):
        height, width, *channels = self.kernel.shape
        shifts = np.kron(self._shifts(height), self._shifts(width))
        shifts = ops.convert_to_tensor(shifts, self.compute_dtype)
        summed = ops.matmul(shifts, ops.reshape(self.kernel, (height * width, -1)))
        rest = self.pool - 1
        summed = ops.reshape(summed, (height + rest, width + rest, *channels))
        outputs = ops.conv_transpose(
            inputs, summed, strides=self.pool, padding="same", data_format=self.data_format
        )
        if self.use_bias:
            outputs = with_bias(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)

    def _shifts(self, size):
        """Returns a matrix `(size + pool - 1, size)` that sums a kernel over its shifts."""
        return sum(np.eye(size + self.pool - 1, size, -shift) for shift in range(self.pool))

    def compute_output_shape(self, input_shape):
        rows, height, width, _ = input_shape
        return (rows, height * self.pool, width * self.pool, self.filters)

    def get_config(self):
        return super().get_config() | {"pool": self.pool}
