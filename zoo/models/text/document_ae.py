r"""Document auto-encoder: bags of words to a short code, and back to word probabilities.

The decoder returns a probability $q_w$ for each word $w$. With the fraction $p_w$ of the word in
the document $x$, which has $n$ different words:

$$q = \mathrm{softmax} \left( g \left( f \left( x / \lVert x \rVert \right) \right) \right), \qquad
L = -\sqrt{n} \sum_w p_w \log q_w$$

In training the fraction `dropout` of the encoder's input is set to 0, and the rest divided by
1 - `dropout`.
"""

from typing import Literal

import keras

from zoo import blocks
from zoo.autoencoder import AutoEncoder
from zoo.registry import Recipe, register


@register(
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
    kinds=("documents",),
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
    """Builds an auto-encoder of documents, whose output is a softmax over the vocabulary.

    Its layers are 2000-500-250-125-10 and back. `adapt` learns the vocabulary from texts, and so
    does `fit` if there is none yet. Every method that takes documents also takes a list of strings.

    Args:
        input_shape: Tuple of one integer. Number of words in the vocabulary. Defaults to `(2000,)`.
        widths: Tuple of integers. Sizes of the encoder's hidden layers; the decoder has them in
            reverse. Defaults to `(500, 250, 125)`.
        latent_dim: Integer. Size of the latent code. Defaults to 10.
        weighting: String. How texts become documents: `"tf-idf"` or `"counts"`. Defaults to
            `"tf-idf"`.
        dropout: Float. The fraction of a document's words that is hidden in training, within [0,
            1). Defaults to 0.5.

    Returns:
        An `AutoEncoder`.

    Example:

    >>> texts = ["cats chase mice", "dogs chase cats", "mice eat cheese"] * 10
    >>> model = zoo.build("document_ae", input_shape=(5,), widths=(8,), latent_dim=2).adapt(texts)
    >>> model.encode(texts[:3]).shape
    (3, 2)
    """
    inputs, x = blocks.document_input(input_shape, weighting, dropout)
    code, levels = blocks.dense_encoder(x, (*widths, latent_dim))
    latent = blocks.latent_code(code)

    x = blocks.dense_decoder(latent, levels)
    x = keras.layers.Softmax(name="reconstruction")(x)

    return AutoEncoder(inputs, x)
