"""Checks the bytes of a graph of neighbours, which may be hostile, before faiss reads them."""

import numpy as np

# faiss allocates the sizes that the bytes state, and walks to any neighbour that they name.

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
    blank, *_, blank_rest = _parts(template.tobytes())
    counts = np.int64([rows]).tobytes()
    _same("head", head[0], blank[0][:8] + counts + blank[0][16:])
    _same("levels' sizes", head[1:], blank[1:])
    _same("codes", rest, blank_rest[:8] + counts + blank_rest[16:HEAD]
          + np.uint64([codes.size]).tobytes() + np.ascontiguousarray(codes).tobytes())  # fmt: skip
    places = np.frombuffer(head[2], np.int32)  # where each level begins among a code's neighbours
    if len(levels) != rows or np.any((levels < 1) | (levels >= len(places))):
        raise ValueError("its levels are not those of the codes")
    if len(offsets) != rows + 1 or offsets[0] != 0 or len(neighbours) != offsets[-1]:
        raise ValueError("its neighbours are not those of the codes")
    _same("neighbours' places", np.diff(offsets.astype(np.int64)), places[levels])
    start, highest = np.frombuffer(entry, np.int32)[:2]
    top = levels.max(initial=0) - 1
    if highest != top or not (-1 if rows == 0 else 0) <= start < max(rows, 1):
        raise ValueError("its highest level is not that of the codes")
    if rows and levels[start] != levels.max():
        raise ValueError("it starts below its highest level")
    owner = np.repeat(np.arange(rows), np.diff(offsets.astype(np.int64)))
    place = np.arange(len(neighbours)) - offsets.astype(np.int64)[owner]
    level = np.searchsorted(places, place, side="right") - 1
    linked = neighbours >= 0
    if np.any(neighbours < -1) or np.any(neighbours >= rows):
        raise ValueError("it links to codes that are not there")
    if np.any(levels[neighbours[linked]] <= level[linked]):
        raise ValueError("it links to codes on a level that they are not on")


def _parts(data):
    """Returns head and levels' sizes, levels, offsets, neighbours, entry, and the rest."""
    place, parts = HEAD, [data[:HEAD]]
    for size in (8, 4, 4, 8, 4):  # bytes of a number
        count = int.from_bytes(data[place : place + 8], "little")
        place += 8
        if count > (len(data) - place) // size:
            raise ValueError("it is cut off")
        parts.append(data[place : place + count * size])
        place += count * size
    head, probabilities, places, levels, offsets, neighbours = parts
    return (
        (head, probabilities, places),
        np.frombuffer(levels, np.int32),
        np.frombuffer(offsets, np.uint64),
        np.frombuffer(neighbours, np.int32),
        data[place : place + ENTRY],
        data[place + ENTRY :],
    )


def _same(what, found, wanted):
    same = np.array_equal(found, wanted) if isinstance(found, np.ndarray) else found == wanted
    if not same:
        raise ValueError(f"its {what} are not those of the codes")
