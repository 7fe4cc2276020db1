"""Unpooling by filling and the deconvolution after it, as one operation."""

import keras
import numpy as np
from keras import ops

from zoo.arguments import positive_integer
from zoo.errors import UsageError
from zoo.layers.bias import with_bias


@keras.saving.register_keras_serializable(package="zoo")
class FilledConv2DTranspose(keras.layers.Conv2DTranspose):
    """What `Unpooling2D(pool, mode="fill")` and then a `Conv2DTranspose` of stride 1 would give.

    A value repeated over its window and then convolved is that value times the kernel summed over
    the window's shifts: one deconvolution of stride `pool`, on the small map, with fewer than half
    the multiplications. The kernel learnt is the same. From `(rows, height, width, channels)` to
    `(rows, pool * height, pool * width, filters)`.

    Args:
        filters: channels of the output.
        kernel_size: of the deconvolution, at stride 1 and with the padding `"same"`.
        pool: the window's height and width; a positive integer.
        **kwargs: of `Conv2DTranspose`: `activation`, ...
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
        """A matrix `(size + pool - 1, size)` that adds up a kernel's values over the shifts."""
        return sum(np.eye(size + self.pool - 1, size, -shift) for shift in range(self.pool))

    def compute_output_shape(self, input_shape):
        rows, height, width, _ = input_shape
        return (rows, height * self.pool, width * self.pool, self.filters)

    def get_config(self):
        return super().get_config() | {"pool": self.pool}
