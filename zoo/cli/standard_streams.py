"""Standard streams that end no work: closed ones, a full disk, characters they cannot write."""

import io
import os
import sys


class _Lossy(io.FileIO):
    """A file whose writes never fail: what the system refuses is lost."""

    def write(self, data):
        try:
            return super().write(data)
        except OSError:
            return len(data)


def secure() -> None:
    """Makes the standard streams of this process safe to write to.

    A closed descriptor is opened on the null device, so that no other file gets its number;
    `sys.stdout` is None then, as Python leaves it. Progress and messages on stderr are lost where
    they cannot be written. A character that a stream's encoding lacks becomes an escape.
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
