"""A measurement's line, with the machine it was made on."""

from zoo import results
from zoo.benchmarks import machine


def record(folder, **facts) -> dict:
    """Appends the line to `bench.jsonl`, and returns it."""
    return results.append("bench", folder, **facts, machine=machine.described())
