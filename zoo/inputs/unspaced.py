"""Scripts that put no space between words, whose every two neighbouring characters are a word.

A character has with it the marks that follow it. One that stands alone is a word of its own. Where
such a script borders on another, or on digits, a word ends. Digits of these scripts form words as
other digits do. A pair may join two of these scripts, as Japanese does.
"""

import functools
import itertools
import re
import sys
import unicodedata

import numpy as np

# Their blocks, by the first and the last code point: Chinese characters and kana, and scripts whose
# line breaks need a dictionary (class SA of UAX #14).
BLOCKS = {
    "Han": ((0x3005, 0x3007), (0x3021, 0x3029), (0x3038, 0x303B), (0x3400, 0x4DBF),
            (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF)),
    "Hiragana and Katakana": ((0x3041, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F),
                              (0x1AFF0, 0x1B16F)),
    "Thai": ((0x0E00, 0x0E7F),),
    "Lao": ((0x0E80, 0x0EFF),),
    "Myanmar": ((0x1000, 0x109F), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F)),
    "Khmer": ((0x1780, 0x17FF),),
    "Tai Le, New Tai Lue, Tai Tham and Tai Viet": ((0x1950, 0x19DF), (0x1A20, 0x1AAF),
                                                   (0xAA80, 0xAADF)),
}  # fmt: skip


def pairs(word: str) -> list[str]:
    """Returns every two neighbouring characters of a word of these scripts, or a single one alone.

    Args:
        word: String, in lower case.

    Returns:
        List of strings, empty for a word of another script.

    Example:

    >>> pairs("手机壳"), pairs("猫"), pairs("cat")
    (['手机', '机壳'], ['猫'], [])
    """
    characters = re.findall(character(), word)
    return ["".join(pair) for pair in itertools.pairwise(characters)] or characters


def is_unspaced(word: str) -> bool:
    """Returns whether a word, as `words_of` returns it, is of a script without spaces.

    Args:
        word: String.

    Returns:
        Boolean.

    Example:

    >>> is_unspaced("手机"), is_unspaced("phone")
    (True, False)
    """
    return not word.isascii() and re.match(character(), word) is not None


@functools.cache
def borders() -> tuple[str, str]:
    """Returns pattern and replacement, for `re` and RE2, that put spaces around these scripts.

    Returns:
        A tuple of two strings.

    Example:

    >>> re.sub(*borders(), "iphone手机壳").split()
    ['iphone', '手机壳']
    """
    return f"((?:{character()})+)", r" \1 "


@functools.cache
def character() -> str:
    """Returns a pattern, for `re` and RE2, of a character of these scripts and its marks.

    The pattern lists code points by Python's tables, since RE2 has its own.

    Returns:
        String, without a group.

    Example:

    >>> re.findall(character(), "ที่นี่ 3")
    ['ที่', 'นี่']
    """
    letters = [
        code
        for blocks in BLOCKS.values()
        for first, last in blocks
        for code in range(first, last + 1)
        if unicodedata.category(chr(code))[0] == "L" or unicodedata.category(chr(code)) == "Nl"
    ]
    marks = [code for code in range(sys.maxunicode) if unicodedata.category(chr(code))[0] == "M"]
    return f"[{_ranges(letters)}][{_ranges(marks)}]*"


def _ranges(codes):
    """Returns code points as the content of a character class, run by run."""
    codes = np.sort(codes)
    starts = np.flatnonzero(np.diff(codes, prepend=-2) > 1)
    ends = [*starts[1:] - 1, -1]
    pairs = zip(codes[starts], codes[ends], strict=True)
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in pairs)
