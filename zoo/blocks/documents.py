"""The input of a model of texts."""

import keras

from zoo.arguments import share
from zoo.layers import BagOfWords


def document_input(input_shape: tuple[int, ...], weighting: str, dropout: float):
    """Documents, `(rows, words)`, as a dense net takes them.

    Args:
        input_shape: `(words,)`.
        weighting: how texts become documents; see `zoo.vocabulary.Vocabulary`.
        dropout: the share of a document's words that is hidden in training, within [0, 1).

    Returns:
        The input, and the documents at unit length, as cosines compare them, with words hidden.
    """
    inputs = keras.Input(input_shape, name="document")
    x = BagOfWords(weighting, name="bag_of_words")(inputs)
    x = keras.layers.UnitNormalization(name="flat")(x)
    return inputs, keras.layers.Dropout(share("dropout", dropout), name="dropout")(x)
