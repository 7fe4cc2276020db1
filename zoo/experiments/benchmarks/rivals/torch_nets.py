"""The nets that are timed, in PyTorch: pairs of an encoder and a decoder."""

import math
from itertools import pairwise

import torch
from torch import nn

_ACTIVATIONS = {"silu": nn.SiLU, "relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


def deep_ae(input_shape, widths, latent_dim, activation):
    """Returns the net of `zoo.build("deep_ae")` in PyTorch, for flattened rows.

    Args:
        input_shape: Tuple of integers. Shape of an image.
        widths: Tuple of integers. Sizes of the encoder's hidden layers.
        latent_dim: Integer. Size of the latent code.
        activation: String. Activation of the hidden layers: `"silu"`, `"relu"`, `"sigmoid"` or
            `"tanh"`.

    Returns:
        A pair of PyTorch modules, the encoder and the decoder.
    """
    sizes = (math.prod(input_shape), *widths, latent_dim)
    return _chain(sizes, activation), _chain(sizes[::-1], activation).append(nn.Sigmoid())


def vae(input_shape, widths, latent_dim):
    """Returns the net of `zoo.build("vae")` in PyTorch, for flattened rows.

    Args:
        input_shape: Tuple of integers. Shape of an image.
        widths: Tuple of integers. Sizes of the encoder's hidden layers.
        latent_dim: Integer. Size of the latent code.

    Returns:
        A pair of PyTorch modules, the encoder and the decoder.
    """
    sizes = (math.prod(input_shape), *widths)
    encoder = GaussianEncoder(_chain(sizes, "relu").append(nn.ReLU()), widths[-1], latent_dim)
    return encoder, _chain((latent_dim, *sizes[::-1]), "relu").append(nn.Sigmoid())


def conv_ae(input_shape, filters, latent_dim):
    """Returns the net of `zoo.build("conv_ae")` in PyTorch, channels first.

    Args:
        input_shape: Tuple of integers. Height, width and channels of an image; height and width are
            divisible by `2 ** len(filters)`.
        filters: Tuple of integers. Number of filters of each level.
        latent_dim: Integer. Size of the latent code.

    Returns:
        A pair of PyTorch modules, the encoder and the decoder.
    """
    height, width, channels = input_shape
    levels = list(pairwise((channels, *filters)))
    scale = 2 ** len(levels)
    pooled = (filters[-1], height // scale, width // scale)
    encoder, decoder = nn.Sequential(), nn.Sequential()
    for before, after in levels:
        encoder.extend([nn.Conv2d(before, after, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)])
    encoder.extend([nn.Flatten(), nn.Linear(math.prod(pooled), latent_dim)])
    decoder.extend([nn.Linear(latent_dim, math.prod(pooled)), nn.ReLU(), nn.Unflatten(1, pooled)])
    for before, after in reversed(levels):
        decoder.extend(
            [nn.Upsample(scale_factor=2), nn.ConvTranspose2d(after, before, 3, padding=1)]
        )
        decoder.append(nn.ReLU())
    decoder[-1] = nn.Sigmoid()
    return encoder, decoder


class GaussianEncoder(nn.Module):
    """Module with two layers on top of a body, for the mean and log variance of a code.

    Args:
        body: PyTorch module.
        width: Integer. Size of the body's output.
        latent_dim: Integer. Size of the latent code.
    """

    def __init__(self, body, width, latent_dim):
        super().__init__()
        self.body = body
        self.mean, self.log_variance = nn.Linear(width, latent_dim), nn.Linear(width, latent_dim)

    def forward(self, x):
        """Returns the mean and the log variance of the code.

        Args:
            x: Tensor, a batch of rows.

        Returns:
            A pair of tensors of shape `(rows, latent_dim)`.
        """
        x = self.body(x)
        return self.mean(x), self.log_variance(x)


def rows(variant, images):
    """Returns images as a tensor in the form that a variant's net takes.

    Args:
        variant: String. Name of the variant.
        images: Array of shape `(rows, height, width, channels)`.

    Returns:
        A tensor, `(rows, channels, height, width)` for `conv_ae`, else `(rows, pixels)`.
    """
    images = torch.as_tensor(images)
    return images.permute(0, 3, 1, 2).contiguous() if variant == "conv_ae" else images.flatten(1)


NETS = {"deep_ae": deep_ae, "conv_ae": conv_ae, "vae": vae}


def _chain(sizes, activation):
    """Returns linear layers with an activation between them; the last one is left linear."""
    chain = nn.Sequential()
    for before, after in pairwise(sizes):
        chain.extend([nn.Linear(before, after), _ACTIVATIONS[activation]()])
    return chain[:-1]
