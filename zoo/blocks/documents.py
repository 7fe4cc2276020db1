"""The input of a model of texts."""

import keras

from zoo.inputs import kinds
from zoo.inputs.arguments import fraction
from zoo.layers import BagOfWords


def document_input(input_shape: tuple[int, ...], weighting: str, dropout: float):
    """Returns the input of a model of texts, and its documents prepared for dense layers.

    Args:
        input_shape: Tuple of one integer, `(words,)`.
        weighting: String, `"tf-idf"` or `"counts"`. How texts become documents; see
            `Vocabulary`.
        dropout: Float in [0, 1). Fraction of a document's words that is hidden in training.

    Returns:
        A pair: the `keras.Input` named `document`, and the documents, `(rows, words)`, scaled to
        unit length, as cosines compare them, with words hidden in training.

    Raises:
        UsageError: If `dropout` is not in [0, 1).

    Example:

    >>> inputs, x = document_input((2000,), "tf-idf", dropout=0.2)
    >>> x.shape
    (None, 2000)
    """
    inputs = keras.Input(input_shape, name=kinds.DOCUMENTS.tensor_name)
    x = BagOfWords(weighting, name="bag_of_words")(inputs)
    x = keras.layers.UnitNormalization(name="flat")(x)
    return inputs, keras.layers.Dropout(fraction("dropout", dropout), name="dropout")(x)
