"""Measures how a model reacts to small changes of its input: a shift, noise, a tiny step."""

import math

import numpy as np

from zoo.evaluation import metrics


def shift_distance(encode, images, codes, seed=0) -> float:
    """Returns how far a shift by one pixel moves a code, relative to the distance between images.

    It is the mean over the four directions, divided by the mean distance between the codes of
    different images. Pixels that a shift leaves empty are zero.

    Args:
        encode: Function from images to codes.
        images: Array of shape `(rows, height, width, channels)`.
        codes: Array. The result of `encode(images)`.
        seed: Integer. Seed of the pairs of different images. Defaults to 0.

    Returns:
        A float: 0 for an invariant code, 1 if a shift moves a code as far as another image does.
        NaN for fewer than two rows, or if all codes are equal.

    Example:

    >>> x = np.random.default_rng(0).random((10, 8, 8, 1))
    >>> shift_distance(lambda images: images[:, 3:5, 3:5], x, x[:, 3:5, 3:5]) > 0.5
    True
    """
    moved = [_distances(codes, encode(shifted)) for shifted in _shifted(images)]
    return _relative(np.mean(moved), codes, seed)


def noise_distance(encode, images, codes, level=0.1, seed=0) -> float:
    """Returns how far Gaussian noise moves a code, relative to the distance between images.

    Args:
        encode: Function from images to codes.
        images: Array of shape `(rows, height, width, channels)`, values in [0, 1].
        codes: Array. The result of `encode(images)`.
        level: Float. Standard deviation of the noise; noisy images are clipped to [0, 1]. Defaults
            to 0.1.
        seed: Integer. Seed of the noise and of the pairs of different images. Defaults to 0.

    Returns:
        A float, as for `shift_distance`.

    Example:

    >>> x = np.random.default_rng(0).random((10, 8, 8, 1), np.float32)
    >>> 0 < noise_distance(lambda images: images, x, x) < 0.5
    True
    """
    from zoo.layers import corrupt

    moved = _distances(codes, encode(corrupt(images, "gaussian", level, seed=seed)))
    return _relative(np.mean(moved), codes, seed)


def denoising_gain(reconstruct, images, level=0.4, seed=0) -> float:
    """Returns how many dB closer to the clean images the reconstructions of noisy images are.

    It is psnr(clean, reconstruct(noisy)) - psnr(clean, noisy), for Gaussian noise that is clipped
    to [0, 1].

    Args:
        reconstruct: Function from images to images.
        images: Array of shape `(rows, height, width, channels)`, values in [0, 1].
        level: Float. Standard deviation of the noise. Defaults to 0.4.
        seed: Integer. Seed of the noise. Defaults to 0.

    Returns:
        A float, in dB.

    Example:

    >>> x = np.random.default_rng(0).random((10, 8, 8, 1), np.float32)
    >>> denoising_gain(lambda images: images, x)
    0.0
    """
    from zoo.layers import corrupt

    noisy = corrupt(images, "gaussian", level, seed=seed)
    return metrics.psnr(images, reconstruct(noisy)) - metrics.psnr(images, noisy)


def jacobian_norm(encoder, inputs, batch_size=256) -> float:
    """Returns the squared Frobenius norm of an encoder's Jacobian, mean over rows.

    It is ‖∂code/∂input‖²_F of a Keras encoder at inference (Rifai et al., 2011). It is exact: each
    row passes once for each number of its code, to compute that number's gradient. Unlike a batch
    Jacobian of TensorFlow this works with any operation, and needs no more memory than a batch.

    Args:
        encoder: Keras model. If it has several outputs, the first is the code.
        inputs: Array of shape `(rows, *input_shape)`.
        batch_size: Integer. Number of gradients that are taken at once. Defaults to 256.

    Returns:
        A float.

    Example:

    >>> double = keras.Sequential([keras.Input((3,)), keras.layers.Rescaling(2.0)])
    >>> jacobian_norm(double, np.zeros((4, 3), np.float32))
    12.0
    """
    import tensorflow as tf

    def code_of(x):
        outputs = encoder(x, training=False)
        code = outputs[0] if isinstance(outputs, list) else outputs
        return tf.reshape(code, (len(x), -1))

    size = code_of(inputs[:1]).shape[1]
    total = 0.0
    for start in range(0, len(inputs) * size, batch_size):
        pairs = np.arange(start, min(start + batch_size, len(inputs) * size))
        x = tf.constant(inputs[pairs // size])
        with tf.GradientTape() as tape:
            tape.watch(x)
            number = tf.gather(code_of(x), pairs % size, batch_dims=1)
        gradient = tape.gradient(number, x, unconnected_gradients="zero")
        total += float(np.sum(np.square(gradient, dtype=np.float64)))
    return total / len(inputs)


def _shifted(images):
    """Yields the images shifted by one pixel down, up, right and left."""
    height, width = images.shape[1:3]
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    for top, left in ((0, 1), (2, 1), (1, 0), (1, 2)):
        yield padded[:, top : top + height, left : left + width]


def _relative(distance, codes, seed):
    """Returns `distance` relative to the mean distance between the codes of two random rows."""
    if len(codes) < 2:
        return math.nan
    order = np.random.default_rng(seed).permutation(len(codes))
    mean_distance = np.mean(_distances(codes[order], codes[np.roll(order, 1)]))
    return float(distance / mean_distance) if mean_distance > 0 else math.nan


def _distances(codes, others):
    """Returns the Euclidean distance of each row of `codes` to the same row of `others`."""
    difference = np.subtract(codes, others, dtype=np.float64)
    return np.linalg.norm(difference.reshape(len(difference), -1), axis=1)
