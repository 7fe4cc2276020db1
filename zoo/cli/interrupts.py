"""How a command ends at Ctrl-C or SIGTERM: at once, with the line that resumes, by 130 or 143.

The handler ends the process itself and raises nothing. An exception that is raised wherever the
interpreter happens to be is lost if native code has called Python there, and leaves an import or a
conversion as an ImportError or a TypeError; a flag that callbacks look at would leave out all that
has no callbacks. Ending anywhere is safe, as files and folders appear whole or not at all
(`zoo.atomic`), and a run keeps the end of its last epoch.

Python calls a handler only between two steps of the main thread's own code. Where native code
keeps the main thread for longer, another thread, which the signal wakes, ends the process; what
is then left unfinished is swept later (`zoo.temporaries`).
"""

import os
import shlex
import signal
import sys
import threading
import time

WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "ended by SIGTERM"}
PATIENCE = 1.0  # seconds that native code has before the process ends without it
SHOW_CURSOR = b"\r\x1b[K\x1b[?25h"  # over the bar that may be drawn

_ending = threading.Lock()
_cleanups = []
_again, _stderr = [], None  # the arguments of the line that resumes; a file's number


def install() -> None:
    """Lets Ctrl-C and SIGTERM end this process; one that it was started to ignore stays ignored."""
    global _stderr
    resume_by(sys.argv[1:])
    try:
        _stderr = os.dup(2)  # while TensorFlow starts, 2 is another file
    except OSError:  # it is closed
        _stderr = None
    for number in WORDS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _handle)
    if os.name == "posix":
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        threading.Thread(target=_watch, args=[reader], daemon=True).start()


def ignore() -> None:
    """Ignores both signals from now on: the work is done, and Python itself is ending."""
    for number in WORDS:
        signal.signal(number, signal.SIG_IGN)


def resume_by(arguments: list[str]) -> None:
    """Sets the arguments of `zoo` that go on with what is being done."""
    global _again
    _again = arguments


def before_the_end(cleanup) -> None:
    """Adds a function that is called before a signal ends the process."""
    _cleanups.append(cleanup)


def _handle(number, frame):
    try:
        for cleanup in _cleanups:
            cleanup()
    finally:
        _end(number)


def _watch(reader):
    while (number := os.read(reader, 1)[0]) not in WORDS:
        pass
    time.sleep(PATIENCE)
    _end(number)


def _end(number):
    if not _ending.acquire(blocking=False):
        return  # it is ending already
    try:
        line = f"zoo: {WORDS[number]}. To go on: zoo {shlex.join(_again)}\n"
        drawn = os.isatty(_stderr) and "NO_COLOR" not in os.environ
        os.write(_stderr, (SHOW_CURSOR if drawn else b"") + os.fsencode(line))
    finally:
        os._exit(128 + number)
