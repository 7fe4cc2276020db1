"""Times contenders in turns, so that other work on the computer affects all of them alike."""

import math
import statistics
import sys
import time
from collections.abc import Callable


def seconds(call: Callable) -> float:
    """Returns the seconds that a call takes.

    Args:
        call: Function without arguments.

    Returns:
        A float.

    Example:

    >>> seconds(lambda: sum(range(1000))) > 0
    True
    """
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def enough_epochs(contender: Callable[[int], float], least: float) -> int:
    """Returns the number of epochs for which a contender trains long enough.

    It is derived from the time of one epoch at the second call; the first one traces and allocates.

    Args:
        contender: Function of a number of epochs that returns the seconds that they took.
        least: Float. The shortest time, in seconds.

    Returns:
        An integer, at least 1.

    Example:

    >>> enough_epochs(lambda epochs: 0.5 * epochs, least=2.0)
    4
    """
    contender(1)  # traces, allocates
    return max(1, math.ceil(least / contender(1)))


def take_turns(
    contenders: dict[str, Callable[[], float]], rounds: int, label: str = ""
) -> list[dict]:
    """Returns the answers of contenders that take turns, round by round.

    The first round warms up and does not count.

    Args:
        contenders: Dict from the name of each contender to a function without arguments that
            returns a number.
        rounds: Integer. Number of rounds that count.
        label: String. If not empty, messages on stderr begin with it and say which contender is
            running. Defaults to `""`.

    Returns:
        A list of dicts, one for each round, from each name to the contender's answer.

    Example:

    >>> take_turns({"one": lambda: 1.0, "two": lambda: 2.0}, rounds=2)
    [{'one': 1.0, 'two': 2.0}, {'one': 1.0, 'two': 2.0}]
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
    """Returns the median of the rounds' ratios of two contenders' answers.

    Ratios within a round are not affected when the computer changes its pace between rounds.

    Args:
        rounds: List of dicts, as `take_turns` returns it.
        above: String. Name of the contender in the numerator.
        below: String. Name of the contender in the denominator.

    Returns:
        A float.

    Example:

    >>> median_ratio([{"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 4.0}], "a", "b")
    0.625
    """
    return statistics.median(answers[above] / answers[below] for answers in rounds)


def median(rounds: list[dict], name: str) -> float:
    """Returns the median over the rounds of one contender's answers.

    Args:
        rounds: List of dicts, as `take_turns` returns it.
        name: String. Name of the contender.

    Returns:
        A float.

    Example:

    >>> median([{"a": 1.0}, {"a": 3.0}], "a")
    2.0
    """
    return statistics.median(answers[name] for answers in rounds)
