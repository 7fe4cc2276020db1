"""The words of a text, by rules that Python and a TensorFlow graph follow alike, in any script.

A word is a run of Unicode letters, marks and numbers (categories L, M and N), in lower case as
`str.lower` writes it. Everything else separates words. A sigma that ends a word is written ς.
Texts are not normalised, and scripts without spaces, such as Chinese, are not cut into words.

TensorFlow's own `tf.strings.lower` follows the locale of the process (where it is Turkish, "I"
becomes "ı") and both it and RE2 have Unicode tables of another version than Python's. So a graph
gets Python's tables instead, as constants.
"""

import functools
import re
import sys
import unicodedata

import numpy as np

FINAL_SIGMA = r"([^ ])σ( |$)", r"\1ς\2"  # in a text that `spelling` wrote; of `re` and of RE2
DOTTED_I = "İ", "i̇"  # the only letter whose lower case is two characters, i and a dot above
_SEPARATOR = ord(" ")


def words_of(text: str) -> list[str]:
    """Returns the words of a text, in their order."""
    spelt = text.translate(_spelling)
    if "σ" in spelt:
        spelt = re.sub(*FINAL_SIGMA, spelt)
    return spelt.split()


@functools.cache
def code_point_runs() -> tuple[np.ndarray, np.ndarray]:
    """Returns runs of code points that are spelt alike, all but `DOTTED_I`.

    Returns:
        The first code point of each run, ascending, and what to add to the code points of the run
        to spell them in lower case; a large negative number where they separate words. Both are
        int32, `(runs,)`.
    """
    code_points = np.arange(sys.maxunicode + 1, dtype=np.int32)
    spelt = [_spell(chr(code)) for code in code_points]
    spelt[ord(DOTTED_I[0])] = DOTTED_I[0]
    lower = np.array([*map(ord, spelt)], np.int32)
    added = np.where(lower == _SEPARATOR, -(sys.maxunicode + 1), lower - code_points)
    first = np.flatnonzero(np.diff(added, prepend=added[0] + 1)).astype(np.int32)
    return first, added[first].astype(np.int32)


def _spell(character):
    """Returns a character of a word in lower case, and a space for any other."""
    in_words = unicodedata.category(character)[0] in "LMN"
    return character.lower() if in_words else chr(_SEPARATOR)


class _Spelling(dict):
    """A table for `str.translate` that is filled as characters come."""

    def __missing__(self, code):
        self[code] = _spell(chr(code))
        return self[code]


_spelling = _Spelling()
