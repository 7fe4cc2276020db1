"""The nearest codes approximately, by faiss's graph of neighbours in layers (HNSW)."""

import numpy as np

from zoo import untrusted
from zoo.errors import CheckFailedError, MissingExtraError
from zoo.search import graph_bytes

LINKS = 32  # of a code to others in a layer
BUILDING = 80  # candidates kept while a code is linked
SEARCHING = 128  # candidates kept in a search, at least


class Graph:
    """Proposes the nearest codes by walking a graph (Malkov & Yashunin, 2018).

    Raises:
        MissingExtraError: if faiss is not installed.
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
            graph_bytes.require(kept, template, codes)
            self._index = faiss.deserialize_index(kept)
        except Exception as error:  # of bytes that may be anything
            raise CheckFailedError(
                f"This faiss, {faiss.__version__}, cannot read the graph in the index, for "
                f"{untrusted.reason(error)}: build the index again."
            ) from None

    def add(self, codes) -> None:
        """Links further codes, float32, `(rows, numbers)`."""
        self._index.add(np.ascontiguousarray(codes))

    def candidates(self, queries, k: int) -> np.ndarray:
        """Rows that are near, `(queries, k or more)`; -1 where the walk found no more."""
        most = min(max(SEARCHING, 2 * k), self._index.ntotal)
        self._index.hnsw.efSearch = most
        _, rows = self._index.search(np.ascontiguousarray(queries), most)
        return rows

    def kept(self) -> np.ndarray:
        """The graph as bytes, uint8, for `Graph(codes, kept)`."""
        return require_faiss().serialize_index(self._index)


def require_faiss():
    """The module faiss, or a `MissingExtraError`."""
    try:
        import faiss
    except ImportError:
        raise MissingExtraError("faiss, which searches approximately,", "search") from None
    return faiss
