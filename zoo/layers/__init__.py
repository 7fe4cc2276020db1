"""Keras layers for building auto-encoders."""

from zoo.layers.bag_of_words import BagOfWords
from zoo.layers.bias import Bias
from zoo.layers.binary_code import BinaryCode
from zoo.layers.boltzmann import RestrictedBoltzmann
from zoo.layers.convolution import FilledConv2DTranspose
from zoo.layers.corruption import Corruption, corrupt
from zoo.layers.dense import Dense
from zoo.layers.distance import MahalanobisDistance
from zoo.layers.noise import Noise
from zoo.layers.penalties import (
    GradientTerm,
    JacobianPenalty,
    KLDivergence,
    KLSparsity,
    L1Penalty,
    L2Penalty,
    LossTerm,
)
from zoo.layers.pooling import (
    ArgmaxPooling,
    ArgmaxPooling1D,
    ArgmaxPooling2D,
    Unpooling,
    Unpooling1D,
    Unpooling2D,
)
from zoo.layers.quantisation import Quantizer, VectorQuantizer
from zoo.layers.sampling import Sampling
from zoo.layers.sparsity import KSparse, LifetimeSparsity, SpatialSparsity
from zoo.layers.standardisation import Standardisation
from zoo.layers.tied_dense import TiedDense, TransposableDense

__all__ = [
    "ArgmaxPooling",
    "ArgmaxPooling1D",
    "ArgmaxPooling2D",
    "BagOfWords",
    "Bias",
    "BinaryCode",
    "Corruption",
    "Dense",
    "FilledConv2DTranspose",
    "GradientTerm",
    "JacobianPenalty",
    "KLDivergence",
    "KLSparsity",
    "KSparse",
    "L1Penalty",
    "L2Penalty",
    "LifetimeSparsity",
    "LossTerm",
    "MahalanobisDistance",
    "Noise",
    "Quantizer",
    "RestrictedBoltzmann",
    "Sampling",
    "SpatialSparsity",
    "Standardisation",
    "TiedDense",
    "TransposableDense",
    "Unpooling",
    "Unpooling1D",
    "Unpooling2D",
    "VectorQuantizer",
    "corrupt",
]
