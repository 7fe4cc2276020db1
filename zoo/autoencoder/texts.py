"""Models of texts: a model whose graph begins with a bag of words also takes strings."""

import tensorflow as tf

from zoo.autoencoder import fit_inputs
from zoo.inputs import words
from zoo.inputs.containers import as_array, is_stream
from zoo.inputs.documents import is_sparse
from zoo.inputs.vocabulary import Vocabulary
from zoo.layers import BagOfWords


def bag(model) -> BagOfWords | None:
    """Returns the layer that keeps a model's vocabulary.

    Args:
        model: Keras model.

    Returns:
        A `BagOfWords`, or None if the model is not a model of texts.

    Example:

    >>> model = zoo.build("document_ae", input_shape=(8,), widths=(6,), latent_dim=2)
    >>> type(bag(model)).__name__
    'BagOfWords'
    """
    return next((layer for layer in model.layers if isinstance(layer, BagOfWords)), None)


def adapt_vocabulary(model, x) -> None:
    """Learns the vocabulary of a model of texts that has none yet, if `x` holds texts.

    Args:
        model: `AutoEncoder`.
        x: Inputs, as `fit` takes them.

    Raises:
        UsageError: If no word is left for the vocabulary.

    Example:

    >>> model = zoo.build("document_ae", input_shape=(8,), widths=(6,), latent_dim=2)
    >>> adapt_vocabulary(model, ["Cats purr.", "Dogs bark."])
    >>> vocabulary(model).known
    4
    """
    layer = bag(model)
    if layer and not layer.vocabulary.known:
        learn_vocabulary(model, fit_inputs.inputs_of(x))
        model.refresh_endpoints()


def sparse_documents(model, x):
    """Returns a sparse matrix as the documents of a model of texts, and anything else as it is.

    Args:
        model: `AutoEncoder`.
        x: Inputs, as `fit` takes them.

    Raises:
        UsageError: If the model does not accept the documents.

    Example:

    >>> import scipy.sparse
    >>> model = zoo.build("document_ae", input_shape=(3,), widths=(6,), latent_dim=2)
    >>> sparse_documents(model, scipy.sparse.csr_array([[1, 3, 0]]))[:]
    array([[0.25, 0.75, 0.  ]], dtype=float32)
    """
    return model.check(x) if bag(model) and is_sparse(x) else x


def learn_vocabulary(model, x) -> None:
    """Learns the vocabulary of a model of texts, if `x` holds texts.

    Args:
        model: `AutoEncoder`.
        x: Texts, or any other inputs.

    Raises:
        UsageError: If no word is left for the vocabulary.

    Example:

    >>> model = zoo.build("document_ae", input_shape=(8,), widths=(6,), latent_dim=2)
    >>> learn_vocabulary(model, ["Cats purr."])
    >>> vocabulary(model).words[:2]
    ('cats', 'purr')
    """
    layer = bag(model)
    if layer and not is_stream(x):
        texts = words.as_texts(as_array(x, "texts"))
        if texts:
            layer.learn(texts)


def vocabulary(model) -> Vocabulary | None:
    """Returns the words that a model of texts knows, in the order of a document's numbers.

    Returns:
        A `Vocabulary`, or None for a model that takes no texts.

    Example:

    >>> model = zoo.build("document_ae", input_shape=(8,), widths=(6,), latent_dim=2)
    >>> model.vocabulary.known
    0
    """
    layer = bag(model)
    return None if layer is None else layer.vocabulary


def text_frontend(model):
    """Returns the string input of a SavedModel and the function that turns strings into documents.

    Returns:
        A tuple of a `tf.TensorSpec` and a function of a string tensor of shape `(rows,)`, or None
        for a model that takes no texts.

    Example:

    >>> model = zoo.build("document_ae", input_shape=(8,), widths=(6,), latent_dim=2)
    >>> spec, weigh = model.text_frontend
    >>> spec.name
    'text'
    """
    layer = bag(model)
    return None if layer is None else (tf.TensorSpec((None,), tf.string, "text"), layer.weigher())
