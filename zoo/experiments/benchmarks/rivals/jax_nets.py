"""The nets that are timed, in JAX: shapes of parameters, and functions of parameters."""

import math
from itertools import pairwise

import jax
import jax.numpy as jnp
from jax import lax, nn

_ACTIVATIONS = {"silu": nn.silu, "relu": nn.relu, "sigmoid": nn.sigmoid, "tanh": nn.tanh}
_IMAGES = ("NHWC", "HWIO", "NHWC")


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


def conv_ae(input_shape, filters, latent_dim):
    """Returns the net of `zoo.build("conv_ae")` in JAX.

    Args:
        input_shape: Tuple of integers. Height, width and channels of an image; height and width are
            divisible by `2 ** len(filters)`.
        filters: Tuple of integers. Number of filters of each level.
        latent_dim: Integer. Size of the latent code.

    Returns:
        A triple: a list of the shapes of kernels; a function `encode(parameters, x)` that returns
        the code and None; and a function `decode(parameters, z)` that returns logits.
    """
    height, width, channels = input_shape
    levels = list(pairwise((channels, *filters)))
    scale = 2 ** len(levels)
    pooled = (height // scale, width // scale, filters[-1])
    size, count = math.prod(pooled), len(levels)

    def encode(parameters, x):
        for kernel, bias in parameters[:count]:
            x = lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=_IMAGES)
            x = nn.relu(x + bias)
            x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        return _dense(parameters[count], x.reshape(len(x), -1)), None

    def decode(parameters, z):
        x = nn.relu(_dense(parameters[count + 1], z)).reshape(-1, *pooled)
        last = len(parameters) - 1
        for number in range(count + 2, len(parameters)):
            kernel, bias = parameters[number]
            x = x.repeat(2, axis=1).repeat(2, axis=2)
            x = lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=_IMAGES)
            x = x + bias if number == last else nn.relu(x + bias)
        return x

    down = [(3, 3, *level) for level in levels]
    up = [(3, 3, after, before) for before, after in reversed(levels)]
    return [*down, (size, latent_dim), (latent_dim, size), *up], encode, decode


def rows(variant, images):
    """Returns images in the form that a variant's net takes.

    Args:
        variant: String. Name of the variant.
        images: Array of shape `(rows, height, width, channels)`.

    Returns:
        The array itself for `conv_ae`, else an array of shape `(rows, pixels)`.
    """
    return images if variant == "conv_ae" else images.reshape(len(images), -1)


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


NETS = {"deep_ae": deep_ae, "conv_ae": conv_ae, "vae": vae}


def _dense(parameters, x):
    kernel, bias = parameters
    return x @ kernel + bias


def _chain(parameters, x, activation):
    """Applies dense layers with an activation between them; the last one is left linear."""
    for number, layer in enumerate(parameters):
        x = _dense(layer, activation(x) if number else x)
    return x
