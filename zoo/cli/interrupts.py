"""Ends a command at Ctrl-C or SIGTERM: prints the line that resumes it, and exits with 130 or 143.

The handler ends the process itself instead of raising an exception. An exception would be lost if
native code had called Python at that point, or would turn into an ImportError or a TypeError in the
middle of an import or a conversion; and a flag that callbacks check would not reach code without
callbacks. It is safe to end the process anywhere, because files and folders appear whole or not at
all (`zoo/storage/atomic.py`), and because a run keeps the checkpoint of its last epoch.

Python calls a signal handler only between two instructions of the main thread. If native code keeps
the main thread busy for longer, another thread, which the signal wakes up, ends the process. What
the native code still writes then is removed later (`zoo/storage/temporaries.py`).
"""

import os
import shlex
import signal
import sys
import threading
import time

WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "ended by SIGTERM"}
PATIENCE = 1.0  # seconds that native code has before the other thread ends the process
SHOW_CURSOR = b"\r\x1b[K\x1b[?25h"  # erases the progress bar that may be there

_ending = threading.Lock()
_cleanups = []
_installed = False
_again, _stderr = [], None  # the arguments that resume; the descriptor of stderr


def install() -> None:
    """Makes Ctrl-C and SIGTERM end this process, unless it was started to ignore them.

    Example:

    >>> install()  # doctest: +SKIP
    """
    global _stderr, _installed
    _installed = True
    resume_by(sys.argv[1:])
    try:
        _stderr = os.dup(2)  # while TensorFlow starts, descriptor 2 is another file
    except OSError:  # stderr is closed
        _stderr = None
    for number in WORDS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _handle)
    if os.name == "posix":
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        threading.Thread(target=_watch, args=[reader], daemon=True).start()


def installed() -> bool:
    """Returns whether this process is a command that the two signals end here.

    Example:

    >>> installed()
    False
    """
    return _installed


def ignore() -> None:
    """Ignores both signals from now on, because the command is done and Python is exiting.

    Example:

    >>> ignore()  # doctest: +SKIP
    """
    for number in WORDS:
        signal.signal(number, signal.SIG_IGN)


def resume_by(arguments: list[str]) -> None:
    """Sets the arguments of `zoo` that resume the current command.

    Args:
        arguments: List of strings.

    Example:

    >>> resume_by(["train", "vae", "--resume"])  # doctest: +SKIP
    """
    global _again
    _again = arguments


def before_the_end(cleanup) -> None:
    """Adds a function that is called before a signal ends the process.

    Args:
        cleanup: Function without arguments.

    Example:

    >>> before_the_end(lambda: print("cleaned up"))  # doctest: +SKIP
    """
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
    _handle(number, None)


def _end(number):
    if not _ending.acquire(blocking=False):
        return  # the process is ending already
    try:
        line = f"zoo: {WORDS[number]}. To resume: zoo {shlex.join(_again)}\n"
        terminal = os.isatty(_stderr) and "NO_COLOR" not in os.environ
        os.write(_stderr, (SHOW_CURSOR if terminal else b"") + os.fsencode(line))
    finally:
        os._exit(128 + number)
