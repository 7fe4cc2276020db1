"""The auto-encoder of documents: bags of words down to a few numbers, and back to probabilities."""

from typing import Literal

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.registry import Recipe, register


@register(
    # `zoo bench recipe`, times as fast as with: one step a call 1.24, 64 steps 1.03, half the batch
    # 1.35, twice 0.81, bfloat16 0.86, Keras's own feed 1.08.
    recipe=Recipe(
        loss="document_crossentropy",
        learning_rate=3e-3,
        schedule="cosine",
        epochs=80,
        steps_per_execution=16,
    ),
    tiny={"input_shape": (12,), "widths": (10,), "latent_dim": 3},
    modes=({"weighting": "counts"},),
    slow=(({}, 12),),
    paper="Hinton & Salakhutdinov, 2006; Salakhutdinov & Hinton, 2009",
)
def document_ae(
    input_shape: tuple[int] = (2000,),
    *,
    widths: tuple[int, ...] = (500, 250, 125),
    latent_dim: int = 10,
    weighting: Literal["tf-idf", "counts"] = "tf-idf",
    dropout: float = 0.5,
):
    """2000-500-250-125-10 and back: the output is a softmax over the words of the vocabulary.

    `adapt` learns the vocabulary from texts, and so does `fit` where there is none yet; all that
    takes documents takes lists of strings too.

    Args:
        input_shape: `(words,)`, the size of the vocabulary.
        widths: of the encoder's hidden layers; the decoder has them in reverse.
        latent_dim: the size of the code.
        weighting: how a text becomes a document: by TF-IDF, or by counts alone.
        dropout: the share of a document's words that is hidden in training, within [0, 1).
    """
    inputs, x = blocks.document_input(input_shape, weighting, dropout)
    code, levels = blocks.dense_encoder(x, (*widths, latent_dim))
    latent = blocks.latent_code(code)

    x = blocks.dense_decoder(latent, levels)
    x = keras.layers.Softmax(name="reconstruction")(x)

    return AutoEncoder(inputs, x)
