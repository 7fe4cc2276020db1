"""Reads text files."""

from pathlib import Path

from zoo.datasets.readers import encodings, folders, preparation
from zoo.errors import CheckFailedError, UsageError, no_such
from zoo.storage import untrusted

SUFFIXES = (".txt",)
UNREAD = preparation.UNREAD | {  # of documents that are no plain text
    *(".doc", ".docx", ".epub", ".htm", ".html", ".odt", ".pdf", ".rtf")
}
ALL_SUFFIXES = {*SUFFIXES} | UNREAD
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
        encodings.require_encoding(encoding)
    if Path(path).suffix.lower() in UNREAD:
        raise UsageError(f"{path} cannot be read as a text: convert it to a .txt file.")
    folders.require_file(path)
    try:
        return untrusted.read_file(path, LARGEST).decode(encoding or "utf-8").removeprefix("\ufeff")
    except CheckFailedError as error:  # too large
        raise UsageError(str(error)) from None
    except UnicodeDecodeError as error:
        raise encodings.error_of(path, "a text", encoding, error, address="FOLDER") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


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
        encodings.require_encoding(encoding)
    contents, kept, reasons = [], [], []
    for row, path in enumerate(paths):
        try:
            contents.append(read(path, encoding))
        except UsageError as error:
            reasons.append(str(error))
        else:
            kept.append(row)
    return contents, kept, reasons
