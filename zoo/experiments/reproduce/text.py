"""Row on documents: whether the documents nearest to a query by their codes are of its group."""

import collections

import numpy as np

from zoo.experiments.reproduce import lsa, word_search
from zoo.inputs.vocabulary import Vocabulary
from zoo.training import in_memory

LSA = (2, 10, 50, 128)  # numbers of components
SHOWN = 2000  # test documents in the plot of two numbers
AT = (1, 3, 10, 30, 100, 300, 1000)  # numbers of nearest documents
WAYS = {  # ways to search: a name, and the words of a text that are used
    "ae_10": ("document_ae, 10 numbers", "2,000 words"),
    "ae_2": ("document_ae, 2 numbers", "2,000 words"),
    "bits": ("semantic_hashing, 128 bits", "2,000 words"),
    "lsa_2": ("LSA, 2 numbers", "2,000 words"),
    "lsa_10": ("LSA, 10 numbers", "2,000 words"),
    "lsa_50": ("LSA, 50 numbers", "2,000 words"),
    "lsa_128": ("LSA, 128 numbers", "2,000 words"),
    "tf_idf_2000_words": ("TF-IDF", "2,000 words"),
    "bm25_2000_words": ("BM25", "2,000 words"),
    "tf_idf_all_words": ("TF-IDF", "all words"),
    "bm25_all_words": ("BM25", "all words"),
}
DRAWN = (
    "ae_10",
    "bits",
    "lsa_10",
    "lsa_50",
    "tf_idf_2000_words",
    "bm25_2000_words",
    "tf_idf_all_words",
    "bm25_all_words",
)


def documents(data, seed, pictures, **changes):
    """Measures row 14: search of documents by codes, by LSA, and by words.

    Only the training texts are used for the vocabulary and for everything that is fitted. Every way
    of searching, by all words of a text or by the 2,000 of the vocabulary, uses the same texts and
    the same queries: those with a word of the vocabulary.

    Args:
        data: `Dataset` of texts with labels.
        seed: Integer. Seed of the training.
        pictures: `Path` of the folder that pictures are written to.
        **changes: Fields of the `Recipe`, and arguments of the variants.

    Returns:
        A dict: the `value`, which is the precision among the 10 nearest codes of 10 numbers, the
        precisions of the other ways, their sizes and times, and how the model was trained.

    Example:

    >>> documents(zoo.datasets.load("20newsgroups"), 0, Path("."))["value"]  # doctest: +SKIP
    """
    from zoo import plots

    vocabulary = Vocabulary.learn(data.train.inputs)
    (indexed, x), (test, queries) = (known(vocabulary, part) for part in (data.train, data.test))
    counts, query_counts = (vocabulary.counts(split.inputs) for split in (indexed, test))
    labels = indexed.labels

    codes, trained = {}, {}
    for size in (10, 2):
        model, trained[size] = in_memory.train("document_ae", x, seed, latent_dim=size, **changes)
        codes[f"ae_{size}"] = model.encode(x), model.encode(queries)
    hashing, _ = in_memory.train("semantic_hashing", x, seed, **changes)
    # With bits as -1 and 1, the cosine ranks codes by the number of different bits.
    codes["bits"] = tuple(2 * hashing.encode(rows) - 1 for rows in (x, queries))
    weightings = lsa.choose(counts, labels, LSA, seed)
    for size, weighting in weightings.items():
        codes[f"lsa_{size}"] = lsa.codes(counts, query_counts, size, weighting, seed)

    ranked = {name: tuple(map(_directions, pair)) for name, pair in codes.items()}
    all_counts = word_search.count_all(indexed.inputs, test.inputs)
    for name, pair in {"2000": _sparse(counts, query_counts), "all": all_counts}.items():
        ranked[f"tf_idf_{name}_words"] = word_search.tf_idf(*pair)
        ranked[f"bm25_{name}_words"] = word_search.bm25(*pair)
    precisions = {name: _precision(*ranked[name], labels, test.labels) for name in WAYS}
    sizes = {name: word_search.bytes_of(rows) for name, (rows, _) in ranked.items()}
    sizes["bits"] = hashing.code_bits / 8

    draw_plane(codes, precisions, test, pictures / "documents.png")
    curves = {_title(name): _curve(precisions[name]) for name in DRAWN}
    plots.save(plots.precisions(curves), pictures / "documents_precision.png")
    p_at_10 = {name: metrics["p_at_10"] for name, metrics in precisions.items()}
    value = p_at_10.pop("ae_10")
    record = {
        "figures": precisions,
        "bytes_a_document": sizes,
        "search_ms": {name: word_search.search_milliseconds(*ranked[name]) for name in WAYS},
        "all_words": all_counts[0].shape[1],
        "queries": len(test),
        "indexed": len(indexed),
        "lsa_weightings": weightings,
    }
    return {"value": value} | p_at_10 | record | trained[10]


def draw_plane(codes, precisions, test, path):
    """Draws test documents by codes of two numbers, with their groups, and writes the picture.

    The title of each panel has the precision among the 10 nearest training documents.

    Args:
        codes: Dict of pairs of arrays, the codes of the training documents and of the test
            documents, at the keys `"ae_2"` and `"lsa_2"`.
        precisions: Dict of dicts with the precision of both, `p_at_10`.
        test: `Split`. The test documents.
        path: Path of the picture.

    Example:

    >>> draw_plane(codes, precisions, test, Path("documents.png"))  # doctest: +SKIP
    """
    from zoo import plots

    groups = test.labels
    if test.class_names is not None:
        groups = np.array(short_names(test.class_names))[test.labels]
    shown = {
        f"{name}, P@10 {precisions[key]['p_at_10']:.3f}": (codes[key][1][:SHOWN], groups[:SHOWN])
        for name, key in {"document_ae": "ae_2", "LSA": "lsa_2"}.items()
    }
    plots.save(plots.scatter(shown), path)


def short_names(names) -> list[str]:
    """Returns of each dotted name the part that the fewest names share, the longest of several.

    Args:
        names: Sequence of different strings.

    Returns:
        A list of strings: the names themselves if their parts are not all different.

    Example:

    >>> short_names(["comp.graphics", "comp.os.ms-windows.misc", "talk.politics.misc"])
    ['graphics', 'ms-windows', 'politics']
    """
    shared = collections.Counter(part for name in names for part in set(name.split(".")))
    short = [min(name.split("."), key=lambda part: (shared[part], -len(part))) for name in names]
    return short if len({*short}) == len(names) else list(names)


def known(vocabulary, split):
    """Returns the rows of a split that have a known word, and their word weights.

    Args:
        vocabulary: `Vocabulary`.
        split: `Split` of texts.

    Returns:
        A tuple of a `Split` and a float32 array, `(rows, words)`.

    Example:

    >>> texts = zoo.datasets.rows(["cats purr", "dogs bark", "42"])
    >>> split, weighed = known(Vocabulary.learn(texts.inputs, 4), texts)
    >>> len(split), weighed.shape
    (2, (2, 4))
    """
    weighed = vocabulary.weigh(split.inputs)
    rows = np.flatnonzero(weighed.any(axis=1))
    return split.take(rows), weighed[rows]


def _directions(codes):
    from zoo.search.exact import normalised

    return normalised(codes.astype(np.float32))


def _sparse(*counts):
    import scipy.sparse

    return tuple(map(scipy.sparse.csr_array, counts))


def _precision(indexed, queries, labels, query_labels):
    from zoo.evaluation import retrieval

    blocks = word_search.score_blocks(indexed, queries)
    return retrieval.precision_by_scores(blocks, labels, query_labels, AT)


def _title(name):
    way, words = WAYS[name]
    return f"{way}, {words}" if "words" in name else way


def _curve(metrics):
    return {k: metrics[f"p_at_{k}"] for k in AT if f"p_at_{k}" in metrics}
