"""Errors of a model that several rows of the results measure."""

import numpy as np


def sse(model, split) -> float:
    """Returns the squared error of a model's reconstructions of a split, summed over a row.

    Args:
        model: `AutoEncoder`.
        split: `Split`.

    Returns:
        A float, mean over rows.

    Example:

    >>> x = np.random.default_rng(0).random((20, 4), np.float32)
    >>> model = zoo.build("pca", input_shape=(4,), latent_dim=4).adapt(x)
    >>> round(sse(model, zoo.datasets.Split(x)), 6)
    0.0
    """
    from zoo.evaluation import metrics

    return metrics.sse(split.inputs, model.reconstruct(split.inputs))


def crossentropy(truth, guess):
    """Returns the binary cross-entropy in nats, mean over pixels.

    Args:
        truth: Array of numbers in [0, 1].
        guess: Array of the same shape, clipped to [1e-7, 1 - 1e-7].

    Returns:
        A float.

    Example:

    >>> round(crossentropy(np.array([0.0, 1.0]), np.array([0.5, 0.5])), 4)
    0.6931
    """
    truth, guess = np.float64(truth), np.clip(np.float64(guess), 1e-7, 1 - 1e-7)
    return float(-np.mean(truth * np.log(guess) + (1 - truth) * np.log(1 - guess)))


def negative_elbo(model, inputs, seed: int, draws: int = 5) -> float:
    """Returns the negative evidence lower bound of a VAE, in nats per image.

    It is the binary cross-entropy of the reconstructions of sampled codes, summed over an image,
    plus the KL divergence.

    Args:
        model: `AutoEncoder`, the variant `vae`.
        inputs: Array of shape `(rows, *input_shape)`.
        seed: Integer. Seed of the sampled codes.
        draws: Integer. Number of codes that are sampled for each image. Defaults to 5.

    Returns:
        A float, mean over images.

    Example:

    >>> vae = zoo.build("vae", input_shape=(8, 8, 1), widths=(16,), latent_dim=2)
    >>> negative_elbo(vae, np.zeros((4, 8, 8, 1), np.float32), seed=0) > 0
    True
    """
    import keras

    names = ("latent_mean", "latent_log_variance")
    posterior = keras.Model(model.inputs, [model.get_layer(name).output for name in names])
    mean, log_variance = posterior.predict(inputs, batch_size=1000, verbose=0)
    random, pixels = np.random.default_rng(seed), inputs[0].size
    nats = 0.5 * np.sum(mean**2 + np.exp(log_variance) - 1 - log_variance, axis=-1).mean()
    for _ in range(draws):
        noise = random.normal(size=mean.shape).astype(np.float32)
        decoded = model.decode(mean + np.exp(0.5 * log_variance) * noise)
        nats += pixels * crossentropy(inputs, decoded) / draws
    return float(nats)
