"""Keras layers that auto-encoders are made of."""

from zoo.layers.loss_terms import KLDivergence, LossTerm
from zoo.layers.pooling import (
    ArgmaxPooling,
    ArgmaxPooling1D,
    ArgmaxPooling2D,
    Unpooling,
    Unpooling1D,
    Unpooling2D,
)
from zoo.layers.sampling import Sampling
from zoo.layers.tied_dense import TiedDense

__all__ = [
    "ArgmaxPooling",
    "ArgmaxPooling1D",
    "ArgmaxPooling2D",
    "KLDivergence",
    "LossTerm",
    "Sampling",
    "TiedDense",
    "Unpooling",
    "Unpooling1D",
    "Unpooling2D",
]
