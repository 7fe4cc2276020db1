"""Where a model of texts keeps its vocabulary: among its weights, to go where they go."""

import keras
import numpy as np
import tensorflow as tf

from zoo.vocabulary import LONGEST, Vocabulary
from zoo.words import DOTTED_I, FINAL_SIGMA, code_point_runs


@keras.saving.register_keras_serializable(package="zoo")
class BagOfWords(keras.layers.Layer):
    """Passes documents on, `(rows, words)`, and keeps the vocabulary that they were weighed by.

    Args:
        weighting: `"tf-idf"` or `"counts"`, as `zoo.vocabulary.Vocabulary` has it.
    """

    def __init__(self, weighting="tf-idf", **kwargs):
        super().__init__(**kwargs)
        self.weighting = weighting

    def build(self, input_shape):
        size = input_shape[-1]
        self.letters = self.add_weight(
            shape=(size, LONGEST), initializer="zeros", dtype="uint8", trainable=False,
            name="letters",
        )  # fmt: skip
        self.telling = self.add_weight(
            shape=(size,), initializer="ones", dtype="float32", trainable=False, name="telling"
        )

    def call(self, document):
        return document

    def learn(self, texts) -> None:
        """Sets the vocabulary that is learnt from texts, a sequence of strings."""
        size = self.letters.shape[0]
        self.vocabulary = Vocabulary.learn(texts, size, self.weighting)

    @property
    def vocabulary(self) -> Vocabulary:
        """What was set last; of unused places alone until then."""
        letters = keras.ops.convert_to_numpy(self.letters)
        words = tuple(bytes(row).rstrip(b"\0").decode() for row in letters)
        return Vocabulary(words, keras.ops.convert_to_numpy(self.telling), self.weighting)

    @vocabulary.setter
    def vocabulary(self, vocabulary: Vocabulary):
        letters = np.zeros(self.letters.shape, np.uint8)
        for row, word in zip(letters, vocabulary.words, strict=True):
            spelt = np.frombuffer(word.encode(), np.uint8)
            row[: len(spelt)] = spelt
        self.letters.assign(letters)
        self.telling.assign(vocabulary.weights)

    def weigher(self):
        """`Vocabulary.weigh` in TensorFlow: a function of a string tensor `(rows,)`."""
        vocabulary, weighting = self.vocabulary, self.weighting
        used = np.flatnonzero(vocabulary.words)
        spelt = tf.constant([vocabulary.words[place] for place in used], tf.string)
        hashes = _hashed(spelt).numpy()
        order = np.argsort(hashes)
        hashes = [-1, *hashes[order]]  # -1 is no word's, if there are none
        places = [0, *used[order]]

        def weigh(text):
            words = words_of(text)
            hashed, known = _hashed(words.values), tf.constant(hashes, tf.int64)
            found = tf.minimum(tf.searchsorted(known, hashed), len(hashes) - 1)
            hit = tf.gather(known, found) == hashed
            place = tf.gather(tf.constant(places, tf.int64), found)
            shape = tf.stack([tf.size(text, tf.int64), len(vocabulary.words)])
            cells = tf.stack([words.value_rowids(), place], axis=1)
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
    """Returns the words of each text, as `zoo.words.words_of` does.

    Args:
        text: strings in UTF-8, `(rows,)`; each byte that is not UTF-8 separates words.
    """
    first, added = code_point_runs()
    text = tf.strings.regex_replace(text, *DOTTED_I)
    points = tf.strings.unicode_decode(text, "UTF-8")
    run = tf.searchsorted(tf.constant(first), points.values, side="right") - 1
    spelt = tf.maximum(points.values + tf.gather(tf.constant(added), run), ord(" "))
    text = tf.strings.unicode_encode(points.with_values(spelt), "UTF-8")
    return tf.strings.split(tf.strings.regex_replace(text, *FINAL_SIGMA))


def _hashed(words):
    return tf.strings.to_hash_bucket_fast(words, 2**63 - 1)
