"""Semantic hashing: documents as a few bits, near each other where documents are alike."""

from typing import Literal

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.layers import BinaryCode
from zoo.registry import Recipe, register


@register(
    # `zoo bench recipe`, times as fast as with: one step a call 1.13, 64 steps 1.02, half the batch
    # 1.33, twice 0.83, bfloat16 0.91, Keras's own feed 1.09.
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
    """2000-500-250-128 bits and back: near documents differ in few bits, an address in memory.

    It takes documents and texts as `document_ae` does.

    Args:
        input_shape: `(words,)`, the size of the vocabulary.
        widths: of the encoder's hidden layers; the decoder has them in reverse.
        latent_dim: the number of bits.
        weighting: how a text becomes a document: by TF-IDF, or by counts alone.
        dropout: the share of a document's words that is hidden in training, within [0, 1).
        noise: the deviation of what is added before the sigmoid in training (section 3.3).
    """
    inputs, x = blocks.document_input(input_shape, weighting, dropout)
    code, levels = blocks.dense_encoder(x, (*widths, latent_dim))
    code = BinaryCode(noise, name="bits")(code)
    latent = blocks.latent_code(code)

    x = blocks.dense_decoder(latent, levels)
    x = keras.layers.Softmax(name="reconstruction")(x)

    return AutoEncoder(inputs, x)
