"""Ctrl-C and SIGTERM end a command at any time, by an exit code and the line that resumes."""

import os
import pty
import random
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import zoo

ZOO = [sys.executable, "-m", "zoo"]
ENDS = [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "ended by SIGTERM")]


pytestmark = pytest.mark.usefixtures("interruptible")


def start(command, stderr=subprocess.PIPE, **options):
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, **options)


def finish(process):
    """Its stdout and stderr; it is killed if it does not end."""
    try:
        return process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()


# Where an exception that a handler raises would be lost, or be another one.
NATIVE = {
    "a callback from native code": """
        @ctypes.CFUNCTYPE(None)
        def callback():
            interrupt()
        callback()
        time.sleep(60)
    """,
    "an import that fails": """
        try:
            interrupt()
        except BaseException:
            raise ImportError("a library is missing")
    """,
    "a finaliser": """
        class Finalised:
            def __del__(self):
                interrupt()
        Finalised()
        time.sleep(60)
    """,
    "native code that takes long": """
        threading.Timer(0.2, interrupt).start()
        hashlib.pbkdf2_hmac("sha256", b"", b"", 10**9)  # minutes without a step of Python's own
    """,
    "a lock that is never free": """
        threading.Timer(0.2, interrupt).start()
        lock = threading.Lock()
        lock.acquire()
        lock.acquire()
    """,
    "stderr that is another file for a while": """
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        interrupt()
        time.sleep(60)
    """,
}
PROGRAM = """
import ctypes, hashlib, os, signal, sys, textwrap, threading, time
from zoo.cli import interrupts
interrupts.install()
def interrupt():
    os.kill(os.getpid(), int(sys.argv[1]))
    for _ in range(1000):
        pass
exec(textwrap.dedent(sys.argv[2]))
"""


@pytest.mark.parametrize(("number", "code", "said"), ENDS)
@pytest.mark.parametrize("place", NATIVE)
def test_a_signal_ends_the_process_wherever_it_comes(place, number, code, said):
    process = start([sys.executable, "-c", PROGRAM, str(int(number)), NATIVE[place]])
    stdout, stderr = finish(process)
    assert (process.returncode, stdout) == (code, "")
    argument = shlex.join([str(int(number)), NATIVE[place]])
    assert stderr == f"zoo: {said}. To resume: zoo {argument}\n"


def test_a_terminal_gets_its_cursor_back():
    ours, theirs = pty.openpty()
    place = NATIVE["a lock that is never free"]
    finish(start([sys.executable, "-c", PROGRAM, "15", place], stderr=theirs))
    os.close(theirs)
    shown = os.read(ours, 4096)
    os.close(ours)
    assert shown.startswith(b"\r\x1b[K\x1b[?25hzoo: ended by SIGTERM. To resume: zoo ")


UNFINISHED = """
import os, sys
import zoo.cli.console
from zoo.storage.atomic import new_folder
from zoo.cli import interrupts
interrupts.install()
with new_folder(sys.argv[1]) as stage:
    (stage / "half").write_text("")
    os.kill(os.getpid(), 2)
"""


# The signal comes when a file or a folder was just made.
MADE = """
import os, sys
import zoo.cli.console
from zoo.storage import temporaries
from zoo.cli import interrupts
interrupts.install()
make = getattr(os, sys.argv[2])
def make_and_interrupt(path, *rest, **options):
    made = make(path, *rest, **options)
    if str(path).endswith(temporaries.SUFFIX):
        os.kill(os.getpid(), 2)
    return made
setattr(os, sys.argv[2], make_and_interrupt)
beside = {"open": temporaries.file_beside, "mkdir": temporaries.folder_beside}[sys.argv[2]]
with beside(sys.argv[1]):
    pass
"""


@pytest.mark.parametrize(("program", "made"), [(UNFINISHED, ""), (MADE, "open"), (MADE, "mkdir")])
def test_what_was_unfinished_is_removed(program, made, tmp_path):
    process = start([sys.executable, "-c", program, str(tmp_path / "bundle"), made])
    finish(process)
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []


def test_a_library_leaves_the_handlers_as_they_are():
    code = """
import signal, zoo, zoo.cli.commands
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
"""
    process = start([sys.executable, "-c", code])
    assert finish(process) == ("", "")


def test_a_command_can_be_interrupted_before_typer_is_imported():
    code = """
import sys
from zoo import cli
from zoo.cli import interrupts
install = interrupts.install
def checked():
    print({"typer", "rich", "numpy"} & set(sys.modules))
    install()
interrupts.install = checked
sys.argv = ["zoo", "--version"]
cli.main()
"""
    process = start([sys.executable, "-c", code])
    stdout, stderr = finish(process)
    assert (process.returncode, stderr) == (0, "")
    assert stdout.splitlines()[0] == "set()"
    assert zoo.__version__ in stdout


def test_what_a_process_was_started_to_ignore_stays_ignored():
    code = "from zoo.cli import interrupts; interrupts.install(); interrupt(); print('done')"
    code = f"import os, signal\ninterrupt = lambda: os.kill(os.getpid(), signal.SIGINT)\n{code}"
    ignoring = ["bash", "-c", "trap '' INT; exec \"$@\"", "bash"]
    process = start([*ignoring, sys.executable, "-c", code])
    assert finish(process) == ("done\n", "")


@pytest.fixture(scope="module")
def work(tmp_path_factory, digits):
    """A folder with a finished run of few digits, and its export."""
    folder = tmp_path_factory.mktemp("work")
    np.save(folder / "few.npy", digits.train.images[:300])
    run = zoo.train("pca", str(folder / "few.npy"), latent_dim=4, folder=folder / "run")
    zoo.export(run, folder / "bundle")
    return folder


@pytest.fixture(scope="module")
def seconds():
    """How long a command takes that does nothing, as the machine is now."""
    started = time.monotonic()
    finish(start([*ZOO, "list"]))
    return time.monotonic() - started


def wait_for_handlers(process):
    """Waits for the first lines of the command line's own module: before, Python itself decides."""
    caught, sigterm = 0, 1 << (signal.SIGTERM - 1)
    while not caught & sigterm:
        status = Path(f"/proc/{process.pid}/status").read_text()
        caught = int(re.search(r"SigCgt:\s*(\w+)", status)[1], 16)


COMMANDS = {
    "train": ["train", "vae", "few.npy", "widths=[8]", "--epochs", "400", "--batch-size", "2"],
    "finetune": ["finetune", "run", "mnist_5k"],
    "export": ["export", "run", "made"],
    "index": ["search", "index", "bundle", "mnist_5k", "--to", "some.index"],
    "verify": ["verify", "bundle"],
}
# Starts of Python that pass before the signal: from none to where TensorFlow works.
TIMES = [("train", 3), ("train", 20), ("finetune", 6), ("export", 1), ("export", 9),
         ("index", 0), ("index", 0.5), ("index", 1), ("verify", 5)]  # fmt: skip


@pytest.mark.parametrize(("command", "starts"), TIMES)
def test_at_any_time_a_command_ends_with_the_line_that_resumes(
    command, starts, work, seconds, tmp_path
):
    arguments = COMMANDS[command]
    number, code, said = random.choice(ENDS)
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    process = start([*ZOO, *arguments], cwd=work, env=environment)
    wait_for_handlers(process)
    time.sleep(starts * seconds * random.uniform(0.5, 1))
    assert process.poll() is None, "it was too quick to be interrupted"
    process.send_signal(number)
    stdout, stderr = finish(process)
    assert (process.returncode, stdout) == (code, ""), stderr
    *lines, last = stderr.splitlines()
    resumes = re.fullmatch(rf"zoo: {said}\. To resume: zoo (.*)", last)
    assert resumes, stderr
    assert shlex.split(resumes[1])[: len(arguments)] == arguments
    assert all(re.match(r"epoch \d+/", line) for line in lines), stderr
    assert list(tmp_path.iterdir()) == []
