"""The nets that are timed, in JAX: shapes of parameters, and functions of parameters."""

import math
from itertools import pairwise

import jax
import jax.numpy as jnp
from jax import nn

_ACTIVATIONS = {"silu": nn.silu, "relu": nn.relu, "sigmoid": nn.sigmoid, "tanh": nn.tanh}


def deep_ae(input_shape, widths, latent_dim, activation):
    """Returns the net of `zoo.build("deep_ae")` in JAX.

    Args:
        input_shape: Tuple of integers. Shape of an image.
        widths: Tuple of integers. Sizes of the encoder's hidden layers.
        latent_dim: Integer. Size of the latent code.
        activation: String. Activation of the hidden layers: `"silu"`, `"relu"`, `"sigmoid"` or
            `"tanh"`.

    Returns:
        A triple: a list of the shapes of kernels; a function `encode(parameters, x)` that returns
        the code and None; and a function `decode(parameters, z)` that returns logits.
    """
    sizes = (math.prod(input_shape), *widths, latent_dim)
    count, hidden = len(sizes) - 1, _ACTIVATIONS[activation]

    def encode(parameters, x):
        return _chain(parameters[:count], x, hidden), None

    def decode(parameters, z):
        return _chain(parameters[count:], z, hidden)

    return [*pairwise(sizes), *pairwise(sizes[::-1])], encode, decode


def vae(input_shape, widths, latent_dim):
    """Returns the net of `zoo.build("vae")` in JAX.

    Args:
        input_shape: Tuple of integers. Shape of an image.
        widths: Tuple of integers. Sizes of the encoder's hidden layers.
        latent_dim: Integer. Size of the latent code.

    Returns:
        A triple: a list of the shapes of kernels; a function `encode(parameters, x)` that returns
        the code and its log variance; and a function `decode(parameters, z)` that returns logits.
    """
    sizes = (math.prod(input_shape), *widths)
    body = len(widths)

    def encode(parameters, x):
        x = nn.relu(_chain(parameters[:body], x, nn.relu))
        return _dense(parameters[body], x), _dense(parameters[body + 1], x)

    def decode(parameters, z):
        return _chain(parameters[body + 2 :], z, nn.relu)

    heads = [(widths[-1], latent_dim)] * 2
    return [*pairwise(sizes), *heads, *pairwise((latent_dim, *sizes[::-1]))], encode, decode


def initial(shapes, seed=0):
    """Returns a kernel and a bias for each shape, drawn as Keras's Glorot uniform does.

    Args:
        shapes: List of tuples of integers. Shapes of kernels.
        seed: Integer. Seed of the draw. Defaults to 0.

    Returns:
        A list of pairs of JAX arrays.
    """
    draw = nn.initializers.glorot_uniform()
    keys = jax.random.split(jax.random.key(seed), len(shapes))
    return [
        (draw(key, shape), jnp.zeros(shape[-1])) for key, shape in zip(keys, shapes, strict=True)
    ]


NETS = {"deep_ae": deep_ae, "vae": vae}


def _dense(parameters, x):
    kernel, bias = parameters
    return x @ kernel + bias


def _chain(parameters, x, activation):
    """Applies dense layers with an activation between them; the last one is left linear."""
    for number, layer in enumerate(parameters):
        x = _dense(layer, activation(x) if number else x)
    return x
