"""Row on languages: whether messages lie near those of their own language by their codes."""

import importlib.util
import struct
from pathlib import Path

import numpy as np

from zoo.datasets.dataset import Dataset, split_by_seed
from zoo.datasets.split import Split
from zoo.errors import MissingExtraError
from zoo.experiments.reproduce import lsa
from zoo.inputs.vocabulary import Vocabulary
from zoo.training import in_memory

LOCALES = ("ar", "bn", "de", "el", "he", "hi", "ja", "ko", "ru", "ta", "th", "tr", "zh_Hans")
UNSPACED = ("ja", "th", "zh_Hans")  # languages without spaces between words
SIZES = (10, 2)  # of codes; those of two numbers are drawn
LITTLE_ENDIAN = b"\xde\x12\x04\x95"  # the first bytes of such a catalogue


def read(name: str) -> Dataset:
    """Returns the messages of the installed Django, labelled by their language.

    Args:
        name: String. `"django"`, the name of the dataset.

    Returns:
        A `Dataset`.

    Raises:
        MissingExtraError: If Django is not installed.

    Example:

    >>> read("django").class_names[:3]
    ('ar', 'bn', 'de')
    """
    texts, labels = [], []
    for label, locale in enumerate(LOCALES):
        found = messages(locale)
        texts += found
        labels += [label] * len(found)
    return split_by_seed(name, Split(texts, labels, class_names=LOCALES), "BSD-3-Clause (Django)")


def messages(locale: str) -> list[str]:
    """Returns the different messages of the installed Django in a language.

    They are read from the catalogues, without an import of Django.

    Args:
        locale: String. Name of the language in Django, such as `"zh_Hans"`.

    Returns:
        A list of strings.

    Raises:
        MissingExtraError: If Django is not installed.

    Example:

    >>> "Januar" in messages("de")
    True
    """
    found = importlib.util.find_spec("django")
    if found is None:
        raise MissingExtraError("Django, whose messages are the data,", "django")
    paths = sorted(Path(found.origin).parent.rglob(f"locale/{locale}/LC_MESSAGES/*.mo"))
    texts = (text for path in paths for text in _translations(path.read_bytes()))
    return list(dict.fromkeys(texts))


def _translations(data):
    """Yields the translations in the bytes of a catalogue, in the format of GNU gettext."""
    order = "<" if data.startswith(LITTLE_ENDIAN) else ">"
    count, originals, translations = struct.unpack_from(f"{order}3I", data, 8)
    for number in range(count):
        size, _ = struct.unpack_from(f"{order}2I", data, originals + 8 * number)
        if size:  # the translation of the empty message is the catalogue's header
            size, start = struct.unpack_from(f"{order}2I", data, translations + 8 * number)
            yield from data[start : start + size].decode().split("\0")  # singular and plurals


def languages(data, seed, pictures, **changes):
    """Measures the row `languages`: search of messages of all languages by one model.

    Only the training messages are used for the vocabulary and for everything that is fitted. The
    queries are the test messages with a word of the vocabulary.

    Args:
        data: `Dataset` of texts with labels, whose classes are `LOCALES`.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder that pictures are written to.
        **changes: Fields of the `Recipe`, and arguments of `document_ae`.

    Returns:
        A dict: the `value`, which is the precision among the 10 nearest messages by codes of 10
        numbers, that of LSA, both also for queries of `UNSPACED` alone; the fractions of the test
        messages that have a known word; and how the model was trained.

    Example:

    >>> languages(read("django"), 0, Path("."))["value"]  # doctest: +SKIP
    """
    from zoo import plots
    from zoo.evaluation import retrieval

    vocabulary = Vocabulary.learn(data.train.inputs)
    counts, query_counts = (vocabulary.counts(part.inputs) for part in (data.train, data.test))
    rows, known = counts.any(axis=1), query_counts.any(axis=1)
    unspaced = np.isin(data.test.labels, [LOCALES.index(name) for name in UNSPACED])
    indexed, queries = data.train.take(rows), data.test.take(known)
    x, query_rows = (vocabulary.weigh(part.inputs) for part in (indexed, queries))
    counts, query_counts = counts[rows], query_counts[known]

    codes, trained = {}, {}
    for size in SIZES:
        model, trained[size] = in_memory.train("document_ae", x, seed, latent_dim=size, **changes)
        codes[f"ae_{size}"] = model.encode(x), model.encode(query_rows)
    weightings = lsa.choose(counts, indexed.labels, SIZES, seed)
    for size, weighting in weightings.items():
        codes[f"lsa_{size}"] = lsa.codes(counts, query_counts, size, weighting, seed)

    def precision(name, of=slice(None)):
        z, queried = codes[name]
        found = retrieval.precision(
            z, indexed.labels, queried[of], queries.labels[of], "cosine", (10,)
        )
        return found["p_at_10"]

    names = np.array(LOCALES)[queries.labels]
    shown = {
        f"{title}, P@10 {precision(name):.3f}": (codes[name][1], names)
        for title, name in {"document_ae": "ae_2", "LSA": "lsa_2"}.items()
    }
    plots.save(plots.scatter(shown), pictures / "languages.png")
    return {
        "value": precision("ae_10"),
        **{name: precision(name) for name in ("lsa_10", "ae_2", "lsa_2")},
        "unspaced": precision("ae_10", unspaced[known]),
        "lsa_10_unspaced": precision("lsa_10", unspaced[known]),
        "known": float(known.mean()),
        "known_unspaced": float(known[unspaced].mean()),
        "queries": len(queries),
        "indexed": len(indexed),
        "lsa_weightings": weightings,
        **trained[10],
    }
