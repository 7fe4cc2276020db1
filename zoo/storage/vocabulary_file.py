"""Writes a vocabulary as JSON, and reads it again."""

import dataclasses
import json

import numpy as np

from zoo.errors import CheckFailedError
from zoo.inputs.vocabulary import Vocabulary
from zoo.inputs.words import words_of
from zoo.storage import json_files

NAME = "vocabulary.json"
SCHEMA = {"words": [str], "weights": [float], "weighting": frozenset({"tf-idf", "counts"})}


def dump(vocabulary: Vocabulary) -> bytes:
    """Returns a vocabulary as JSON: its words, their weights, and the weighting.

    Args:
        vocabulary: `Vocabulary`.

    Returns:
        Bytes.

    Example:

    >>> data = dump(Vocabulary.learn(["Cats purr."], size=2))
    >>> parse(data).words
    ('cats', 'purr')
    """
    content = dataclasses.asdict(vocabulary)
    content["weights"] = [float(weight) for weight in vocabulary.weights]
    return json.dumps(content, indent=1, ensure_ascii=False).encode()


def parse(data: bytes) -> Vocabulary:
    """Returns the vocabulary that `dump` wrote.

    Args:
        data: Bytes.

    Returns:
        A `Vocabulary`.

    Raises:
        CheckFailedError: If the bytes are damaged, or hold a word that no text has by the rule of
            `words_of`, since an earlier version with another rule wrote them.

    Example:

    >>> parse(dump(Vocabulary.learn(["Cats purr."], size=2))).weighting
    'tf-idf'
    """
    content = json_files.parse(data, NAME, SCHEMA)
    words = tuple(content["words"])
    if not words or len(words) != len(content["weights"]):
        raise CheckFailedError(
            f"{NAME} is damaged: it has {len(words)} words and {len(content['weights'])} weights."
        )
    foreign = next((word for word in words if word and words_of(word) != [word]), None)
    if foreign is not None:
        raise CheckFailedError(
            f"{NAME} must hold words as this version finds them in texts: export the model again. "
            f"Received: {foreign!r:.60}, for which it finds {words_of(foreign)!r:.60}."
        )
    return Vocabulary(words, np.array(content["weights"], np.float32), content["weighting"])
