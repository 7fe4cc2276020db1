"""`zoo.search.Index`: the codes of many rows, and those nearest to the codes of others."""

import os
import threading
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from zoo import arrays, untrusted
from zoo.arguments import positive_integer
from zoo.errors import UsageError, no_such
from zoo.search import encoders, files
from zoo.search.graph import Graph, require_faiss
from zoo.search.ids import as_array, checked
from zoo.search.nearest import METRICS, Exact, nearest, normalised
from zoo.serving import Bundle


def require(metric: str, approximate: bool) -> None:
    """Raises now, rather than after long encoding, what an `Index` raises of these arguments."""
    if metric not in METRICS:
        raise no_such("metric", metric, list(METRICS))
    if approximate:
        require_faiss()


class Index:
    """Codes by the ids of their rows, made by one encoder and asked through the same.

    Of a model that remembers switches only the latent is indexed. A code that is a map counts as
    its numbers in a row. Several threads may add, delete and query at once.

    Args:
        model: a `Bundle` that `zoo.load` gave, or an `AutoEncoder`.
        codes: what its `encode` gave, `(rows, ...)`; 0 rows are allowed.
        ids: an integer or a string for each row; by default the row numbers.
        metric: `"l2"`, the Euclidean distance, or `"cosine"`, 1 minus the cosine.
        approximate: search a graph of neighbours instead of every code; needs faiss. It is built
            at the first query, and again at the first one after `delete`.

    Attributes:
        model, metric, approximate: as given.
        ids: of the rows, int64 or strings.
        codes: float32, `(rows, numbers)`; by cosine at unit length.

    Raises:
        UsageError: for another model, metric, or ids that are not one for each row, each once.
        MissingExtraError: to search approximately where faiss is not installed.
    """

    def __init__(self, model, codes: ArrayLike, ids=None, metric="l2", approximate=False):
        require(metric, approximate)
        self.model, self.metric, self.approximate = encoders.required(model), metric, approximate
        self._made_by, self._searcher = model.encoder_hash, None
        self._lock = threading.RLock()  # held while ids, codes and searcher are read or changed
        self.codes = self._flat(codes)
        self.ids = checked(ids, len(self.codes), np.empty(0, np.int64), {})

    @classmethod
    def build(cls, model, inputs: ArrayLike, ids=None, *, metric="l2", approximate=False):
        """Encodes `inputs`, `(rows, *input_shape)`, and indexes them; the rest is the class's."""
        return cls(encoders.required(model), model.encode(inputs), ids, metric, approximate)

    def __len__(self):
        return len(self.ids)

    def __repr__(self):
        how = "approximate" if self.approximate else "exact"
        return f"<zoo.search.Index of {len(self)} codes of {self.codes.shape[1]}, {how}>"

    def query(self, inputs: ArrayLike, k: int = 10) -> tuple[np.ndarray, np.ndarray]:
        """The k nearest rows of each input, nearest first.

        Args:
            inputs: `(queries, *input_shape)`, of what the model takes; 0 queries are allowed.
            k: at most the index's rows.

        Returns:
            Their ids, int64 or strings, and distances, float64, both `(queries, k)`. Those
            equally near are in the order they were added.

        Raises:
            UsageError: if the index is empty or has fewer rows than k, for inputs that the model
                does not take, and if the model was trained on since.
        """
        self._require_rows(k)
        queries = self._encoded(inputs)
        with self._lock:
            self._require_rows(k)
            rows, distances = nearest(self._search(), self.codes, queries, k, self.metric)
            if (rows < 0).any():  # the graph's walk ended early
                exact = Exact(self.codes, self.metric)
                rows, distances = nearest(exact, self.codes, queries, k, self.metric)
            return self.ids[rows], distances

    def add(self, inputs: ArrayLike, ids=None) -> None:
        """Adds rows; without ids, those after the highest so far.

        Raises:
            UsageError: for inputs that the model does not take, and ids that are not new.
        """
        codes = self._encoded(inputs)
        with self._lock:
            new = checked(ids, len(codes), self.ids, self._rows_by_id())
            self.ids = np.concatenate([self.ids, new]) if len(self) else new
            self.codes = np.concatenate([self.codes, codes])
            if isinstance(self._searcher, Graph):
                self._searcher.add(codes)
            else:
                self._searcher = None

    def delete(self, ids) -> None:
        """Takes rows out by their ids; one that is not there is an error, and nothing is done."""
        ids = as_array([ids] if isinstance(ids, (str, int, np.integer)) else ids).tolist()
        with self._lock:
            known = self._rows_by_id()
            missing = [each for each in ids if each not in known]
            if missing:
                raise UsageError(
                    f"`ids` must be in the index. Received: {missing[0]!r}, which is not."
                )
            rows = [known[each] for each in ids]
            self.ids, self.codes = np.delete(self.ids, rows), np.delete(self.codes, rows, axis=0)
            self._searcher = None

    def save(self, path: str | Path | None = None) -> Path:
        """Writes one file, whole or not at all; by default beside the bundle, as `FOLDER.index`.

        It holds the codes, the ids, the graph of an approximate index, the hash of the encoder,
        and the sha256 of all that. The bundle's folder stands in it as seen from the file.
        """
        folder = self.model.folder if isinstance(self.model, Bundle) else None
        if path is None and folder is None:
            raise UsageError("`path` must be a file, as this model has no folder. Received: None.")
        path = Path(path or encoders.index_path(folder))
        with self._lock:
            strings = self.ids.dtype == object
            tensors = {
                "codes": np.ascontiguousarray(self.codes),
                "ids": files.as_bytes(self.ids.tolist()) if strings else self.ids,
            }
            if self.approximate:
                tensors["graph"] = self._search().kept()
        return files.write(path, tensors, {
            "metric": self.metric,
            "approximate": self.approximate,
            "encoder": self._made_by,
            "folder": folder and os.path.relpath(folder, path.resolve().parent),
        })  # fmt: skip

    @classmethod
    def load(cls, path: str | Path, model=None) -> "Index":
        """Opens a file that `save` wrote.

        Args:
            path: of the file.
            model: what made the index; by default the exported model it was made by, where that
                still lies as it did from the file.

        Raises:
            UsageError: if there is no such file, it is no index, or another encoder made it.
            CheckFailedError: if it is damaged.
            MissingExtraError: if it is approximate, and faiss is not installed.
        """
        tensors, notes = files.read(path)
        model = encoders.maker(path, notes["folder"]) if model is None else model
        ids = tensors["ids"]
        ids = files.from_bytes(ids, path, [str]) if ids.dtype == np.uint8 else ids
        with untrusted.guard(path, "a whole index"):
            index = cls(model, tensors["codes"], ids, notes["metric"], notes["approximate"])
        if notes["encoder"] != index._made_by:
            raise UsageError(
                f"{path} was made by another encoder, of hash {notes['encoder'][:12]}, than this "
                f"one, of hash {index._made_by[:12]}: their codes cannot be compared. Query "
                "through that one, or index again through this one."
            )
        index.codes = tensors["codes"]  # bit by bit, of unit length already
        if notes["approximate"]:
            index._searcher = Graph(index.codes, tensors["graph"])
        return index

    def __getstate__(self):
        return {key: value for key, value in self.__dict__.items() if key != "_lock"}

    def __setstate__(self, state):
        self.__dict__.update(state, _lock=threading.RLock())

    def _require_rows(self, k):
        if not len(self):
            raise UsageError("The index is empty: add rows to it first.")
        if positive_integer("k", k) > len(self):
            raise UsageError(
                f"`k` must be at most {len(self)}, the rows of the index. Received: k={k}."
            )

    def _encoded(self, inputs):
        if self.model.encoder_hash != self._made_by:
            raise UsageError(
                "The model was trained on since it made this index: its codes have changed. "
                "Build the index again."
            )
        codes = self._flat(self.model.encode(inputs))
        if codes.shape[1] != self.codes.shape[1]:
            raise UsageError(
                f"The index must hold codes of {codes.shape[1]} numbers, as its model's. "
                f"Received: {self.codes.shape[1]}."
            )
        return codes

    def _flat(self, codes):
        codes = np.asarray(codes)
        numbers = int(np.prod(codes.shape[1:]))
        codes = arrays.check(codes.reshape(len(codes), numbers), (numbers,), None, "codes")
        return normalised(codes) if self.metric == "cosine" else codes

    def _search(self):
        if self._searcher is None:
            graph = self.approximate
            self._searcher = Graph(self.codes) if graph else Exact(self.codes, self.metric)
        return self._searcher

    def _rows_by_id(self):
        return {each: row for row, each in enumerate(self.ids.tolist())}
