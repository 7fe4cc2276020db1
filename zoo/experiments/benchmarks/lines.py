"""Records a measurement with the hardware it was made on."""

from zoo.experiments import results
from zoo.experiments.benchmarks import machine


def record(folder, **facts) -> dict:
    """Appends a line to `bench.jsonl`, with the hardware it was measured on.

    Args:
        folder: String or `Path`. The folder of `bench.jsonl`, or None for the package's.
        **facts: What was measured.

    Returns:
        The line, a dict.

    Raises:
        UsageError: If the file cannot be written.

    Example:

    >>> record(".", bench="fit", value=1.5)["value"]
    1.5
    """
    return results.append("bench", folder, **facts, machine=machine.described())
