"""Texts as bags of words: which words count, and what each weighs; numpy and Python alone."""

import collections
import dataclasses
import functools
import json
from typing import Literal

import numpy as np

from zoo import json_files
from zoo.errors import CheckFailedError, UsageError
from zoo.words import words_of

_WRITTEN = {"words": [str], "weights": [float], "weighting": frozenset({"tf-idf", "counts"})}
LONGEST = 96  # bytes in UTF-8 of a word that can be in a vocabulary: 32 letters of any script


@dataclasses.dataclass(frozen=True)
class Vocabulary:
    """Words in the order of a document's numbers, and their weights.

    Attributes:
        words: the words; of an unused place `""`.
        weights: float32, `(words,)`: how much a word tells.
        weighting: `"tf-idf"`, a word weighs (1 + log of its count) times its weight; or
            `"counts"`, its count.
    """

    words: tuple[str, ...]
    weights: np.ndarray
    weighting: Literal["tf-idf", "counts"] = "tf-idf"

    @classmethod
    def learn(cls, texts, size: int = 2000, weighting: str = "tf-idf") -> "Vocabulary":
        """The `size` commonest words of texts.

        English stop words, words of one character, and those without a letter are left out; where
        there are fewer words, the last places stay unused.

        Args:
            texts: a sequence of strings.
            size: the number of words.
            weighting: `"tf-idf"`, where a word in m of n texts tells 1 + log((1 + n) / (1 + m)),
                as scikit-learn has it; or `"counts"`.

        Raises:
            UsageError: if no word is left.
        """
        found, texts_with = collections.Counter(), collections.Counter()
        for words in map(words_of, texts):
            found.update(words)
            texts_with.update(set(words))
        kept = [
            (-count, word)
            for word, count in found.items()
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
            seen = np.array([texts_with[word] for word in chosen])
            weights[: len(chosen)] += np.log((1 + len(texts)) / (1 + seen))
        return cls((*chosen, *[""] * (size - len(chosen))), weights, weighting)

    @classmethod
    def read(cls, data: bytes) -> "Vocabulary":
        """Returns the vocabulary that `written` made bytes of.

        Raises:
            CheckFailedError: if they are damaged.
        """
        content = json_files.parse(data, "vocabulary.json", _WRITTEN)
        words = tuple(content["words"])
        if not words or len(words) != len(content["weights"]):
            raise CheckFailedError(
                f"vocabulary.json is damaged: it has {len(words)} words and "
                f"{len(content['weights'])} weights."
            )
        return cls(words, np.array(content["weights"], np.float32), content["weighting"])

    def written(self) -> bytes:
        """As JSON: the words, their weights, and the weighting."""
        content = dataclasses.asdict(self) | {"weights": [float(each) for each in self.weights]}
        return json.dumps(content, indent=1, ensure_ascii=False).encode()

    def weigh(self, texts) -> np.ndarray:
        """Each text as the shares of its words: float32 `(rows, words)`, a row's sum 1.

        A text without a known word is a row of zeros.
        """
        document = self.counts(texts)
        if self.weighting == "tf-idf":
            there = document > 0
            document[there] = 1 + np.log(document[there])
        document *= self.weights
        total = document.sum(axis=1, keepdims=True)
        return np.divide(document, total, out=document, where=total > 0)

    def counts(self, texts) -> np.ndarray:
        """How often each word is in each text: float32 `(rows, words)`."""
        counts = np.zeros((len(texts), len(self.words)), np.float32)
        for row, text in zip(counts, texts, strict=True):
            for word, count in collections.Counter(words_of(text)).items():
                if word in self._places:
                    row[self._places[word]] = count
        return counts

    @property
    def known(self) -> int:
        """How many words there are."""
        return sum(map(bool, self.words))

    @functools.cached_property
    def _places(self):
        return {word: place for place, word in enumerate(self.words) if word}


def is_informative(word: str) -> bool:
    """Returns whether a word has two characters, a letter, and is no English stop word."""
    return len(word) > 1 and any(map(str.isalpha, word)) and word not in _stop_words()


@functools.cache
def _stop_words():
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return ENGLISH_STOP_WORDS
