"""Search of documents by their words: TF-IDF and BM25 on sparse counts, and what a search takes."""

import statistics
import time

import numpy as np
import scipy.sparse

from zoo.vocabulary import is_informative
from zoo.words import words_of

K1, B = 1.2, 0.75  # of BM25, as is usual (Robertson & Zaragoza, 2009)
TIMED = 200  # queries, at most


def count_all(texts, queries):
    """Returns sparse counts of every word that could be in a vocabulary, `(rows, words)`.

    Stop words, numbers and words of one character are left out, as in `zoo.vocabulary`: BM25 finds
    less with them where a query is a whole text.

    Args:
        texts: The indexed texts, whose words are counted.
        queries: Other texts. Those of their words that no indexed text has are left out.

    Returns:
        The counts of the texts, and of the queries.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = CountVectorizer(analyzer=_informative_words, dtype=np.float32)
    return vectorizer.fit_transform(texts), vectorizer.transform(queries)


def _informative_words(text):
    return filter(is_informative, words_of(text))


def tf_idf(counts, queries):
    """Returns documents and queries of unit length, whose inner products are their cosines.

    A word weighs (1 + the logarithm of its count) times its inverse document frequency, as in
    `zoo.vocabulary.Vocabulary`.

    Args:
        counts, queries: Counts of words, `(rows, words)`.
    """
    from sklearn.feature_extraction.text import TfidfTransformer

    weighting = TfidfTransformer(sublinear_tf=True).fit(counts)
    return weighting.transform(counts), weighting.transform(queries)


def bm25(counts, queries):
    """Returns documents and queries whose inner products are BM25's scores.

    Args:
        counts, queries: Counts of words, `(rows, words)`.
    """
    scored = scipy.sparse.coo_array(counts, copy=True)
    length = counts.sum(axis=1)
    length = np.asarray(length).ravel() / length.mean()
    having = np.bincount(scored.col, minlength=counts.shape[1])
    informative = np.log1p((counts.shape[0] - having + 0.5) / (having + 0.5))
    saturation = scored.data + K1 * (1 - B + B * length[scored.row])
    scored.data = informative[scored.col] * scored.data * (K1 + 1) / saturation
    return scipy.sparse.csr_array(scored, dtype=np.float32), scipy.sparse.csr_array(queries)


def score_blocks(indexed, queries, size=256):
    """Yields minus the inner products of queries with indexed rows, `(size, rows)` at a time."""
    for start in range(0, queries.shape[0], size):
        scores = queries[start : start + size] @ indexed.T
        yield -(scores.toarray() if scipy.sparse.issparse(scores) else scores)


def bytes_of(indexed) -> float:
    """Returns the mean bytes of an indexed row: of its numbers, where sparse with their columns."""
    if scipy.sparse.issparse(indexed):
        return (indexed.data.nbytes + indexed.indices.nbytes) / indexed.shape[0]
    return indexed.nbytes / len(indexed)


def search_milliseconds(indexed, queries, k=10) -> float:
    """Returns the median time in which the `k` nearest rows of one query are found, on one thread.

    Args:
        indexed, queries: Arrays whose inner products rank. Sparse ones are searched word by word,
            by an inverted index.
        k: How many rows are found.
    """
    from threadpoolctl import threadpool_limits

    sparse, took = scipy.sparse.issparse(indexed), []
    columns = indexed.T.tocsr() if sparse else np.ascontiguousarray(indexed.T)
    with threadpool_limits(1):
        for row in range(min(TIMED, queries.shape[0])):
            query = queries[[row]]
            started = time.perf_counter()
            scores = query @ columns
            scores = (scores.toarray() if sparse else scores)[0]
            nearest = np.argpartition(-scores, k)[:k]
            nearest[np.argsort(-scores[nearest])]
            took.append(time.perf_counter() - started)
    return 1000 * statistics.median(took)
