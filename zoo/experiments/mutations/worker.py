"""Changes and opens files in a process of its own: GOOD SANDBOX SEED FIRST LAST.

Prints a line of JSON before each change, and one after it with what came of it.
"""

import json
import os
import resource
import sys
import traceback
import warnings
from pathlib import Path

import numpy as np

from zoo.experiments.mutations import files

FOLDERS = ("work", "home", "here", "temporary")  # of the sandbox; only the first may change


def main(good, sandbox, seed, first, last):
    """Prints the outcome of each change from `first` up to `last`.

    Args:
        good: String. The folder that `formats.write` wrote to.
        sandbox: String. A folder for the changed files.
        seed: String of an integer.
        first: String of an integer. Number of the first change.
        last: String of an integer. Number of the change after the last.
    """
    say = _speaker()
    good, sandbox = Path(good).resolve(), Path(sandbox).resolve()
    for name in FOLDERS:
        (sandbox / name).mkdir(exist_ok=True)
    os.chdir(sandbox / "here")
    warnings.simplefilter("ignore")  # a changed file may well be warned of
    for number in range(int(first), int(last)):
        target = files.TARGETS[number % len(files.TARGETS)]
        say(number=number, target="/".join(target))
        random = np.random.default_rng([int(seed), number])
        before = _others(sandbox)
        try:
            kind, outcome = files.change(target, good, sandbox / "work", random)
        except Exception as error:  # of any kind: it is what is looked for
            shown = "".join(traceback.format_exception_only(error))  # without the machine's paths
            say(number=number, kind="", outcome="fault", shown=shown)
            continue
        if outcome == "other" and target not in files.MAY_DIFFER:
            outcome = "fault"
        if _others(sandbox) != before:
            outcome = "fault"
        say(number=number, kind=kind, outcome=outcome)
    say(memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000)


def _others(sandbox):
    """Returns the files of the sandbox outside the folder of the changed files."""
    tops = sorted(path.name for path in sandbox.iterdir())
    others = [path for name in FOLDERS[1:] for path in sorted((sandbox / name).rglob("*"))]
    return tops, others


def _speaker():
    """Returns a function that prints facts to stdout, where nothing else is printed from now on."""
    stdout = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(**facts):
        print(json.dumps(facts), file=stdout, flush=True)

    return say


if __name__ == "__main__":
    main(*sys.argv[1:])
