"""The table on the page of `zoo explore` for the documentation."""

from zoo.experiments import results


def browser_page() -> str:
    """Returns a table of the times of the page, and a sentence on the numbers that it computes.

    Returns:
        A string, Markdown.

    Example:

    >>> browser_page().startswith("| variant |")
    True
    """
    lines = results.read("browser")
    pages = {line["variant"]: line for line in lines if line["what"] == "page"}
    rows = [
        f"| `{name}` | {line['first_decode']:.0f} | {line['median']:.1f} | {line['p95']:.1f} "
        f"| {line['model_bytes'] / 1e6:.1f} |"
        for name, line in sorted(pages.items())
    ]
    head = [
        "| variant | ms to the first decode | median ms to decode and draw | 95th percentile "
        "| MB of the model |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows, *_sentences(lines, pages)])


def _sentences(lines, pages):
    parity = [line for line in lines if line["what"] == "parity"]
    sentences = []
    if pages:
        last = list(pages.values())[-1]
        sentences.append(
            f"onnxruntime-web takes {last['runtime_bytes'] / 1e6:.1f} MB. Measured in Chromium "
            f"{last['chromium']} on 2 cores, one of which computes."
        )
    if parity:
        line = parity[-1]
        sentences.append(
            f"Over {line['models']} exports, all variants in their smallest size and their modes, "
            f"the outputs of {line['runtime']} differ from those of `zoo.load` by at most "
            f"{line['value']:.1g}."
        )
    return ["", " ".join(sentences)] if sentences else []
