"""The nets that are timed, in JAX: lists of parameters, and functions of them, layer by layer."""

import math
from itertools import pairwise

import jax
import jax.numpy as jnp
from jax import lax, nn

_ACTIVATIONS = {"silu": nn.silu, "relu": nn.relu, "sigmoid": nn.sigmoid, "tanh": nn.tanh}
_IMAGES = ("NHWC", "HWIO", "NHWC")


def deep_ae(input_shape, widths, latent_dim, activation):
    """Returns parameter shapes, an encoder and a decoder to logits, like `zoo.build("deep_ae")`."""
    sizes = (math.prod(input_shape), *widths, latent_dim)
    count, hidden = len(sizes) - 1, _ACTIVATIONS[activation]

    def encode(parameters, x):
        return _chain(parameters[:count], x, hidden), None

    def decode(parameters, z):
        return _chain(parameters[count:], z, hidden)

    return [*pairwise(sizes), *pairwise(sizes[::-1])], encode, decode


def vae(input_shape, widths, latent_dim):
    """Returns parameter shapes, an encoder and a decoder to logits, like `zoo.build("vae")`."""
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
    """Returns parameter shapes, an encoder and a decoder to logits, like `zoo.build("conv_ae")`.

    The image's sides must be divisible by `2 ** len(filters)`.
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
    """Returns images `(rows, height, width, channels)` as the variant's net takes them."""
    return images if variant == "conv_ae" else images.reshape(len(images), -1)


def initial(shapes, seed=0):
    """Returns a kernel and a bias for each shape, drawn as Keras's Glorot uniform does."""
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
