"""Tables as files: `.csv`, `.tsv` and `.parquet`, read by pandas."""

import reprlib

from zoo.containers import require_different
from zoo.errors import MissingExtraError, UsageError

SEPARATORS = {".csv": ",", ".tsv": "\t"}
SUFFIXES = (*SEPARATORS, ".parquet")


def read(pandas, path):
    """The DataFrame in a file; `UsageError` for a file that holds none, or columns without names.

    Args:
        pandas: the module, which the caller imports only when there is a table.
        path: ends in one of `SUFFIXES`; of a text file the first line holds the columns' names.
    """
    return (_read_parquet if path.suffix.lower() == ".parquet" else _read_text)(pandas, path)


def _read_parquet(pandas, path):
    try:
        return pandas.read_parquet(path, engine="pyarrow")
    except ImportError:
        raise MissingExtraError("pyarrow", "tabular") from None
    except (ValueError, OSError, KeyError, NotImplementedError) as error:
        raise _unreadable(path, "a .parquet table", error) from None


def _read_text(pandas, path):
    separator = SEPARATORS[path.suffix.lower()]
    if separator == ",":
        separator = _comma_or_semicolon(path)
    how = {"sep": separator, "encoding": "utf-8", "skipinitialspace": True}
    try:
        # Of two rows: a second one longer than the first is then an error, where otherwise pandas
        # takes its first fields for the row's name.
        head = pandas.read_csv(path, header=None, nrows=2, dtype=str, keep_default_na=False, **how)
        _check_head(list(head.iloc[0]), path)
        read = [pandas.read_csv(path, low_memory=False, decimal=mark, **how)
                for mark in (".," if separator == ";" else ".")]  # fmt: skip
        return max(read, key=lambda frame: frame.select_dtypes("number").shape[1])
    except UsageError:
        raise
    except (ValueError, OSError) as error:
        raise _unreadable(path, "a table in UTF-8", error) from None


def _comma_or_semicolon(path):
    """Where the comma is the decimal mark, tables are separated by semicolons; others may be."""
    with open(path, "rb") as file:
        first = file.readline(1 << 16)
    return ";" if b";" in first and b"," not in first else ","


def _unreadable(path, what, error):
    told = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    return UsageError(f"pandas cannot read {path} as {what}: {told}.")


def _check_head(names, path):
    require_different(names, path)  # before pandas makes two equal ones differ
    if "" in names:
        raise UsageError(
            f"Every column of {path} must have a name in the first line. Received: none for "
            f"column {names.index('')}. (If it counts the rows, leave it out: "
            "frame.to_csv(path, index=False).)"
        )
    counted = [str(number) for number in range(len(names))]  # as pandas names columns itself
    if names != counted and all(_is_number(name) for name in names):
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
