"""Texts as bags of words, with a vocabulary of weighted words, in NumPy and Python alone."""

import collections
import dataclasses
import functools
from typing import Literal

import numpy as np

from zoo.errors import UsageError
from zoo.inputs.unspaced import is_unspaced
from zoo.inputs.words import words_of

LONGEST = 96  # bytes in UTF-8 of a word in a vocabulary: 32 letters of nearly any script


@dataclasses.dataclass(frozen=True)
class Vocabulary:
    """The words of a model of texts, in the order of a document's values, and their weights.

    Attributes:
        words: Tuple of strings. The words; an unused place is `""`.
        weights: Float32 array of shape `(words,)`. The weight of each word.
        weighting: String. With `"tf-idf"` a word counts as (1 + log of its count) times its weight;
            with `"counts"` as its count. Defaults to `"tf-idf"`.

    Example:

    >>> vocabulary = Vocabulary.learn(["Cats purr.", "Dogs bark.", "Cats bark."], size=3)
    >>> vocabulary.words, vocabulary.known
    (('bark', 'cats', 'dogs'), 3)
    >>> vocabulary.counts(["Cats chase cats."]).tolist()
    [[0.0, 2.0, 0.0]]
    >>> vocabulary.weigh(["Cats purr."]).tolist()
    [[0.0, 1.0, 0.0]]
    """

    words: tuple[str, ...]
    weights: np.ndarray
    weighting: Literal["tf-idf", "counts"] = "tf-idf"

    @classmethod
    def learn(cls, texts, size: int = 2000, weighting: str = "tf-idf") -> "Vocabulary":
        """Learns a vocabulary of the most frequent words of texts.

        English stop words, words of one character, unless it is of a script without spaces, words
        without a letter and words of more than 96 bytes are left out. If there are fewer words than
        `size`, the last places stay unused.

        Args:
            texts: Sequence of strings.
            size: Integer. The number of places for words. Defaults to 2000.
            weighting: String. With `"tf-idf"` a word in m of n texts has the weight 1 + log((1 + n)
                / (1 + m)), as in scikit-learn; with `"counts"` the weight 1. Defaults to
                `"tf-idf"`.

        Returns:
            A `Vocabulary`.

        Raises:
            UsageError: If no word is left.
        """
        word_counts, text_counts = collections.Counter(), collections.Counter()
        for words in map(words_of, texts):
            word_counts.update(words)
            text_counts.update(set(words))
        kept = [
            (-count, word)
            for word, count in word_counts.items()
            if is_informative(word) and len(word.encode()) <= LONGEST
        ]
        chosen = [word for _, word in sorted(kept)[:size]]
        if not chosen:
            raise UsageError(
                f"The texts must hold words to learn a vocabulary from. Received: {len(texts)} "
                "texts without any."
            )
        weights = np.ones(size, np.float32)
        if weighting == "tf-idf":
            frequencies = np.array([text_counts[word] for word in chosen])
            weights[: len(chosen)] += np.log((1 + len(texts)) / (1 + frequencies))
        return cls((*chosen, *[""] * (size - len(chosen))), weights, weighting)

    def weigh(self, texts) -> np.ndarray:
        """Returns documents: the weighted relative frequencies of the known words in each text.

        Args:
            texts: Sequence of strings.

        Returns:
            Float32 array of shape `(rows, words)`. Each row has the sum 1; a text without a known
            word is a row of zeros.
        """
        document = self.counts(texts)
        if self.weighting == "tf-idf":
            present = document > 0
            document[present] = 1 + np.log(document[present])
        document *= self.weights
        total = document.sum(axis=1, keepdims=True)
        return np.divide(document, total, out=document, where=total > 0)

    def counts(self, texts) -> np.ndarray:
        """Returns how often each known word occurs in each text.

        Args:
            texts: Sequence of strings.

        Returns:
            Float32 array of shape `(rows, words)`.
        """
        counts = np.zeros((len(texts), len(self.words)), np.float32)
        for row, text in zip(counts, texts, strict=True):
            for word, count in collections.Counter(words_of(text)).items():
                if word in self._places:
                    row[self._places[word]] = count
        return counts

    @property
    def known(self) -> int:
        """Returns the number of words, without unused places."""
        return sum(map(bool, self.words))

    @functools.cached_property
    def _places(self):
        return {word: place for place, word in enumerate(self.words) if word}


def is_informative(word: str) -> bool:
    """Returns whether a word has two characters or more and a letter, and is no English stop word.

    One character of a script without spaces, such as Chinese, is enough.

    Args:
        word: String, in lower case.

    Returns:
        Boolean.

    Example:

    >>> is_informative("cats"), is_informative("the"), is_informative("42"), is_informative("猫")
    (True, False, False, True)
    """
    long = len(word) > 1 or is_unspaced(word)
    return long and any(map(str.isalpha, word)) and word not in _stop_words()


@functools.cache
def _stop_words():
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return ENGLISH_STOP_WORDS
