"""Splits texts into words, by rules that Python and a TensorFlow graph both follow."""

import functools
import re
import sys
import unicodedata

import numpy as np

from zoo.errors import UsageError
from zoo.inputs import unspaced

# TensorFlow's own `tf.strings.lower` follows the locale of the process (where it is Turkish, "I"
# becomes "ı") and both it and RE2 have Unicode tables of another version than Python's. So a graph
# holds Python's tables as constants instead.

# Pattern and replacement, for `re` and RE2, in a text in which spaces separate lower-case words.
FINAL_SIGMA = r"([^ ])σ( |$)", r"\1ς\2"
DOTTED_I = "İ", "i̇"  # the only letter whose lower case is two characters, i and a dot above
_SEPARATOR = ord(" ")


def words_of(text: str) -> list[str]:
    """Returns the words of a text, in their order.

    A word is a run of Unicode letters, marks and numbers (categories L, M and N), in lower case, as
    `str.lower` returns it. Everything else separates words. A sigma that ends a word is written ς.
    Texts are not normalised.

    Scripts such as Chinese, Japanese and Thai put no space between words: there every two
    neighbouring characters are a word, as `zoo/inputs/unspaced.py` describes.

    Args:
        text: String.

    Returns:
        List of strings.

    Example:

    >>> words_of("Don't panic: 42!")
    ['don', 't', 'panic', '42']
    >>> words_of("iPhone手机壳")
    ['iphone', '手机', '机壳']
    """
    lower = text.translate(_spelling)
    if lower.isascii():
        return lower.split()
    lower, found = re.subn(*unspaced.borders(), lower)
    if "σ" in lower:
        lower = re.sub(*FINAL_SIGMA, lower)
    words = lower.split()
    return [part for word in words for part in unspaced.pairs(word) or [word]] if found else words


@functools.cache
def code_point_runs() -> tuple[np.ndarray, np.ndarray]:
    """Returns runs of code points with the same offset to lower case, except `DOTTED_I`.

    Returns:
        A tuple of two int32 arrays of shape `(runs,)`: the first code point of each run, ascending,
        and the offset from the code points of the run to lower case, which is a large negative
        number if they separate words.

    Example:

    >>> first, added = code_point_runs()  # doctest: +SKIP
    """
    code_points = np.arange(sys.maxunicode + 1, dtype=np.int32)
    characters = [_spell(chr(code)) for code in code_points]
    characters[ord(DOTTED_I[0])] = DOTTED_I[0]
    lower = np.array([*map(ord, characters)], np.int32)
    added = np.where(lower == _SEPARATOR, -(sys.maxunicode + 1), lower - code_points)
    first = np.flatnonzero(np.diff(added, prepend=added[0] + 1)).astype(np.int32)
    return first, added[first].astype(np.int32)


def _spell(character):
    """Returns a character of a word in lower case, and a space for any other character."""
    in_words = unicodedata.category(character)[0] in "LMN"
    return character.lower() if in_words else chr(_SEPARATOR)


class _Spelling(dict):
    """A table for `str.translate` that is filled when a character first occurs."""

    def __missing__(self, code):
        self[code] = _spell(chr(code))
        return self[code]


_spelling = _Spelling()


def as_texts(x) -> list[str] | None:
    """Returns the strings of a sequence of strings, or None for anything else.

    Args:
        x: Anything. A list, a tuple or an array, `(rows,)`, of strings, or of bytes in UTF-8, is a
            sequence of strings; an empty list or tuple is not.

    Returns:
        A list of strings, or None.

    Raises:
        UsageError: If `x` is one string, if only some elements are strings, or if bytes are not
            UTF-8.

    Example:

    >>> as_texts(["a cat", "a mat"]), as_texts([1.0, 2.0])
    (['a cat', 'a mat'], None)
    """
    if isinstance(x, (str, bytes)):
        raise UsageError(
            "Rows must be an array, or a list of texts: zoo.datasets.load(name) returns those of a "
            f"dataset, and one text is [text]. Received: {x!r:.60}."
        )
    if isinstance(x, np.ndarray) and (x.dtype.kind not in "OSU" or x.ndim != 1):
        return None
    if not isinstance(x, (list, tuple, np.ndarray)):
        return None
    if not len(x):
        return [] if isinstance(x, np.ndarray) else None
    if isinstance(x[0], bytes):
        x = [_decoded(text, row) if isinstance(text, bytes) else text for row, text in enumerate(x)]
    strings = [isinstance(text, str) for text in x]
    if not any(strings):
        return None
    if not all(strings):
        row = strings.index(False)
        raise UsageError(
            f"Texts must all be strings. Received: {type(x[row]).__name__} in row {row}."
        )
    return [str(text) for text in x]


def _decoded(text, row):
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise UsageError(
            f"Texts in bytes must be in UTF-8. Received: {text!r:.60} in row {row}."
        ) from None
