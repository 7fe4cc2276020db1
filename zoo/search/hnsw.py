"""Finds the nearest codes approximately, with faiss's layered graph of neighbours (HNSW)."""

import numpy as np

from zoo.errors import CheckFailedError
from zoo.search import hnsw_bytes
from zoo.storage import untrusted

LINKS = 32  # of a code to others in the same layer
BUILDING = 80  # candidates kept while a code is linked
SEARCHING = 128  # least number of candidates kept in a search


class Graph:
    """Graph of neighbouring codes, for an approximate search (Malkov & Yashunin, 2018).

    Args:
        codes: Float32 array of shape `(rows, numbers)`.
        kept: Uint8 array that `Graph.kept` returned for these codes. Defaults to None, to build the
            graph.

    Raises:
        MissingExtraError: If faiss is not installed.
        CheckFailedError: If `kept` is not a graph of these codes, or this faiss cannot read it.

    Example:

    >>> codes = np.random.default_rng(0).random((100, 4), "float32")
    >>> graph = Graph(codes)
    >>> rows = graph.candidates(codes[:2], k=3)
    >>> rows.shape, rows[:, 0].tolist()
    ((2, 100), [0, 1])
    >>> graph.add(codes)
    >>> Graph(np.concatenate([codes, codes]), graph.kept()).candidates(codes[:2], k=3).shape
    (2, 128)
    """

    def __init__(self, codes, kept=None):
        faiss = require_faiss()
        if kept is None:
            self._index = faiss.IndexHNSWFlat(codes.shape[1], LINKS)
            self._index.hnsw.efConstruction = BUILDING
            self.add(codes)
            return
        template = faiss.serialize_index(faiss.IndexHNSWFlat(codes.shape[1], LINKS))
        try:
            hnsw_bytes.require(kept, template, codes)
            self._index = faiss.deserialize_index(kept)
        except Exception as error:  # for arbitrary bytes faiss may raise any error
            raise CheckFailedError(
                f"This faiss, {faiss.__version__}, cannot read the graph in the index, because "
                f"{untrusted.reason(error)}: build the index again."
            ) from None

    def add(self, codes) -> None:
        """Links further codes.

        Args:
            codes: Float32 array of shape `(rows, numbers)`.
        """
        self._index.add(np.ascontiguousarray(codes))

    def candidates(self, queries, k: int) -> np.ndarray:
        """Returns rows that are near to queries.

        Args:
            queries: Float32 array of shape `(queries, numbers)`.
            k: Integer. The number of nearest rows wanted.

        Returns:
            Int64 array of shape `(queries, candidates)`, with at least k candidates if the graph
            has k codes, and -1 where the walk found no more.
        """
        count = min(max(SEARCHING, 2 * k), self._index.ntotal)
        self._index.hnsw.efSearch = count
        _, rows = self._index.search(np.ascontiguousarray(queries), count)
        return rows

    def kept(self) -> np.ndarray:
        """Returns the graph as bytes.

        Returns:
            Uint8 array, from which `Graph(codes, kept)` restores the graph.
        """
        return require_faiss().serialize_index(self._index)


def require_faiss():
    """Returns the module faiss.

    Returns:
        The module.

    Raises:
        MissingExtraError: If faiss is not installed.

    Example:

    >>> require_faiss().__name__
    'faiss'
    """
    import faiss

    return faiss
