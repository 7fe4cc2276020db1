"""Unpooling by filling and the deconvolution after it, as one operation."""

import itertools

import keras
from keras import ops

from zoo.arguments import positive_integer
from zoo.errors import UsageError


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
        height, width, *_ = self.kernel.shape
        rest = self.pool - 1
        padded = ops.pad(self.kernel, [[rest, rest], [rest, rest], [0, 0], [0, 0]])
        shifts = itertools.product(range(self.pool), repeat=2)
        summed = sum(padded[y : y + height + rest, x : x + width + rest] for y, x in shifts)
        outputs = ops.conv_transpose(inputs, summed, strides=self.pool, padding="same")
        if self.use_bias:
            outputs += self.bias
        return outputs if self.activation is None else self.activation(outputs)

    def compute_output_shape(self, input_shape):
        rows, height, width, _ = input_shape
        return (rows, height * self.pool, width * self.pool, self.filters)

    def get_config(self):
        return super().get_config() | {"pool": self.pool}
