"""Keeps commands running on closed streams, full disks and characters that cannot be written."""

import io
import os
import sys


class _Lossy(io.FileIO):
    """File whose writes never fail: what the system refuses to write is lost."""

    def write(self, data):
        try:
            return super().write(data)
        except OSError:
            return len(data)


def secure() -> None:
    """Makes the standard streams of this process safe to write to.

    A closed descriptor is opened on the null device, so that no other file gets its number;
    `sys.stdout` remains None in that case, as Python sets it. Progress and messages on stderr are
    lost if they cannot be written. A character that the encoding of a stream cannot represent is
    written as an escape sequence.

    Example:

    >>> secure()  # doctest: +SKIP
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is not None:
        sys.stdout.reconfigure(errors="backslashreplace")
    encoding = None if sys.stderr is None else sys.stderr.encoding
    stderr = io.BufferedWriter(_Lossy(2, "w", closefd=False))
    sys.stderr = io.TextIOWrapper(stderr, encoding, "backslashreplace", line_buffering=True)
