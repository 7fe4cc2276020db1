"""How a model takes small changes of its input: a shift, noise, an infinitesimal step."""

import math

import numpy as np

from zoo.evaluation import metrics


def shift_distance(encode, images, codes, seed=0) -> float:
    """How far a shift by one pixel moves a code, for a distance of 1 between different images.

    Mean over the four directions, with zeros where the image left; 0 is invariant.

    Args:
        encode: a function from images to codes.
        images: `(rows, height, width, channels)`.
        codes: what `encode` gives for them.
        seed: of the pairs of different images.

    Returns:
        NaN for fewer than two rows, or if all codes are equal.
    """
    moved = [_distances(codes, encode(each)) for each in _shifted(images)]
    return _relative(np.mean(moved), codes, seed)


def noise_distance(encode, images, codes, level=0.1, seed=0) -> float:
    """How far Gaussian noise moves a code, for a distance of 1 between different images.

    The noise has the deviation `level`, and is clipped to [0, 1]; arguments and result are as for
    `shift_distance`.
    """
    from zoo.layers import corrupt

    moved = _distances(codes, encode(corrupt(images, "gaussian", level, seed=seed)))
    return _relative(np.mean(moved), codes, seed)


def denoising_gain(reconstruct, images, level=0.4, seed=0) -> float:
    """How many dB nearer to the clean images the reconstructions of noisy ones come.

    psnr(clean, reconstruct(noisy)) - psnr(clean, noisy), for Gaussian noise of the deviation
    `level`, clipped to [0, 1].
    """
    from zoo.layers import corrupt

    noisy = corrupt(images, "gaussian", level, seed=seed)
    return metrics.psnr(images, reconstruct(noisy)) - metrics.psnr(images, noisy)


def jacobian_norm(encoder, inputs, batch_size=256) -> float:
    """‖∂code/∂input‖²_F of a Keras encoder at rest, mean over rows (Rifai et al., 2011).

    It is exact: each row goes through once for each number of its code, whose gradient is taken;
    unlike a batch Jacobian of TensorFlow, that takes any operation, and no more memory than a
    batch.
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
    """The images one pixel down, up, right and left."""
    height, width = images.shape[1:3]
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    for top, left in ((0, 1), (2, 1), (1, 0), (1, 2)):
        yield padded[:, top : top + height, left : left + width]


def _relative(distance, codes, seed):
    """`distance`, over the mean distance of each code to that of another row, drawn by seed."""
    if len(codes) < 2:
        return math.nan
    order = np.random.default_rng(seed).permutation(len(codes))
    apart = np.mean(_distances(codes[order], codes[np.roll(order, 1)]))
    return float(distance / apart) if apart > 0 else math.nan


def _distances(codes, others):
    """Euclidean, row by row."""
    difference = np.subtract(codes, others, dtype=np.float64)
    return np.linalg.norm(difference.reshape(len(difference), -1), axis=1)
