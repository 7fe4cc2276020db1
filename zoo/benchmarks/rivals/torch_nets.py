"""The contest's nets in PyTorch: pairs of encoder and decoder, layer by layer like ours."""

import math
from itertools import pairwise

import torch
from torch import nn

_ACTIVATIONS = {"silu": nn.SiLU, "relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


def deep_ae(input_shape, widths, latent_dim, activation):
    """As `zoo.models.dense.deep_ae`, on rows of numbers."""
    sizes = (math.prod(input_shape), *widths, latent_dim)
    return _chain(sizes, activation), _chain(sizes[::-1], activation).append(nn.Sigmoid())


def vae(input_shape, widths, latent_dim):
    """As `zoo.models.variational.vae`, on rows of numbers."""
    sizes = (math.prod(input_shape), *widths)
    encoder = GaussianEncoder(_chain(sizes, "relu").append(nn.ReLU()), widths[-1], latent_dim)
    return encoder, _chain((latent_dim, *sizes[::-1]), "relu").append(nn.Sigmoid())


def conv_ae(input_shape, filters, latent_dim):
    """As `zoo.models.convolutional.conv_ae`, on `(rows, channels, height, width)`.

    The sizes must be divisible by `2 ** len(filters)`.
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
    """A body, and a layer each for a Gaussian code's mean and log variance."""

    def __init__(self, body, width, latent_dim):
        super().__init__()
        self.body = body
        self.mean, self.log_variance = nn.Linear(width, latent_dim), nn.Linear(width, latent_dim)

    def forward(self, x):
        x = self.body(x)
        return self.mean(x), self.log_variance(x)


def rows(variant, images):
    """The images as the variant's net takes them, `(rows, height, width, channels)` before."""
    images = torch.as_tensor(images)
    return images.permute(0, 3, 1, 2).contiguous() if variant == "conv_ae" else images.flatten(1)


NETS = {"deep_ae": deep_ae, "conv_ae": conv_ae, "vae": vae}


def _chain(sizes, activation):
    """Linear layers with an activation between them: the last one is left linear."""
    chain = nn.Sequential()
    for before, after in pairwise(sizes):
        chain.extend([nn.Linear(before, after), _ACTIVATIONS[activation]()])
    return chain[:-1]
