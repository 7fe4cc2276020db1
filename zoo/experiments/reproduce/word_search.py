"""Searches documents by their words, with TF-IDF and BM25 on sparse counts, and times a search."""

import statistics
import time

import numpy as np
import scipy.sparse

from zoo.inputs.vocabulary import is_informative
from zoo.inputs.words import words_of

K1, B = 1.2, 0.75  # the usual parameters of BM25 (Robertson & Zaragoza, 2009)
TIMED = 200  # the largest number of queries that are timed


def count_all(texts, queries):
    """Returns sparse counts of every word that could be in a vocabulary.

    Stop words, numbers and words of one character are left out, as in `Vocabulary`: with
    them BM25 is less precise if a query is a whole text.

    Args:
        texts: List of strings. The indexed texts, whose words are counted.
        queries: List of strings. Their words that occur in no indexed text are left out.

    Returns:
        A pair of sparse float32 matrices: the counts of the texts, `(texts, words)`, and of the
        queries, `(queries, words)`.

    Example:

    >>> [counts.shape for counts in count_all(["cats chase mice", "dogs bark"], ["cats bark"])]
    [(2, 5), (1, 5)]
    """
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = CountVectorizer(analyzer=_informative_words, dtype=np.float32)
    return vectorizer.fit_transform(texts), vectorizer.transform(queries)


def _informative_words(text):
    return filter(is_informative, words_of(text))


def tf_idf(counts, queries):
    """Returns documents and queries of unit length, whose inner products are their cosines.

    The weight of a word is (1 + the logarithm of its count) times its inverse document frequency,
    as in `Vocabulary`.

    Args:
        counts: Array or sparse matrix of shape `(rows, words)`. Word counts of the documents.
        queries: Array or sparse matrix of shape `(queries, words)`. Word counts of the queries.

    Returns:
        A pair of sparse matrices, of the same shapes.

    Example:

    >>> documents, queries = tf_idf(*count_all(["cats chase mice", "dogs bark"], ["cats chase"]))
    >>> (queries @ documents.T).toarray().round(2)
    array([[0.82, 0.  ]], dtype=float32)
    """
    from sklearn.feature_extraction.text import TfidfTransformer

    weighting = TfidfTransformer(sublinear_tf=True).fit(counts)
    return weighting.transform(counts), weighting.transform(queries)


def bm25(counts, queries):
    """Returns documents and queries whose inner products are the scores of BM25.

    Args:
        counts: Sparse matrix of shape `(rows, words)`. Word counts of the documents.
        queries: Sparse matrix of shape `(queries, words)`. Word counts of the queries.

    Returns:
        A pair of sparse arrays, of the same shapes.

    Example:

    >>> documents, queries = bm25(*count_all(["cats chase mice", "dogs bark"], ["cats chase"]))
    >>> (queries @ documents.T).toarray().round(2)
    array([[1.28, 0.  ]], dtype=float32)
    """
    scored = scipy.sparse.coo_array(counts, copy=True)
    length = counts.sum(axis=1)
    length = np.asarray(length).ravel() / length.mean()
    document_counts = np.bincount(scored.col, minlength=counts.shape[1])
    idf = np.log1p((counts.shape[0] - document_counts + 0.5) / (document_counts + 0.5))
    saturation = scored.data + K1 * (1 - B + B * length[scored.row])
    scored.data = idf[scored.col] * scored.data * (K1 + 1) / saturation
    return scipy.sparse.csr_array(scored, dtype=np.float32), scipy.sparse.csr_array(queries)


def score_blocks(indexed, queries, size=256):
    """Yields minus the inner products of queries with indexed rows, block by block.

    Args:
        indexed: Array or sparse matrix of shape `(rows, numbers)`.
        queries: Array or sparse matrix of shape `(queries, numbers)`.
        size: Integer. Number of queries in a block. Defaults to 256.

    Returns:
        An iterator of arrays of shape `(size, rows)`; the smaller a score, the nearer the row.

    Example:

    >>> next(score_blocks(np.eye(2), np.array([[1.0, 2.0]])))
    array([[-1., -2.]])
    """
    for start in range(0, queries.shape[0], size):
        scores = queries[start : start + size] @ indexed.T
        yield -(scores.toarray() if scipy.sparse.issparse(scores) else scores)


def bytes_of(indexed) -> float:
    """Returns the mean number of bytes of an indexed row.

    Args:
        indexed: Array or sparse matrix of shape `(rows, numbers)`. For a sparse one the positions
            of the numbers count too.

    Returns:
        A float.

    Example:

    >>> bytes_of(np.zeros((5, 10), np.float32))
    40.0
    """
    if scipy.sparse.issparse(indexed):
        return (indexed.data.nbytes + indexed.indices.nbytes) / indexed.shape[0]
    return indexed.nbytes / len(indexed)


def search_milliseconds(indexed, queries, k=10) -> float:
    """Returns the median time of a search for the nearest rows of one query, on one thread.

    Args:
        indexed: Array or sparse matrix of shape `(rows, numbers)`, whose inner products with a
            query rank the rows. A sparse one is searched word by word, by an inverted index.
        queries: Array or sparse matrix of shape `(queries, numbers)`. At most 200 are timed.
        k: Integer. Number of rows to find. Defaults to 10.

    Returns:
        A float, in milliseconds.

    Example:

    >>> x = np.random.default_rng(0).random((100, 8), np.float32)
    >>> search_milliseconds(x, x[:3]) > 0
    True
    """
    from threadpoolctl import threadpool_limits

    sparse, times = scipy.sparse.issparse(indexed), []
    columns = indexed.T.tocsr() if sparse else np.ascontiguousarray(indexed.T)
    with threadpool_limits(1):
        for row in range(min(TIMED, queries.shape[0])):
            query = queries[[row]]
            started = time.perf_counter()
            scores = query @ columns
            scores = (scores.toarray() if sparse else scores)[0]
            nearest = np.argpartition(-scores, k)[:k]
            nearest[np.argsort(-scores[nearest])]
            times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)
