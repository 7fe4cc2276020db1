"""Models of texts: whichever graph begins with a bag of words also takes strings."""

import tensorflow as tf

from zoo import arrays, feeds
from zoo.layers import BagOfWords
from zoo.vocabulary import Vocabulary


def bag(model) -> BagOfWords | None:
    """The layer that keeps a model's vocabulary, where it has one."""
    return next((layer for layer in model.layers if isinstance(layer, BagOfWords)), None)


def learnt_if_new(model, x) -> bool:
    """Whether a model without a vocabulary has now learnt one, from texts."""
    found = bag(model)
    texts = found and not found.vocabulary.known and arrays.as_texts(feeds.inputs_of(x))
    if texts:
        found.learn(texts)
    return bool(texts)


def vocabulary(self) -> Vocabulary | None:
    """The words it knows, in the order of a document's numbers; of a model of texts."""
    found = bag(self)
    return None if found is None else found.vocabulary


def front(self):
    """What a SavedModel takes instead of documents, and what makes documents of that; or None."""
    found = bag(self)
    return None if found is None else (tf.TensorSpec((None,), tf.string, "text"), found.weigher())
