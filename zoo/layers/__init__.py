"""Keras layers for building auto-encoders."""

from zoo.layers.bag_of_words import BagOfWords
from zoo.layers.boltzmann import RestrictedBoltzmann
from zoo.layers.columns import (
    ColumnErrors,
    ColumnLoss,
    ColumnStandardisation,
    OneHotColumns,
)
from zoo.layers.convolution import FilledConv2DTranspose
from zoo.layers.dense import PrincipalComponents, TiedDense, TransposableDense
from zoo.layers.hidden_copies import HiddenCopies
from zoo.layers.missing import HiddenCells, MissingCells
from zoo.layers.neighbours import NeighbourDistance
from zoo.layers.noise import Corruption, Noise, Sampling, corrupt
from zoo.layers.normalization import MahalanobisDistance, Standardisation
from zoo.layers.pairs import Attraction, PairTerm, Repulsion
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
    ArgmaxPooling3D,
    Unpooling,
    Unpooling1D,
    Unpooling2D,
    Unpooling3D,
)
from zoo.layers.positions import LearnedPositions
from zoo.layers.quantisation import BinaryCode, Quantizer, VectorQuantizer
from zoo.layers.sparsity import KSparse, LifetimeSparsity, SpatialSparsity

__all__ = [
    "ArgmaxPooling",
    "ArgmaxPooling1D",
    "ArgmaxPooling2D",
    "ArgmaxPooling3D",
    "Attraction",
    "BagOfWords",
    "BinaryCode",
    "ColumnErrors",
    "ColumnLoss",
    "ColumnStandardisation",
    "Corruption",
    "FilledConv2DTranspose",
    "GradientTerm",
    "HiddenCells",
    "HiddenCopies",
    "JacobianPenalty",
    "KLDivergence",
    "KLSparsity",
    "KSparse",
    "L1Penalty",
    "L2Penalty",
    "LearnedPositions",
    "LifetimeSparsity",
    "LossTerm",
    "MahalanobisDistance",
    "MissingCells",
    "NeighbourDistance",
    "Noise",
    "OneHotColumns",
    "PairTerm",
    "PrincipalComponents",
    "Quantizer",
    "Repulsion",
    "RestrictedBoltzmann",
    "Sampling",
    "SpatialSparsity",
    "Standardisation",
    "TiedDense",
    "TransposableDense",
    "Unpooling",
    "Unpooling1D",
    "Unpooling2D",
    "Unpooling3D",
    "VectorQuantizer",
    "corrupt",
]
