"""Properties of an `AutoEncoder` that describe its latent code, found from its layers."""

import math
import re

from zoo.layers import ArgmaxPooling, BinaryCode, KSparse, Quantizer, SpatialSparsity

CHOOSING = BinaryCode, KSparse, Quantizer, SpatialSparsity  # layers with `bits`


def names(self) -> list[str]:
    """Names of the layers where the graph is cut: `latent`, then `switches_1`, `switches_2`, ...

    Example:

    >>> zoo.build("conv_ae", filters=(4, 8), unpooling="argmax").code_names
    ['latent', 'switches_1', 'switches_2']
    """
    switches = [layer.name for layer in self.layers if re.fullmatch(r"switches_\d+", layer.name)]
    return ["latent", *sorted(switches, key=lambda name: int(name.removeprefix("switches_")))]


def shapes(self) -> list[tuple[int, ...]]:
    """Shapes of one row's code and switches, in the order of `code_names`.

    Example:

    >>> zoo.build("conv_ae", filters=(4, 8), unpooling="argmax").code_shapes
    [(32,), (14, 14, 4), (7, 7, 8)]
    """
    return [tuple(self.get_layer(name).output.shape[1:]) for name in self.code_names]


def index_names(self) -> list[str]:
    """Names of the outputs that hold the indices of a quantised code: `indices`, or none.

    Example:

    >>> zoo.build("linear_ae").index_names
    []
    """
    count = len(quantizers(self))
    return ["indices", *(f"indices_{n}" for n in range(2, count + 1))][:count]


def quantizers(self) -> list[Quantizer]:
    """Returns the layers whose output is entries of a codebook, with their indices.

    Example:

    >>> quantizers(zoo.build("linear_ae"))
    []
    """
    return [layer for layer in self.layers if isinstance(layer, Quantizer)]


def bits(self) -> float:
    """Size of one row's code in bits: of its indices or chosen units, or else 32 per number.

    Example:

    >>> zoo.build("linear_ae", latent_dim=10).code_bits
    320.0
    """
    layers = [layer for layer in self.layers if isinstance(layer, CHOOSING)]
    if layers:
        return sum(layer.bits for layer in layers)
    return 32.0 * math.prod(self.code_shapes[0])


def switch_bits(self) -> float:
    """Size of one row's switches in bits, which `code_bits` does not count; 0 without switches.

    Example:

    >>> zoo.build("conv_ae", filters=(4, 8), unpooling="argmax").switch_bits
    2352.0
    """
    return sum(layer.switch_bits for layer in self.layers if isinstance(layer, ArgmaxPooling))


def prior(self) -> str | None:
    """Distribution that the loss draws codes to: `"normal"`, which is N(0, 1), or None.

    Example:

    >>> zoo.build("vae").code_prior
    'normal'
    """
    return next((term.prior for term in self.loss_terms if term.prior), None)
