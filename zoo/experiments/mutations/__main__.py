"""Changes thousands of files and requests, and records what came of each kind.

The command

    python -m zoo.experiments.mutations 12000 8000

changes 12,000 files, in processes of their own, and 8,000 requests to `zoo serve`, and appends a
line to `results/mutations.jsonl`. A fault is anything but the same numbers, an error of ours or a
4xx: another exception, a process that dies or hangs, other numbers, a file outside the folder.
"""

import collections
import json
import queue
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from zoo.experiments import results
from zoo.experiments.mutations import formats
from zoo.experiments.servers import processes

CHUNK = 500  # changes of files by one process, whose memory grows with each model that it opens
PATIENCE = 120  # seconds until a change that is not opened counts as one that hangs
SEED = 17


def measure(files: int, requests: int, folder=None, seed: int = SEED) -> dict:
    """Changes files and requests, and records what came of them.

    Args:
        files: Integer. Number of files to change.
        requests: Integer. Number of requests to change.
        folder: String or `Path`. The folder of `mutations.jsonl`. Defaults to None, the package's.
        seed: Integer. Defaults to 17.

    Returns:
        The line of `mutations.jsonl`: `outcomes` by what was changed, `kinds` by kind of change,
        and the `faults` with what was shown.

    Example:

    >>> measure(100, 100, folder=".")  # doctest: +SKIP
    """
    results.require_writable("mutations", folder)
    with tempfile.TemporaryDirectory() as work:
        good = Path(work) / "good"
        good.mkdir()
        formats.write(good)
        found, memory = _of_files(good, Path(work), files, seed)
        found += _of_requests(good, requests, seed)
    outcomes = {target: collections.Counter() for target in sorted({x["target"] for x in found})}
    for each in found:
        outcomes[each["target"]][each["outcome"]] += 1
    faults = [each for each in found if each["outcome"] == "fault"]
    return results.append(
        "mutations", folder, seed=seed, changes=len(found), value=len(faults),
        outcomes={target: dict(counts) for target, counts in outcomes.items()},
        kinds=dict(collections.Counter(each["kind"] for each in found)),
        faults=faults[:20], memory_mb=memory,
    )  # fmt: skip


def _of_files(good, work, count, seed):
    """Returns what came of the changes of files, and the largest memory of a process."""
    found, memory = [], 0
    while len(found) < count:
        last = min(count, len(found) - len(found) % CHUNK + CHUNK)
        with tempfile.TemporaryDirectory(dir=work) as sandbox:
            came, used = _chunk(good, Path(sandbox), seed, len(found), last)
        found, memory = found + came, max(memory, used)
        print(f"{len(found)} of {count} files", file=sys.stderr, flush=True)
    return found, memory


def _chunk(good, sandbox, seed, first, last):
    """Returns what came of some changes, until the process ends or hangs, and its memory."""
    command = [sys.executable, "-m", "zoo.experiments.mutations.worker", good, sandbox, seed]
    process = subprocess.Popen(
        [*map(str, command), str(first), str(last)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    lines, found, target, memory = queue.Queue(), [], "", 0
    threading.Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=PATIENCE)
        except queue.Empty:
            process.kill()
            line = None
        if line is None:
            break
        facts = json.loads(line)
        memory = facts.get("memory_mb", memory)
        if "outcome" in facts:
            found.append({"target": target} | facts)
        target = facts.get("target", target)
    code = process.wait()
    if code:  # while the change that is not among those found was opened
        shown = f"the process ended with {code}"
        number = first + len(found)
        found.append({"number": number, "target": target, "kind": "", "outcome": "fault",
                      "shown": shown})  # fmt: skip
    return found, memory


def _read(stream, lines):
    for line in stream:
        lines.put(line)
    lines.put(None)


def _of_requests(good, count, seed):
    import grpc

    from zoo.experiments.mutations.requests import Requests

    models = {name: good / name for name in ("bundle", "texts")}
    with (
        processes.zoo_serve(models, "--timeout", "2") as (http, address),
        grpc.insecure_channel(address) as channel,
    ):
        return Requests(http, channel, good).run(count, seed)


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:3]), *sys.argv[3:4]), indent=1))
