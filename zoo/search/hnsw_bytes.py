"""Checks the bytes of a graph of neighbours, which may be hostile, before faiss reads them."""

import numpy as np

# faiss allocates the sizes that the bytes state, and follows every link without a check.

HEAD = 37  # bytes: the index's name, its sizes, whether it is trained, its metric
ENTRY = 20  # bytes, five integers: where to start, the highest level, and how to search


def require(data: np.ndarray, template: np.ndarray, codes: np.ndarray) -> None:
    """Raises an error if the bytes are not those of a graph over the codes.

    Args:
        data: Uint8 array, as faiss's `serialize_index` returns it for an `IndexHNSWFlat`.
        template: Uint8 array. The same for an empty index.
        codes: Float32 array of shape `(rows, numbers)`. The codes that the graph links.

    Raises:
        ValueError: If they are not.

    Example:

    >>> import faiss
    >>> codes, graph = np.eye(4, dtype="float32"), faiss.IndexHNSWFlat(4, 32)
    >>> template = faiss.serialize_index(graph)
    >>> graph.add(codes)
    >>> require(faiss.serialize_index(graph), template, codes)
    """
    rows = len(codes)
    head, levels, offsets, neighbours, entry, rest = _parts(data.tobytes())
    empty, *_, empty_rest = _parts(template.tobytes())
    counts = np.int64([rows]).tobytes()
    _require_equal("head", head[0], empty[0][:8] + counts + empty[0][16:])
    _require_equal("levels' sizes", head[1:], empty[1:])
    _require_equal("codes", rest, empty_rest[:8] + counts + empty_rest[16:HEAD]
          + np.uint64([codes.size]).tobytes() + np.ascontiguousarray(codes).tobytes())  # fmt: skip
    level_starts = np.frombuffer(head[2], np.int32)  # of each level among a code's neighbours
    if len(levels) != rows or np.any((levels < 1) | (levels >= len(level_starts))):
        raise ValueError("its levels are not those of the codes")
    if len(offsets) != rows + 1 or offsets[0] != 0 or len(neighbours) != offsets[-1]:
        raise ValueError("its neighbours are not those of the codes")
    _require_equal("neighbours' places", np.diff(offsets.astype(np.int64)), level_starts[levels])
    start, highest = np.frombuffer(entry, np.int32)[:2]
    top = levels.max(initial=0) - 1
    if highest != top or not (-1 if rows == 0 else 0) <= start < max(rows, 1):
        raise ValueError("its highest level is not that of the codes")
    if rows and levels[start] != levels.max():
        raise ValueError("it starts below its highest level")
    owner = np.repeat(np.arange(rows), np.diff(offsets.astype(np.int64)))
    position = np.arange(len(neighbours)) - offsets.astype(np.int64)[owner]
    level = np.searchsorted(level_starts, position, side="right") - 1
    linked = neighbours >= 0
    if np.any(neighbours < -1) or np.any(neighbours >= rows):
        raise ValueError("it links to codes that do not exist")
    if np.any(levels[neighbours[linked]] <= level[linked]):
        raise ValueError("it links to codes on a level that they are not on")


def _parts(data):
    """Returns head and levels' sizes, levels, offsets, neighbours, entry, and the rest."""
    position, parts = HEAD, [data[:HEAD]]
    for size in (8, 4, 4, 8, 4):  # bytes of a number
        count = int.from_bytes(data[position : position + 8], "little")
        position += 8
        if count > (len(data) - position) // size:
            raise ValueError("it is cut off")
        parts.append(data[position : position + count * size])
        position += count * size
    head, probabilities, level_starts, levels, offsets, neighbours = parts
    return (
        (head, probabilities, level_starts),
        np.frombuffer(levels, np.int32),
        np.frombuffer(offsets, np.uint64),
        np.frombuffer(neighbours, np.int32),
        data[position : position + ENTRY],
        data[position + ENTRY :],
    )


def _require_equal(what, actual, expected):
    same = (
        np.array_equal(actual, expected) if isinstance(actual, np.ndarray) else actual == expected
    )
    if not same:
        raise ValueError(f"its {what} are not those of the codes")
