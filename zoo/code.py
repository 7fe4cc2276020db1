"""What a model's code is like, told from its layers; each is a property of `AutoEncoder`."""

import math
import re

from zoo.layers import ArgmaxPooling, BinaryCode, KSparse, Quantizer, SpatialSparsity

CHOOSING = BinaryCode, KSparse, Quantizer, SpatialSparsity  # layers that tell the bits of a code


def names(self) -> list[str]:
    """The layers the graph is cut at: `latent`, then `switches_1`, `switches_2`, ..."""
    found = [layer.name for layer in self.layers if re.fullmatch(r"switches_\d+", layer.name)]
    return ["latent", *sorted(found, key=lambda name: int(name.removeprefix("switches_")))]


def shapes(self) -> list[tuple[int, ...]]:
    """One row's shape of each of `code_names`."""
    return [tuple(self.get_layer(name).output.shape[1:]) for name in self.code_names]


def index_names(self) -> list[str]:
    """What the encoder also gives of a quantised code: `indices`, or nothing."""
    found = len(quantizers(self))
    return ["indices", *(f"indices_{n}" for n in range(2, found + 1))][:found]


def quantizers(self) -> list[Quantizer]:
    """The layers whose output is entries of a codebook, and their indices."""
    return [layer for layer in self.layers if isinstance(layer, Quantizer)]


def bits(self) -> float:
    """What one row's code weighs: of indices or chosen units their bits, else 32 a number."""
    short = [layer for layer in self.layers if isinstance(layer, CHOOSING)]
    if short:
        return sum(layer.bits for layer in short)
    return 32.0 * math.prod(self.code_shapes[0])


def switch_bits(self) -> float:
    """What one row's switches weigh beside its code, in bits; 0 without switches."""
    return sum(layer.switch_bits for layer in self.layers if isinstance(layer, ArgmaxPooling))


def prior(self) -> str | None:
    """What the loss draws codes to: `"normal"`, which is N(0, 1), or no distribution: None."""
    return next((term.prior for term in self.loss_terms if term.prior), None)
