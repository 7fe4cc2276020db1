r"""Semantic hashing: documents as a few bits, which are similar for similar documents.

The encoder's numbers $a$ become bits at inference. In training they pass a sigmoid with noise of
the standard deviation $s$, `noise`:

$$z_j = \begin{cases} 1 & \text{if } a_j > 0 \\ 0 & \text{otherwise} \end{cases}, \qquad
\text{in training } z_j = \sigma(a_j + s \epsilon_j), \quad \epsilon_j \sim \mathcal{N}(0, 1)$$

The decoder and the loss are those of `document_ae`.
"""

from typing import Literal

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.layers import BinaryCode
from zoo.registry import Recipe, register


@register(
    recipe=Recipe(
        loss="document_crossentropy",
        learning_rate=3e-3,
        schedule="cosine",
        epochs=80,
        steps_per_execution=16,
    ),
    tiny={"input_shape": (12,), "widths": (10,), "latent_dim": 6},
    modes=({"weighting": "counts"},),
    slow=(({}, 12),),
    kinds=("documents",),
    paper="Salakhutdinov & Hinton, 2009",
)
def semantic_hashing(
    input_shape: tuple[int] = (2000,),
    *,
    widths: tuple[int, ...] = (500, 250),
    latent_dim: int = 128,
    weighting: Literal["tf-idf", "counts"] = "tf-idf",
    dropout: float = 0.5,
    noise: float = 1.0,
):
    """Builds an auto-encoder of documents whose code consists of bits.

    Its layers are 2000-500-250-128 bits and back. Similar documents differ in few bits, so that a
    code can be an address in memory. It takes documents and texts as `document_ae` does.

    Args:
        input_shape: Tuple of one integer. Number of words in the vocabulary. Defaults to `(2000,)`.
        widths: Tuple of integers. Sizes of the encoder's hidden layers; the decoder has them in
            reverse. Defaults to `(500, 250)`.
        latent_dim: Integer. Number of bits. Defaults to 128.
        weighting: String. How texts become documents: `"tf-idf"` or `"counts"`. Defaults to
            `"tf-idf"`.
        dropout: Float. The fraction of a document's words that is hidden in training, within [0,
            1). Defaults to 0.5.
        noise: Float. Standard deviation of the noise that is added before the sigmoid in training,
            and drawn anew in each step (section 3.3 of the paper, where the noise of a document
            stays the same). Defaults to 1.

    Returns:
        An `AutoEncoder`.

    Example:

    >>> texts = ["cats chase mice", "dogs chase cats", "mice eat cheese"] * 10
    >>> model = zoo.build("semantic_hashing", input_shape=(5,), widths=(8,), latent_dim=6)
    >>> model.adapt(texts).encode(texts[:3]).shape
    (3, 6)
    """
    inputs, x = blocks.document_input(input_shape, weighting, dropout)
    code, levels = blocks.dense_encoder(x, (*widths, latent_dim))
    code = BinaryCode(noise, name="bits")(code)
    latent = blocks.latent_code(code)

    x = blocks.dense_decoder(latent, levels)
    x = keras.layers.Softmax(name="reconstruction")(x)

    return AutoEncoder(inputs, x)
