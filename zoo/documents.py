"""Models of texts: whichever graph begins with a bag of words also takes strings."""

import tensorflow as tf

from zoo import arrays, feeds
from zoo.containers import as_array, is_stream
from zoo.layers import BagOfWords
from zoo.vocabulary import Vocabulary


def bag(model) -> BagOfWords | None:
    """The layer that keeps a model's vocabulary, where it has one."""
    return next((layer for layer in model.layers if isinstance(layer, BagOfWords)), None)


def learnt_if_new(model, x) -> None:
    """Learns the vocabulary of a model that has none yet, if `x` are texts."""
    found = bag(model)
    if found and not found.vocabulary.known:
        learnt_if_texts(model, feeds.inputs_of(x))
        model.settle()


def learnt_if_texts(model, x) -> None:
    """Learns a model's vocabulary, if it is a model of texts and `x` are texts."""
    found = bag(model)
    if found and not is_stream(x):
        texts = arrays.as_texts(as_array(x, "texts"))
        if texts:
            found.learn(texts)


def vocabulary(self) -> Vocabulary | None:
    """The words it knows, in the order of a document's numbers; of a model of texts."""
    found = bag(self)
    return None if found is None else found.vocabulary


def front(self):
    """What a SavedModel takes instead of documents, and what makes documents of that; or None."""
    found = bag(self)
    return None if found is None else (tf.TensorSpec((None,), tf.string, "text"), found.weigher())
