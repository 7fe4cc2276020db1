"""Contenders take turns, so that whatever else the machine does meets them alike."""

import math
import statistics
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


def take_turns(contenders: dict[str, Callable[[], float]], rounds: int) -> list[dict]:
    """Each round's answer of each contender; the first round warms up and does not count."""
    answers = [{name: each() for name, each in contenders.items()} for _ in range(rounds + 1)]
    return answers[1:]


def median_ratio(rounds: list[dict], above: str, below: str) -> float:
    """The median of the rounds' own ratios, which outlasts a machine that changes its pace."""
    return statistics.median(each[above] / each[below] for each in rounds)


def median(rounds: list[dict], name: str) -> float:
    """The median over the rounds of one contender's answers."""
    return statistics.median(each[name] for each in rounds)
