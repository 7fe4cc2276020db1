"""The input of a model of texts."""

import keras

from zoo.layers import BagOfWords


def document_input(input_shape: tuple[int, ...], weighting: str):
    """Documents, `(rows, words)`, as a dense net takes them.

    Args:
        input_shape: `(words,)`.
        weighting: how texts become documents; see `zoo.vocabulary.Vocabulary`.

    Returns:
        The input, and the documents at unit length, as cosines compare them.
    """
    inputs = keras.Input(input_shape, name="document")
    x = BagOfWords(weighting, name="bag_of_words")(inputs)
    return inputs, keras.layers.UnitNormalization(name="flat")(x)
