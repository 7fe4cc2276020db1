"""The table of methods of document search: the words each uses, its precision and its costs."""

import statistics

from zoo.experiments import results
from zoo.experiments.reproduce.text import WAYS

OURS = "ae_10"
NOT_MEASURED = "Not measured with this version yet: run `zoo reproduce 14`."


def documents() -> str:
    """Returns the table of methods of document search, with a sentence on those better than ours.

    The numbers are means over the results lines of row 14.

    Returns:
        A string, Markdown.

    Example:

    >>> isinstance(documents(), str)
    True
    """
    lines = _lines()
    if not lines:
        return NOT_MEASURED
    rows = [
        "| method | part of a text it sees | P@10 | bytes per document | ms per search |",
        "|---|---|---|---|---|",
    ]
    precisions, size, milliseconds = _means(lines)
    for name, (way, words) in WAYS.items():
        costs = f"{size[name]:,.0f} | {milliseconds[name]:.2g}"
        rows.append(f"| {way} | {words} | {precisions[name]:.3f} | {costs} |")
    better = [name for name in WAYS if precisions[name] > precisions[OURS]]
    if better:
        named = "; ".join(", ".join(WAYS[name]) for name in better)
        room, time = _times(size, better), _times(milliseconds, better)
        sentence = f"They need {room} times the space, and {time} times as long for a search."
        rows += ["", f"These methods find more than codes of ten numbers: {named}. {sentence}"]
    return "\n".join(rows)


def ten_numbers() -> str:
    """Returns a sentence on the costs of codes of ten numbers and of the most precise method.

    The numbers are means over the results lines of row 14.

    Returns:
        A string.

    Example:

    >>> ten_numbers().startswith("In document search, ")
    True
    """
    lines = _lines()
    if not lines:
        return NOT_MEASURED
    precisions, size, milliseconds = _means(lines)
    best = max(WAYS, key=precisions.get)
    ours, its = (
        f"{size[name]:,.0f} bytes per document and {milliseconds[name]:.2g} ms per search"
        for name in (OURS, best)
    )
    return (
        f"In document search, the advantages of ten numbers are size and speed: {ours}. "
        f"{', '.join(WAYS[best])}, finds more (P@10 {precisions[best]:.3f} instead of "
        f"{precisions[OURS]:.3f}), and needs {its}."
    )


def _lines():
    return [line for line in results.read("reproduce") if line["row"] == "14"]


def _means(lines):
    """Returns the mean precisions, bytes per document and milliseconds per search, by method."""
    figures = (
        [{name: found["p_at_10"] for name, found in line["figures"].items()} for line in lines],
        [line["bytes_a_document"] for line in lines],
        [line["search_ms"] for line in lines],
    )
    return [
        {name: statistics.mean(values[name] for values in each) for name in WAYS}
        for each in figures
    ]


def _times(costs, names):
    """Returns the range of the costs of some methods, in multiples of ours."""
    multiples = [costs[name] / costs[OURS] for name in names]
    low, high = (f"{multiple:.0f}" if multiple >= 10 else f"{multiple:.2g}" for multiple in
                 (min(multiples), max(multiples)))  # fmt: skip
    return low if low == high else f"{low} to {high}"
