"""Layer that stores the vocabulary of a text model in its weights."""

import keras
import numpy as np
import tensorflow as tf

from zoo.inputs import unspaced
from zoo.inputs.vocabulary import LONGEST, Vocabulary
from zoo.inputs.words import DOTTED_I, FINAL_SIGMA, code_point_runs


@keras.saving.register_keras_serializable(package="zoo")
class BagOfWords(keras.layers.Layer):
    """Identity layer that stores the vocabulary of a text model in its weights.

    Documents, `(rows, words)`, always pass through unchanged. The words and their weights are
    non-trainable weights of the layer: they are saved, loaded and copied with the model.

    Args:
        weighting: String, `"tf-idf"` or `"counts"`. How texts become documents; see
            `Vocabulary`. Defaults to `"tf-idf"`.
        **kwargs: Further arguments of `keras.layers.Layer`, such as `name`.

    Example:

    >>> bag = zoo.layers.BagOfWords("counts")
    >>> bag.build((None, 3))
    >>> bag.learn(["The cat sat.", "Cats and a cat"])
    >>> bag.vocabulary.words
    ('cat', 'cats', 'sat')
    """

    def __init__(self, weighting="tf-idf", **kwargs):
        super().__init__(**kwargs)
        self.weighting = weighting
        self.decoded = None, None  # the bytes of the weights, and their `Vocabulary`

    def build(self, input_shape):
        size = input_shape[-1]
        self.letters = self.add_weight(
            shape=(size, LONGEST), initializer="zeros", dtype="uint8", trainable=False,
            name="letters",
        )  # fmt: skip
        self.word_weights = self.add_weight(
            shape=(size,), initializer="ones", dtype="float32", trainable=False, name="word_weights"
        )

    def call(self, document):
        return document

    def learn(self, texts) -> None:
        """Learns the vocabulary from texts and stores it.

        Args:
            texts: Sequence of strings.

        Raises:
            UsageError: If no word is left after English stop words, words of one character and
                words without a letter are removed.
        """
        size = self.letters.shape[0]
        self.vocabulary = Vocabulary.learn(texts, size, self.weighting)

    @property
    def vocabulary(self) -> Vocabulary:
        """The `Vocabulary`; without words until one is stored."""
        # Keras's own conversion warns, as its variables do not know numpy 2's `copy`.
        letters, weights = self.letters.numpy(), self.word_weights.numpy().copy()
        stored = letters.tobytes(), weights.tobytes()
        known, vocabulary = self.decoded
        if stored != known:
            words = tuple(bytes(row).rstrip(b"\0").decode() for row in letters)
            weights.flags.writeable = False  # the vocabulary is returned again
            vocabulary = Vocabulary(words, weights, self.weighting)
            self.decoded = stored, vocabulary
        return vocabulary

    @vocabulary.setter
    def vocabulary(self, vocabulary: Vocabulary):
        letters = np.zeros(self.letters.shape, np.uint8)
        for row, word in zip(letters, vocabulary.words, strict=True):
            encoded = np.frombuffer(word.encode(), np.uint8)
            row[: len(encoded)] = encoded
        self.letters.assign(letters)
        self.word_weights.assign(vocabulary.weights)

    def weigher(self):
        """Returns a TensorFlow function that weighs texts as `Vocabulary.weigh` does.

        The function holds the current vocabulary as constants: storing another one later does
        not change it.

        Returns:
            A function of a string tensor, `(rows,)`, that returns documents, float32
            `(rows, words)`.

        Example:

        >>> bag = zoo.layers.BagOfWords("counts")
        >>> bag.build((None, 2))
        >>> bag.learn(["The cat sat.", "A cat sat, the cat ran", "Sat the cat?"])
        >>> bag.weigher()(tf.constant(["cat sat cat cat"])).numpy()
        array([[0.75, 0.25]], dtype=float32)
        """
        vocabulary, weighting = self.vocabulary, self.weighting
        used = np.flatnonzero(vocabulary.words)
        known_words = tf.constant([vocabulary.words[index] for index in used], tf.string)
        hashes = _hashed(known_words).numpy()
        order = np.argsort(hashes)
        hashes = [-1, *hashes[order]]  # never empty: no hash is -1
        indices = [0, *used[order]]

        def weigh(text):
            words = words_of(text)
            hashed, known = _hashed(words.values), tf.constant(hashes, tf.int64)
            found = tf.minimum(tf.searchsorted(known, hashed), len(hashes) - 1)
            hit = tf.gather(known, found) == hashed
            index = tf.gather(tf.constant(indices, tf.int64), found)
            shape = tf.stack([tf.size(text, tf.int64), len(vocabulary.words)])
            cells = tf.stack([words.value_rowids(), index], axis=1)
            document = tf.scatter_nd(cells, tf.cast(hit, tf.float32), shape)  # counts
            if weighting == "tf-idf":
                logarithms = 1 + tf.math.log(tf.maximum(document, 1))
                document = tf.where(document > 0, logarithms, 0.0)
            document *= vocabulary.weights
            return tf.math.divide_no_nan(document, tf.reduce_sum(document, axis=1, keepdims=True))

        return weigh

    def get_config(self):
        return super().get_config() | {"weighting": self.weighting}


def words_of(text: tf.Tensor) -> tf.RaggedTensor:
    """Returns the words of each text in a graph, as `zoo/inputs/words.py` does in Python.

    Args:
        text: String tensor in UTF-8, `(rows,)`. Each byte that is not UTF-8 separates words.

    Returns:
        A ragged string tensor, `(rows, words of the text)`, in lower case.

    Example:

    >>> words_of(tf.constant(["The CAT, sat!"])).to_list()
    [[b'the', b'cat', b'sat']]
    """
    first, added = code_point_runs()
    text = tf.strings.regex_replace(text, *DOTTED_I)
    points = tf.strings.unicode_decode(text, "UTF-8")
    run = tf.searchsorted(tf.constant(first), points.values, side="right") - 1
    mapped = tf.maximum(points.values + tf.gather(tf.constant(added), run), ord(" "))
    text = tf.strings.unicode_encode(points.with_values(mapped), "UTF-8")
    text = tf.strings.regex_replace(text, *unspaced.borders())
    words = tf.strings.split(tf.strings.regex_replace(text, *FINAL_SIGMA))
    apart = tf.strings.regex_replace(words.values, f"({unspaced.character()})", r"\1 ")
    # Every two neighbouring characters; what is not apart, such as a word, stays as it is.
    pairs = tf.strings.ngrams(tf.strings.split(apart), 2, "", preserve_short_sequences=True)
    return words.with_values(pairs).merge_dims(1, 2)


def _hashed(words):
    return tf.strings.to_hash_bucket_fast(words, 2**63 - 1)
