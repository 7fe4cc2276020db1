"""Reads table files, `.csv`, `.tsv` and `.parquet`, with pandas."""

import codecs
import contextlib
import io
import reprlib

from zoo.datasets.readers import encodings
from zoo.errors import UsageError
from zoo.inputs.containers import require_different
from zoo.storage import archives, untrusted

SEPARATORS = {".csv": ",", ".tsv": "\t"}
SUFFIXES = (*SEPARATORS, ".parquet")
PARQUET = "a .parquet table"
CHUNK = 1 << 16  # bytes of a text that are decoded at a time


def read(pandas, path, encoding: str | None = None):
    r"""Returns the DataFrame in a table file.

    Args:
        pandas: The pandas module, which the caller imports only when there is a table to read.
        path: Path that ends in one of `SUFFIXES`. The first line of a text file holds the columns'
            names.
        encoding: String. The encoding of a `.csv` or `.tsv` file by its name in Python. Defaults to
            None, for UTF-8.

    Returns:
        A `pandas.DataFrame`.

    Raises:
        UsageError: If the file holds no table, or one with unnamed or equally named columns; if its
            text has another encoding, or an encoding is named for a `.parquet` file.
        CheckFailedError: If a `.parquet` file would decompress to far more bytes than it has.
        MissingExtraError: If pyarrow is not installed and the file is `.parquet`.

    Example:

    >>> import pandas
    >>> from pathlib import Path
    >>> _ = Path("table.csv").write_text("width,height\n1,2\n3,4\n")
    >>> read(pandas, Path("table.csv")).columns.tolist()
    ['width', 'height']
    """
    if path.suffix.lower() != ".parquet":
        return _read_text(pandas, path, encoding)
    if encoding is not None:
        raise UsageError(
            "`encoding` is for tables that are texts: .csv or .tsv. "
            f"Received: encoding={encoding!r} for {path}."
        )
    return _read_parquet(pandas, path)


@contextlib.contextmanager
def opened_parquet(path):
    """Yields the pyarrow `ParquetFile` of a table, whose size is checked before it is read.

    Args:
        path: Path of the file.

    Yields:
        A `pyarrow.parquet.ParquetFile`.

    Raises:
        UsageError: If the file holds no such table; also if the block finds that it is damaged.
        CheckFailedError: If it would decompress to far more bytes than it has.
        MissingExtraError: If pyarrow is not installed.

    Example:

    >>> import pandas
    >>> pandas.DataFrame({"width": [1.0, 2.0]}).to_parquet("widths.parquet")
    >>> with opened_parquet("widths.parquet") as file:
    ...     file.metadata.num_rows
    2
    """
    with untrusted.open_file(path) as file, untrusted.guard(path, PARQUET, UsageError):
        yield _checked(path, file)


def _read_parquet(pandas, path):
    with untrusted.open_file(path) as file, untrusted.guard(path, PARQUET, UsageError):
        _checked(path, file)
        file.seek(0)
        return pandas.read_parquet(file, engine="pyarrow")


def _checked(path, file):
    import pyarrow.parquet

    table = pyarrow.parquet.ParquetFile(file)
    metadata = table.metadata
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    packed = untrusted.size_of(file)
    archives.require_size(path, packed, sum(group.total_byte_size for group in groups))
    archives.require_size(path, packed, metadata.num_rows * metadata.num_columns * 8)
    return table


def _read_text(pandas, path, encoding):
    if encoding is not None:
        encodings.require_encoding(encoding)
    separator = SEPARATORS[path.suffix.lower()]
    first = _first_line(path, encoding)
    if separator == "," and ";" in first and "," not in first:
        separator = ";"  # as in languages whose decimal mark is the comma
    options = {"sep": separator, "skipinitialspace": True}
    with untrusted.guard(path, f"a table in {encoding or encodings.DEFAULT}", UsageError):
        # Two rows are read, so that a second row longer than the first is an error. Otherwise
        # pandas would take the first fields of such a row for its name.
        head = _parsed(
            pandas, path, encoding, header=None, nrows=2, dtype=str, keep_default_na=False,
            **options,
        )  # fmt: skip
        _check_head(list(head.iloc[0]), path)
        read = [_parsed(pandas, path, encoding, low_memory=False, decimal=mark, **options)
                for mark in (".," if separator == ";" else ".")]  # fmt: skip
        return max(read, key=lambda frame: frame.select_dtypes("number").shape[1])


def _first_line(path, encoding):
    with untrusted.open_file(path) as file:
        return file.readline(CHUNK).decode(encoding or "utf-8", "ignore")


def _parsed(pandas, path, encoding, **options):
    with untrusted.open_file(path) as file:
        text = io.BufferedReader(_Text(file, path, encoding))
        return pandas.read_csv(text, encoding="utf-8", **options)


class _Text(io.RawIOBase):
    """A text file as bytes in UTF-8; another encoding, or a null character, is an error.

    A text contains none, and a line of null characters, as in a sparse file, may be larger than the
    memory.
    """

    def __init__(self, file, path, encoding):
        super().__init__()
        self.file, self.path, self.encoding = file, path, encoding
        self.decoder = codecs.getincrementaldecoder(encoding or "utf-8")()
        self.rest, self.count = b"", 0  # bytes that were not taken yet, and that were read

    def readable(self):
        return True

    def readinto(self, buffer):
        while not self.rest:
            data = self.file.read(CHUNK)
            self.rest = self._decoded(data).encode()
            if not data:
                break
        count = min(len(buffer), len(self.rest))
        buffer[:count], self.rest = self.rest[:count], self.rest[count:]
        return count

    def _decoded(self, data):
        self.count += len(data)
        try:
            text = self.decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            before = self.count - len(error.object)
            raise encodings.error_of(self.path, "a table", self.encoding, error, before) from None
        if "\0" in text:
            raise ValueError("it contains null characters")
        return text


def _check_head(names, path):
    require_different(names, path)  # before pandas renames one of two equal columns
    if "" in names:
        raise UsageError(
            f"Every column of {path} must have a name in the first line. Received: none for "
            f"column {names.index('')}. (If it numbers the rows, leave it out: "
            "frame.to_csv(path, index=False).)"
        )
    default = [str(number) for number in range(len(names))]  # as pandas names unnamed columns
    if names != default and all(_is_number(name) for name in names):
        raise UsageError(
            f"The first line of {path} must hold the columns' names. Received: numbers alone, "
            f"{reprlib.repr(', '.join(names))}."
        )


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True
