"""Reads text files."""

from pathlib import Path

from zoo.datasets.readers import folders
from zoo.errors import CheckFailedError, UsageError
from zoo.storage import untrusted

SUFFIXES = (".txt",)
LARGEST = 1 << 28  # bytes of a text file


def read(path: Path) -> str:
    """Returns the text of a UTF-8 file, without the byte order mark that it may begin with.

    Args:
        path: Path of the file, of at most 2²⁸ bytes.

    Returns:
        String.

    Raises:
        UsageError: If the file cannot be read, is too large, or is in another encoding, such as
            Latin-1.

    Example:

    >>> _ = Path("text.txt").write_text("Two words.", encoding="utf-8")
    >>> read(Path("text.txt"))
    'Two words.'
    """
    folders.require_file(path)
    try:
        return untrusted.read_file(path, LARGEST).decode("utf-8-sig")
    except CheckFailedError as error:  # too large
        raise UsageError(str(error)) from None
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not a text in UTF-8: convert it, or remove it. "
            f"Received: byte 0x{error.object[error.start]:02x} at position {error.start}."
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


def read_all(paths: list[Path]) -> tuple[list[str], list[int], list[str]]:
    """Reads text files, and leaves out those that cannot be read.

    Args:
        paths: List of paths.

    Returns:
        A tuple of three lists: the texts, their positions in `paths`, and for each of the other
        files a sentence that says why it cannot be read.

    Example:

    >>> _ = Path("one.txt").write_text("Some text.")
    >>> contents, kept, reasons = read_all([Path("missing.txt"), Path("one.txt")])
    >>> contents, kept, len(reasons)
    (['Some text.'], [1], 1)
    """
    contents, kept, reasons = [], [], []
    for row, path in enumerate(paths):
        try:
            contents.append(read(path))
        except UsageError as error:
            reasons.append(str(error))
        else:
            kept.append(row)
    return contents, kept, reasons
