"""Reads finite streams of rows, and dictionaries of rows, into memory."""

import reprlib
from collections.abc import Mapping

import numpy as np

from zoo.datasets.split import Split
from zoo.errors import UsageError
from zoo.inputs import arrays, batches, kinds, numbers


def read(stream, name: str, kind: str | None = None, missing: str | None = "refuse") -> Split:
    """Returns the rows of a stream of rows or batches, with labels if it yields any.

    Args:
        stream: Iterable of rows or of batches: inputs, or (inputs, labels). A dictionary holds
            inputs under the name of their tensor.
        name: String. What the stream is, in a message.
        kind: String. As for `Split`. Defaults to None.
        missing: String. As for `Split`. Defaults to `"refuse"`.

    Raises:
        UsageError: If the stream is empty, has no end, or yields sample weights, rows of several
            sizes, or labels for some rows only.

    Example:

    >>> read(iter([np.zeros((2, 8, 8, 1)), np.ones((1, 8, 8, 1))]), "generator")
    <zoo.datasets.Split of 3 images of (8, 8, 1), no labels>
    """
    if batches.is_endless(stream):
        raise UsageError(f"A {name} must be finite: x.take(n). Received: an infinite one.")
    elements = []
    for element in stream:
        parts = batches.parts_of(element)
        if isinstance(parts[0], Mapping):
            first, kind = of_tensor(parts[0], kind)
            parts = (*batches.parts_of(first), *parts[1:])
        if len(parts) > 2:
            raise UsageError(
                f"A {name} that is loaded must yield rows or (rows, labels), without sample "
                "weights, which only `fit` and `evaluate` of a model take. Received: "
                f"{len(parts)} parts."
            )
        elements.append([np.asarray(arrays.regular(part, "rows")) for part in parts])
    if not elements:
        raise UsageError(f"A {name} must hold at least two images. Received: none.")
    first = elements[0][0]
    axes = kinds.KINDS.get(kind, kinds.IMAGES).axes if first.dtype.kind not in "OSU" else ()
    labels = elements[0][1:]  # one for each row of a batch
    batched = first.ndim > len(axes) or any(
        np.shape(each)[:1] == first.shape[:1] for each in labels
    )
    join = np.concatenate if batched and first.ndim else np.stack
    try:
        inputs, *labels = (join(column) for column in zip(*elements, strict=True))
        return Split(*numbers.scaled(inputs, kind=kind), *labels, kind=kind, missing=missing)
    except UsageError:
        raise
    except ValueError:
        raise UsageError(
            f"Images of a {name} must all have one size, and labels or none. "
            f"Received: {sorted({part[0].shape for part in elements})}."
        ) from None


def of_tensor(source: Mapping, kind: str | None) -> tuple:
    """Returns the rows of a dictionary, or the pair of rows and labels, and the rows' kind.

    Args:
        source: Mapping of rows under the name of their tensor, and of labels under `"label"`.
        kind: String, or None. The kind of rows whose tensor does not tell it.

    Raises:
        UsageError: If it has other keys.

    Example:

    >>> of_tensor({"image": "rows", "label": "labels"}, None)
    (('rows', 'labels'), 'images')
    """
    names = [name for name in source if name != "label"]
    known = kinds.of_tensor(names[0]) if len(names) == 1 else None
    if known is None:
        accepted = ", ".join(each.tensor_name for each in kinds.KINDS.values())
        raise UsageError(
            f"A dictionary must hold rows under one of the keys {accepted}, and labels under "
            f"'label' if there are any. Received: the keys {reprlib.repr(list(source))}."
        )
    rows = source[names[0]]
    kind = known.name if known.axes else kind
    return ((rows, source["label"]) if "label" in source else rows), kind
