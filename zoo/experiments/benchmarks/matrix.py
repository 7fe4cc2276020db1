"""The limit that the speed of matrix products sets to training."""

import math
import statistics

import tensorflow as tf

from zoo.experiments.benchmarks.timing import seconds


def gflops(size: int = 2048, repeats: int = 5) -> float:
    """Returns the speed of TensorFlow's product of two float32 matrices.

    Args:
        size: Integer. Number of rows and columns of both matrices. Defaults to 2048.
        repeats: Integer. Number of products; the median time counts. Defaults to 5.

    Returns:
        A float, in 10⁹ operations per second.

    Example:

    >>> gflops(size=64) > 0
    True
    """
    matrix = tf.random.normal((size, size))
    _squared(matrix).numpy()  # traces
    duration = statistics.median(seconds(lambda: _squared(matrix).numpy()) for _ in range(repeats))
    return 2 * size**3 / duration / 1e9


def training_flops(model) -> int:
    """Returns the number of operations in the matrix products of a training step, per row.

    It is six times `multiplies`: an addition goes with each multiplication, and two further
    products of the same size go back, to the kernel and to the layer's input. The first layer's
    input counts too, as is usual.

    Args:
        model: Keras model.

    Returns:
        An integer.

    Example:

    >>> training_flops(zoo.build("linear_ae", input_shape=(4,), latent_dim=2))
    96
    """
    return 6 * multiplies(model)


def multiplies(model) -> int:
    """Returns the number of multiplications by kernels in a forward pass, per row.

    Dense and convolutional kernels count.

    Args:
        model: Keras model.

    Returns:
        An integer.

    Example:

    >>> multiplies(zoo.build("linear_ae", input_shape=(4,), latent_dim=2))
    16
    """
    return _multiplies(model, rows=2) - _multiplies(model, rows=1)


def _multiplies(model, rows):
    batch = tf.TensorSpec((rows, *model.input_shape[1:]), "float32")
    traced = tf.function(lambda x: model(x, training=True)).get_concrete_function(batch)
    return sum(_COUNTS[op.type](op) for op in traced.graph.get_operations() if op.type in _COUNTS)


@tf.function
def _squared(matrix):
    return tf.matmul(matrix, matrix)[0, 0]


def _matmul(op):
    inner = op.inputs[0].shape[-2 if op.get_attr("transpose_a") else -1]
    return math.prod(op.outputs[0].shape) * inner


def _batch_matmul(op):
    inner = op.inputs[0].shape[-2 if op.get_attr("adj_x") else -1]
    return math.prod(op.outputs[0].shape) * inner


def _convolution(op):
    return math.prod(op.outputs[0].shape) * math.prod(op.inputs[1].shape[:3])


def _transposed_convolution(op):
    _, kernel, x = op.inputs  # (height, width, channels out, channels in)
    return math.prod(x.shape) * math.prod(kernel.shape[:3])


_COUNTS = {
    "MatMul": _matmul,
    "BatchMatMulV2": _batch_matmul,
    "Conv2D": _convolution,
    "Conv2DBackpropInput": _transposed_convolution,
}
