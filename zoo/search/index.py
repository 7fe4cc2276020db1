"""`zoo.search.Index`: the latent codes of many rows, searched for the nearest ones."""

import os
import threading
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from zoo.errors import UsageError, no_such
from zoo.inputs import arrays
from zoo.inputs.arguments import positive_integer
from zoo.search import encoder, index_file
from zoo.search.exact import METRICS, Exact, nearest, normalised
from zoo.search.hnsw import Graph, require_faiss
from zoo.search.ids import as_array, checked
from zoo.serving import Bundle
from zoo.storage import file_errors, untrusted


def require(metric: str, approximate: bool) -> None:
    """Raises the errors that `Index` would raise for these arguments, before a long encoding.

    Args:
        metric: String. `"l2"` or `"cosine"`.
        approximate: Boolean. Whether to search approximately.

    Raises:
        UsageError: If there is no such metric.
        MissingExtraError: If `approximate` is true and faiss is not installed.

    Example:

    >>> require("l2", approximate=False)
    """
    if metric not in METRICS:
        raise no_such("metric", metric, list(METRICS))
    if approximate:
        require_faiss()


class Index:
    """An index of latent codes by the ids of their rows, made and queried with the same encoder.

    For a model with switches, only the latent code is indexed. A code that is a feature map is
    flattened. Several threads may add, delete and query at the same time.

    Args:
        model: `Bundle` from `zoo.load`, or `AutoEncoder`.
        codes: Array of shape `(rows, ...)`, as the model's `encode` returns it. May have 0 rows.
        ids: Sequence with an integer or a string for each row. Defaults to the row numbers.
        metric: String. `"l2"` for the Euclidean distance, or `"cosine"` for 1 minus the cosine.
            Defaults to `"l2"`.
        approximate: Boolean. Whether to search a graph of neighbours instead of every code, which
            needs faiss. The graph is built at the first query, and again at the first one after
            `delete`. Defaults to False.

    Attributes:
        model, metric, approximate: The arguments.
        ids: Array of the rows' ids, int64 or strings (objects).
        codes: Float32 array of shape `(rows, numbers)`, of unit length for `"cosine"`.

    Raises:
        UsageError: If the model or the metric is not accepted, or the ids are not unique or not one
            for each row.
        MissingExtraError: If `approximate` is true and faiss is not installed.

    Example:

    >>> model = zoo.build("linear_ae", input_shape=(4, 4, 1), latent_dim=2)
    >>> images = np.random.default_rng(0).random((10, 4, 4, 1), "float32")
    >>> index = zoo.search.Index.build(model, images)
    >>> index
    <zoo.search.Index of 10 codes of 2, exact>
    >>> ids, distances = index.query(images[:2], k=3)
    >>> distances.shape, ids[:, 0].tolist()
    ((2, 3), [0, 1])
    >>> index.add(images[:1], ids=[99])
    >>> index.delete([0, 1])
    >>> int(index.query(images[:1], k=1)[0][0, 0])
    99
    >>> len(zoo.search.Index.load(index.save("images.index"), model))
    9
    """

    def __init__(self, model, codes: ArrayLike, ids=None, metric="l2", approximate=False):
        require(metric, approximate)
        self.model, self.metric, self.approximate = encoder.required(model), metric, approximate
        self._encoder_hash, self._searcher = model.encoder_hash, None
        self._lock = threading.RLock()  # held while ids, codes and searcher are read or changed
        self.codes = self._flat(codes)
        self.ids = checked(ids, len(self.codes), np.empty(0, np.int64), {})

    @classmethod
    def build(cls, model, inputs: ArrayLike, ids=None, *, metric="l2", approximate=False):
        """Encodes inputs and returns an index of their codes.

        Args:
            model: `Bundle` from `zoo.load`, or `AutoEncoder`.
            inputs: Array of shape `(rows, *input_shape)`, as the model takes it.
            ids: Sequence with an integer or a string for each row. Defaults to the row numbers.
            metric: String. `"l2"` or `"cosine"`. Defaults to `"l2"`.
            approximate: Boolean. Whether to search a graph of neighbours. Defaults to False.

        Returns:
            An `Index`.

        Raises:
            UsageError: If the model does not take the inputs, or for the reasons of the class.
            MissingExtraError: If `approximate` is true and faiss is not installed.
        """
        return cls(encoder.required(model), model.encode(inputs), ids, metric, approximate)

    def __len__(self):
        return len(self.ids)

    def __repr__(self):
        mode = "approximate" if self.approximate else "exact"
        return f"<zoo.search.Index of {len(self)} codes of {self.codes.shape[1]}, {mode}>"

    def query(self, inputs: ArrayLike, k: int = 10) -> tuple[np.ndarray, np.ndarray]:
        """Returns the k nearest rows of each input, nearest first.

        Args:
            inputs: Array of shape `(queries, *input_shape)`, as the model takes it. May have 0
                rows.
            k: Integer. The number of rows, at most those of the index. Defaults to 10.

        Returns:
            A tuple of the rows' ids, int64 or strings, and their distances, float64, both of shape
            `(queries, k)`. Rows at the same distance are in the order in which they were added.

        Raises:
            UsageError: If the index is empty or has fewer than k rows, the model does not take the
                inputs, or it was trained further after it made the index.
        """
        self._require_rows(k)
        queries = self._encoded(inputs)
        with self._lock:
            self._require_rows(k)
            rows, distances = nearest(self._search(), self.codes, queries, k, self.metric)
            if (rows < 0).any():  # the walk of the graph found fewer than k rows
                exact = Exact(self.codes, self.metric)
                rows, distances = nearest(exact, self.codes, queries, k, self.metric)
            return self.ids[rows], distances

    def add(self, inputs: ArrayLike, ids=None) -> None:
        """Adds rows.

        Args:
            inputs: Array of shape `(rows, *input_shape)`, as the model takes it.
            ids: Sequence with an integer or a string for each row. Defaults to the numbers after
                the largest id so far.

        Raises:
            UsageError: If the model does not take the inputs or was trained further after it made
                the index, or an id is not new.
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
        """Deletes rows by their ids, all of them or, if an id is not in the index, none.

        Args:
            ids: Integer, string, or sequence of them.

        Raises:
            UsageError: If an id is not in the index.
        """
        ids = as_array([ids] if isinstance(ids, (str, int, np.integer)) else ids).tolist()
        with self._lock:
            known = self._rows_by_id()
            missing = [row_id for row_id in ids if row_id not in known]
            if missing:
                raise UsageError(
                    f"`ids` must be in the index. Received: {missing[0]!r}, which is not."
                )
            rows = [known[row_id] for row_id in ids]
            self.ids, self.codes = np.delete(self.ids, rows), np.delete(self.codes, rows, axis=0)
            self._searcher = None

    def save(self, path: str | Path | None = None) -> Path:
        """Writes the index to one file, whole or not at all.

        The file holds the codes, the ids, the graph of an approximate index, the hash of the
        encoder, the path of the bundle's folder relative to the file, and the SHA-256 of all of it.

        Args:
            path: String or path of the file. Defaults to `FOLDER.index` beside the bundle's folder.

        Returns:
            Path of the file.

        Raises:
            UsageError: If there is no path and the model has no folder, or another file is there.
        """
        folder = self.model.folder if isinstance(self.model, Bundle) else None
        if path is None and folder is None:
            raise UsageError(
                "`path` must be a file, because this model has no folder. Received: None."
            )
        path = file_errors.as_path("path", path or index_file.index_path(folder))
        with self._lock:
            strings = self.ids.dtype == object
            tensors = {
                "codes": np.ascontiguousarray(self.codes),
                "ids": index_file.as_bytes(self.ids.tolist()) if strings else self.ids,
            }
            if self.approximate:
                tensors["graph"] = self._search().kept()
        return index_file.write(path, tensors, {
            "metric": self.metric,
            "approximate": self.approximate,
            "encoder": self._encoder_hash,
            "folder": folder and os.path.relpath(folder, path.resolve().parent),
        })  # fmt: skip

    @classmethod
    def load(cls, path: str | Path, model=None) -> "Index":
        """Opens an index that `save` wrote.

        Args:
            path: String or path of the file.
            model: `Bundle` or `AutoEncoder` that made the index. Defaults to the exported model
                that made it, if it is still at the same place relative to the file.

        Returns:
            An `Index`.

        Raises:
            UsageError: If there is no such file, it is not an index, or another encoder made it.
            CheckFailedError: If it is damaged.
            MissingExtraError: If it is approximate and faiss is not installed.
        """
        tensors, notes = index_file.read(path)
        model = index_file.maker(path, notes["folder"]) if model is None else model
        ids = tensors["ids"]
        ids = index_file.from_bytes(ids, path, [str]) if ids.dtype == np.uint8 else ids
        with untrusted.guard(path, "a whole index"):
            index = cls(model, tensors["codes"], ids, notes["metric"], notes["approximate"])
        if notes["encoder"] != index._encoder_hash:
            raise UsageError(
                f"{path} was made by another encoder, of hash {notes['encoder'][:12]}, than this "
                f"one, of hash {index._encoder_hash[:12]}: their codes cannot be compared. Query "
                "with that one, or build the index again with this one."
            )
        index.codes = tensors["codes"]  # exactly as saved: normalising again could change bits
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
        if self.model.encoder_hash != self._encoder_hash:
            raise UsageError(
                "The model was trained further after it made this index: its codes have changed. "
                "Build the index again."
            )
        codes = self._flat(self.model.encode(inputs))
        if codes.shape[1] != self.codes.shape[1]:
            raise UsageError(
                f"The index must hold codes of {codes.shape[1]} numbers, like its model. "
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
        return {row_id: row for row, row_id in enumerate(self.ids.tolist())}
