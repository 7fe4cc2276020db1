"""The table of methods of document search: the words each uses, its precision and its costs."""

import statistics

from zoo.experiments import results
from zoo.experiments.reproduce.text import WAYS

OURS = "ae_10"


def documents() -> str:
    """Returns the table of methods of document search, with a sentence on those better than ours.

    The numbers are means over the results lines of row 14.

    Returns:
        A string, Markdown.

    Example:

    >>> isinstance(documents(), str)
    True
    """
    lines = [line for line in results.read("reproduce") if line["row"] == "14"]
    if not lines:
        return "Not measured with this version yet: run `zoo reproduce 14`."
    rows = [
        "| method | part of a text it sees | P@10 | bytes per document | ms per search |",
        "|---|---|---|---|---|",
    ]
    precisions, size, milliseconds = {}, {}, {}
    for name, (way, words) in WAYS.items():
        precisions[name] = statistics.mean(line["figures"][name]["p_at_10"] for line in lines)
        size[name] = statistics.mean(line["bytes_a_document"][name] for line in lines)
        milliseconds[name] = statistics.mean(line["search_ms"][name] for line in lines)
        costs = f"{size[name]:,.0f} | {milliseconds[name]:.2g}"
        rows.append(f"| {way} | {words} | {precisions[name]:.3f} | {costs} |")
    better = [name for name in WAYS if precisions[name] > precisions[OURS]]
    if better:
        named = "; ".join(", ".join(WAYS[name]) for name in better)
        room, time = _times(size, better), _times(milliseconds, better)
        sentence = f"They need {room} times the space, and {time} times as long for a search."
        rows += ["", f"These methods find more than codes of ten numbers: {named}. {sentence}"]
    return "\n".join(rows)


def _times(costs, names):
    """Returns the range of the costs of some methods, in multiples of ours."""
    multiples = [costs[name] / costs[OURS] for name in names]
    low, high = (f"{multiple:.0f}" if multiple >= 10 else f"{multiple:.2g}" for multiple in
                 (min(multiples), max(multiples)))  # fmt: skip
    return low if low == high else f"{low} to {high}"
