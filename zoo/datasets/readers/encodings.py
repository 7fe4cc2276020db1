"""Names and errors of the encodings of text files and tables."""

import codecs
import urllib.parse
from pathlib import Path

from zoo.errors import UsageError

DEFAULT = "UTF-8"


def require_encoding(encoding: str) -> None:
    """Raises an error for anything but the name of an encoding of texts.

    Args:
        encoding: String. Name of an encoding in Python.

    Raises:
        UsageError: If there is no encoding of texts of that name.

    Example:

    >>> require_encoding("shift_jis")
    """
    try:
        b"a ".decode(encoding)
    except UnicodeDecodeError:  # of more bytes for a character
        return
    except (LookupError, TypeError, ValueError):  # unknown, of bytes, no string; a null character
        raise UsageError(
            "`encoding` must be the name of an encoding of texts in Python, such as 'latin-1', "
            f"'cp1251', 'shift_jis' or 'utf-16'. Received: encoding={encoding!r}."
        ) from None


def query(encoding: str | None) -> str:
    """Returns the end of an address by which texts are read in the same encoding again.

    Args:
        encoding: String, or None.

    Returns:
        String, empty for None.

    Example:

    >>> query("latin-1")
    '?encoding=latin-1'
    """
    return "" if encoding is None else f"?{urllib.parse.urlencode({'encoding': encoding})}"


def error_of(
    path: Path,
    what: str,
    encoding: str | None,
    error: UnicodeDecodeError,
    before: int = 0,
    address: str = "FILE",
) -> UsageError:
    """Returns the error for a file that has another encoding.

    Args:
        path: Path of the file.
        what: String. What it should be, such as `"a text"`.
        encoding: String. The encoding by which it was read; None for UTF-8.
        error: `UnicodeDecodeError` of Python.
        before: Integer. Number of bytes of the file before those that the error is of. Defaults to
            0.
        address: String. What an address begins with, in the advice. Defaults to `"FILE"`.

    Example:

    >>> try:
    ...     "été".encode("latin-1").decode("utf-8")
    ... except UnicodeDecodeError as error:
    ...     print(error_of("x.csv", "a table", None, error))  # doctest: +ELLIPSIS
    x.csv is not a table in UTF-8: name its encoding, ... Received: byte 0xe9 at position 0.
    """
    data = error.object
    likely = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "latin-1"
    return UsageError(
        f"{path} is not {what} in {encoding or DEFAULT}: name its encoding, such as "
        f'encoding="{likely}" or "{address}?encoding={likely}", or convert it to {DEFAULT}. '
        f"Received: byte 0x{data[error.start]:02x} at position {before + error.start}."
    )
