"""Describes the hardware that a measurement is made on."""

import os
import platform
import re
import sys
from pathlib import Path

from zoo.inputs.parallel import cores


def described() -> dict:
    """Returns the hardware and system, TensorFlow's threads, and the load.

    Returns:
        A dict: `processor`, `cores`, `system`, `threads`, and where the system knows them
        `memory_gb` and `load`.

    Example:

    >>> described()["cores"] == cores()
    True
    """
    facts = {
        "processor": _processor(),
        "cores": cores(),
        "system": platform.system(),
        "threads": threads(),
    }
    if hasattr(os, "sysconf"):
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        facts |= {"memory_gb": round(memory / 1e9, 1), "load": round(os.getloadavg()[0], 1)}
    return facts


def warn_if_busy() -> None:
    """Prints a warning to stderr if other work uses more than half of the cores.

    Contenders that share the cores with other work wait for it in different ways.

    Example:

    >>> warn_if_busy()
    """
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > 0.5 * cores():
        load = os.getloadavg()[0]
        print(
            f"warning: the machine is busy, with a load of {load:.1f} on {cores()} cores",
            file=sys.stderr,
        )


def threads() -> int:
    """Returns the number of threads that TensorFlow uses for one operation.

    Returns:
        An integer.

    Example:

    >>> threads() >= 1
    True
    """
    import tensorflow as tf

    return tf.config.threading.get_intra_op_parallelism_threads() or cores()


def _processor():
    path = Path("/proc/cpuinfo")
    if path.exists():
        match = re.search(r"model name\s*:\s*(.+)", path.read_text())
        if match:
            return match[1]
    return platform.processor() or platform.machine()
