"""Commands that are ended at random times: how many end as documented."""

import concurrent.futures
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from zoo.experiments.benchmarks.lines import record
from zoo.runs.folder import LOCK

CODES = {"SIGINT": 130, "SIGTERM": 143}
EARLIEST = 0.4  # seconds after the start; before, Python itself decides how the process ends
COMMANDS = (
    "train vae few.npy widths=[8] --epochs 30 --batch-size 2 --folder trained",
    "finetune run few.npz --epochs 20 --folder tuned",
    "export run exported",
    "search index bundle mnist_5k --to some.index",
    "verify bundle",
)


def measure(
    folder=None, *, signals: int = 300, commands=COMMANDS, processes: int = 2, seed: int = 0
) -> list[dict]:
    """Ends commands by Ctrl-C and by SIGTERM at random times, and counts those that end properly.

    A command ends properly if its exit code is 130 after SIGINT and 143 after SIGTERM, its last
    line says how to resume, stdout and stderr hold no traceback, and no temporary file is left. A
    command that had shown its result before its signal came is not counted, and is run again.

    Args:
        folder: String or `Path`. The folder of `bench.jsonl`. Defaults to None, the package's.
        signals: Integer. Number of signals of each kind. Defaults to 300.
        commands: Sequence of strings. Commands of `zoo`, run in a folder with digits (`few.npy`,
            `few.npz`), a run and a bundle of them. Defaults to five of training, export and search.
        processes: Integer. Number of commands that run at a time. Defaults to 2.
        seed: Integer. Seed of the choice of commands and times. Defaults to 0.

    Returns:
        A list of the lines that were appended to `bench.jsonl`, each a dict.

    Example:

    >>> measure(folder=".", signals=10)[0]["value"]  # doctest: +SKIP
    10
    """
    draws = random.Random(seed)
    with tempfile.TemporaryDirectory() as work:
        _prepare(Path(work) / "work")
        seconds = {command: _seconds(command, Path(work)) for command in commands}
        lines = []
        for name, code in CODES.items():
            with concurrent.futures.ThreadPoolExecutor(processes) as pool:
                shots = [
                    pool.submit(_interrupt, Path(work), name, commands, seconds, draws.random())
                    for _ in range(signals)
                ]
                ends = [shot.result() for shot in shots]
            wrong = [end for end in ends if not end["proper"]]
            lines.append(record(
                folder, bench="interrupts", variant=name,
                unit=f"of {signals} commands end with {code}, no traceback and no temporary file",
                value=signals - len(wrong), signals=signals, commands=list(commands), seed=seed,
                ended_before=sum(end["ended_before"] for end in ends), wrong=wrong,
            ))  # fmt: skip
            print(f"interrupts {name}: {lines[-1]['value']} of {signals}", file=sys.stderr)
    return lines


def judged(command: str, after: float, name: str, code: int, shown: str, left: list[str]) -> dict:
    """Returns whether a command ended properly, and if not what it showed and left.

    Args:
        command: String. The command, without `zoo`.
        after: Float. Seconds from its start to the signal.
        name: String. A key of `CODES`, the name of the signal.
        code: Integer. Its exit code.
        shown: String. What it wrote to stdout and stderr.
        left: List of strings. Names of the temporary files that it left.

    Returns:
        A dict with `proper`, a boolean, `command`, `after` and `code`; if it did not end properly
        also `shown` and `left`.

    Example:

    >>> judged("verify bundle", 1.0, "SIGINT", 130, "To resume: zoo verify bundle", [])["proper"]
    True
    """
    last = shown.strip().splitlines()[-1:]
    proper = (
        code == CODES[name]
        and "Traceback" not in shown
        and bool(last)
        and f"To resume: zoo {command.split()[0]}" in last[0]
        and not left
    )
    end = {"proper": proper, "command": command, "after": round(after, 2), "code": code}
    return end if proper else end | {"shown": shown[-2000:], "left": left}


def _prepare(folder):
    """Makes the folder in which the commands run."""
    import numpy as np

    import zoo

    folder.mkdir()
    digits = zoo.datasets.load("mnist_5k").train.take(slice(300))
    np.save(folder / "few.npy", digits.images)
    np.savez(folder / "few.npz", images=digits.images, labels=digits.labels)
    run = zoo.train("pca", str(folder / "few.npy"), latent_dim=4, folder=folder / "run")
    zoo.export(run, folder / "bundle")


def _start(command, folder, shown):
    """Starts a command that writes to an open file, each line at once."""
    temporary = folder.with_name("tmp")
    temporary.mkdir()
    quiet = {"NO_COLOR": "1", "PYTHONUNBUFFERED": "1", "TMPDIR": str(temporary)}
    return subprocess.Popen(
        [sys.executable, "-m", "zoo", *command.split()], cwd=folder, stdout=shown, stderr=shown,
        env=os.environ | quiet,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored in background
    )  # fmt: skip


def _seconds(command, work):
    """Returns how long a command takes if nothing ends it."""
    with tempfile.TemporaryDirectory(dir=work) as scratch:
        folder = shutil.copytree(work / "work", Path(scratch) / "work")
        started = time.perf_counter()
        with (Path(scratch) / "shown").open("w+b") as shown:
            if _start(command, folder, shown).wait():
                shown.seek(0)
                raise RuntimeError(f"zoo {command} failed: {shown.read().decode()}")
        return time.perf_counter() - started


def _interrupt(work, name, commands, seconds, number):
    """Starts commands until one is still running when its signal comes; returns how it ended."""
    draws, ended_before = random.Random(number), 0
    while True:
        command = draws.choice(commands)
        after = draws.uniform(EARLIEST, seconds[command])
        with tempfile.TemporaryDirectory(dir=work) as scratch:
            folder = shutil.copytree(work / "work", Path(scratch) / "work")
            with (Path(scratch) / "shown").open("w+b") as shown:
                process = _start(command, folder, shown)
                time.sleep(after)
                running = process.poll() is None
                if running:
                    before = os.fstat(shown.fileno()).st_size
                    process.send_signal(getattr(signal, name))
                code = process.wait()
                shown.seek(0)
                text = shown.read().decode()
            # A command shows its result last: one that then shows no more had done its work.
            if running and (code or len(text.encode()) > before):
                left = [*folder.rglob(".*"), *folder.with_name("tmp").iterdir()]
                left = [path.name for path in left if path.name != LOCK]
                end = judged(command, after, name, code, text, left)
                return end | {"ended_before": ended_before}
        ended_before += 1
