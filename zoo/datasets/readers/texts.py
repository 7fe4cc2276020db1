"""Reads text files."""

import codecs
import urllib.parse
from pathlib import Path

from zoo.datasets.readers import folders
from zoo.errors import CheckFailedError, UsageError, no_such
from zoo.storage import untrusted

SUFFIXES = (".txt",)
LARGEST = 1 << 28  # bytes of a text file


def read(path: Path, encoding: str | None = None) -> str:
    """Returns the text of a file, without the byte order mark that it may begin with.

    Args:
        path: Path of the file, of at most 2²⁸ bytes.
        encoding: String. Name of its encoding in Python, such as `"latin-1"`. Defaults to None, for
            UTF-8.

    Returns:
        String.

    Raises:
        UsageError: If the file cannot be read, is too large, or is not a text in that encoding, or
            if there is no such encoding.

    Example:

    >>> _ = Path("text.txt").write_bytes("Deux étés.".encode("latin-1"))
    >>> read(Path("text.txt"), "latin-1")
    'Deux étés.'
    """
    if encoding is not None:
        require_encoding(encoding)
    folders.require_file(path)
    try:
        return untrusted.read_file(path, LARGEST).decode(encoding or "utf-8").removeprefix("\ufeff")
    except CheckFailedError as error:  # too large
        raise UsageError(str(error)) from None
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not a text in {encoding or 'UTF-8'}: {_advice(error.object)}. "
            f"Received: byte 0x{error.object[error.start]:02x} at position {error.start}."
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


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


def encoding_in(options: dict[str, str]) -> str | None:
    """Returns the encoding that the options of an address name, or None.

    Args:
        options: Dict of the options of the address of a text file, or of a folder of them.

    Returns:
        String, or None.

    Raises:
        UsageError: If there is another option.

    Example:

    >>> encoding_in({"encoding": "latin-1"})
    'latin-1'
    """
    for option in options:
        if option != "encoding":
            raise no_such("option", option, ["encoding"], of="text files")
    return options.get("encoding")


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


def _advice(data):
    likely = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "latin-1"
    return (
        f'name its encoding, such as encoding="{likely}" or "FOLDER?encoding={likely}", convert '
        "it, or remove it"
    )


def read_all(
    paths: list[Path], encoding: str | None = None
) -> tuple[list[str], list[int], list[str]]:
    """Reads text files, and leaves out those that cannot be read.

    Args:
        paths: List of paths.
        encoding: String. Name of their encoding in Python. Defaults to None, for UTF-8.

    Returns:
        A tuple of three lists: the texts, their positions in `paths`, and for each of the other
        files a sentence that says why it cannot be read.

    Raises:
        UsageError: If there is no such encoding.

    Example:

    >>> _ = Path("one.txt").write_text("Some text.")
    >>> contents, kept, reasons = read_all([Path("missing.txt"), Path("one.txt")])
    >>> contents, kept, len(reasons)
    (['Some text.'], [1], 1)
    """
    if encoding is not None:
        require_encoding(encoding)
    contents, kept, reasons = [], [], []
    for row, path in enumerate(paths):
        try:
            contents.append(read(path, encoding))
        except UsageError as error:
            reasons.append(str(error))
        else:
            kept.append(row)
    return contents, kept, reasons
