"""The machine that a measurement was made on."""

import os
import platform
import re
import sys
from pathlib import Path


def described() -> dict:
    """Processor, cores, memory, system, TensorFlow's threads, and how busy it is."""
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
    """On stderr: contenders that share the cores with other work wait in unlike ways for them."""
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > 0.5 * cores():
        load = os.getloadavg()[0]
        print(f"the machine is busy: load {load:.1f} on {cores()} cores", file=sys.stderr)


def cores() -> int:
    """Those this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def threads() -> int:
    """Those TensorFlow computes one operation with."""
    import tensorflow as tf

    return tf.config.threading.get_intra_op_parallelism_threads() or cores()


def _processor():
    path = Path("/proc/cpuinfo")
    if path.exists():
        found = re.search(r"model name\s*:\s*(.+)", path.read_text())
        if found:
            return found[1]
    return platform.processor() or platform.machine()
