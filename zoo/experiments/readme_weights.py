"""The table of the shipped weights that have two numbers, for docs/results.md."""

from zoo.weights import sets

TARGET = 0.94  # of neighbour_ae, on all 60,000 training images


def planes() -> str:
    """Returns the table of all shipped sets with a code of two numbers that are trained on MNIST.

    Returns:
        A string, Markdown.

    Example:

    >>> planes().splitlines()[0]
    '| weights | training images | accuracy of 5 nearest neighbours | squared error | seeds |'
    """
    rows = [
        "| weights | training images | accuracy of 5 nearest neighbours | squared error | seeds |",
        "|---|---|---|---|---|",
    ]
    reached = None
    for found in sets.every():
        facts = found.facts
        if facts["arguments"].get("latent_dim") != 2 or facts["data"]["name"] != "mnist":
            continue
        rows.append(
            f"| `{found.key}` | {facts['data']['train_rows']:,} | {_figure(facts, 'knn_accuracy')} "
            f"| {_figure(facts, 'sse')} | {len(facts['seeds'])} |"
        )
        if found.key == "neighbour_ae/mnist":
            reached = facts["metrics"]["knn_accuracy"] >= TARGET
    verdict = "reached" if reached else "**missed**"
    return "\n".join(rows) + f"\n\nThe aim for `neighbour_ae`, {TARGET}, is {verdict}."


def _figure(facts, name):
    deviation = facts["deviations"].get(name)
    spread = f" ± {deviation:.2g}" if deviation is not None else ""
    return f"{facts['metrics'][name]:.4g}{spread}"
