"""The fastest plain loop in JAX: steps compiled sixteen at a time, with updates by optax."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax

from zoo.experiments.benchmarks.rivals import jax_nets

VERSION = jax.__version__
STEPS = 16  # steps in one compiled call


def contender(variant, arguments, loss, learning_rate, images, batch, threads):
    """Returns a function that trains a net in JAX.

    Args:
        variant: String. Name of a variant of dense layers.
        arguments: Dict. Sizes of the net.
        loss: String. Name of the loss.
        learning_rate: Float. Learning rate of Adam.
        images: Array of shape `(rows, height, width, channels)`.
        batch: Integer. Number of images in a batch.
        threads: Integer. Number of threads to use. It is ignored: XLA uses a thread for each core.

    Returns:
        A function `train(epochs)` that continues where its last call ended.
    """
    shapes, encode, decode = jax_nets.NETS[variant](images.shape[1:], **arguments)
    parameters = jax_nets.initial(shapes)
    optimizer = optax.adam(learning_rate)
    state = optimizer.init(parameters)
    data = jnp.asarray(images.reshape(len(images), -1))
    random = np.random.default_rng(0)

    @functools.partial(jax.jit, donate_argnums=(0, 1))
    def steps(parameters, state, orders, keys):
        def step(carry, draw):
            parameters, state = carry
            order, key = draw
            gradients = jax.grad(objective)(parameters, encode, decode, data[order], loss, key)
            updates, state = optimizer.update(gradients, state)
            return (optax.apply_updates(parameters, updates), state), None

        return jax.lax.scan(step, (parameters, state), (orders, keys))[0]

    def train(epochs):
        nonlocal parameters, state
        for _ in range(epochs):
            order = random.permutation(len(data))
            batches = order[: len(order) // batch * batch].reshape(-1, batch)
            for start in range(0, len(batches), STEPS):
                orders = batches[start : start + STEPS]
                keys = jax.random.split(jax.random.key(random.integers(2**31)), len(orders))
                parameters, state = steps(parameters, state, orders, keys)
        jax.block_until_ready(parameters)

    return train


def objective(parameters, encode, decode, x, loss, key):
    """Returns the reconstruction loss of a batch, plus the KL divergence of a VAE's code.

    Args:
        parameters: List of pairs of kernel and bias.
        encode: Function, as `jax_nets` returns it.
        decode: Function, as `jax_nets` returns it.
        x: JAX array, a batch of rows.
        loss: String. A key of `LOSSES`.
        key: JAX random key, for the noise of a VAE's code.

    Returns:
        A scalar.
    """
    code, log_variance = encode(parameters, x)
    nats = 0.0
    if log_variance is not None:
        nats = 0.5 * (code**2 + jnp.exp(log_variance) - 1 - log_variance).sum() / len(x)
        code = code + jnp.exp(0.5 * log_variance) * jax.random.normal(key, code.shape)
    return LOSSES[loss](decode(parameters, code), x) + nats


def _crossentropies(logits, x):
    return optax.sigmoid_binary_cross_entropy(logits, x)


def _squared(logits, x):
    return (jax.nn.sigmoid(logits) - x) ** 2


LOSSES = {
    "mse": lambda logits, x: _squared(logits, x).mean(),
    "binary_crossentropy": lambda logits, x: _crossentropies(logits, x).mean(),
    "summed_squared_error": lambda logits, x: _squared(logits, x).sum() / len(x),
    "summed_binary_crossentropy": lambda logits, x: _crossentropies(logits, x).sum() / len(x),
}
