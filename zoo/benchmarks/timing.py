"""Contenders take turns, so that whatever else the machine does meets them alike."""

import math
import statistics
import sys
import time
from collections.abc import Callable


def seconds(call: Callable) -> float:
    """What a call took."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def enough_epochs(contender: Callable[[int], float], least: float) -> int:
    """As many as take a contender at least so many seconds, at its second call."""
    contender(1)  # traces, allocates
    return max(1, math.ceil(least / contender(1)))


def take_turns(
    contenders: dict[str, Callable[[], float]], rounds: int, label: str = ""
) -> list[dict]:
    """Returns each round's answer of each contender.

    The first round warms up and does not count. With a label, a line on stderr says which
    contender is running.
    """
    answers = []
    for number in range(rounds + 1):
        answers.append({})
        for name, contender in contenders.items():
            if label:
                stage = f"round {number} of {rounds}" if number else "warming up"
                print(f"{label}: {stage}, {name}", file=sys.stderr, flush=True)
            answers[-1][name] = contender()
    return answers[1:]


def median_ratio(rounds: list[dict], above: str, below: str) -> float:
    """The median of the rounds' own ratios, which outlasts a machine that changes its pace."""
    return statistics.median(each[above] / each[below] for each in rounds)


def median(rounds: list[dict], name: str) -> float:
    """The median over the rounds of one contender's answers."""
    return statistics.median(each[name] for each in rounds)
