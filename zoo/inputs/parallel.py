"""Computes results in threads, in order."""

import collections
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

AHEAD = 16  # items for each thread that wait for a thread, or whose results wait to be taken


def cores() -> int:
    """Returns the number of cores that this process may use.

    Returns:
        An integer.

    Example:

    >>> cores() >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def in_threads(function: Callable, items: Iterable) -> Iterator:
    """Yields the results of a function for items in their order, computed by a thread a core.

    Threads help where the function spends its time outside of Python, as Pillow does. Few results
    are held at a time, however many items there are.

    Args:
        function: Callable of an item. It may be called by several threads at once.
        items: Iterable.

    Yields:
        The result for each item.

    Example:

    >>> list(in_threads(abs, [3, -1, -2]))
    [3, 1, 2]
    """
    count = cores()
    with ThreadPoolExecutor(count) as threads:
        pending = collections.deque()
        try:
            for item in items:
                if len(pending) == AHEAD * count:
                    yield pending.popleft().result()
                pending.append(threads.submit(function, item))
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
