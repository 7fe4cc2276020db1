"""A report as a table: a row for each metric; the model, PCA and raw inputs as columns."""

import csv
import io

PREFIXES = {"model": "", "pca": "pca_", "raw": "raw_"}


def rows(report: dict[str, float]) -> list[dict]:
    """Returns a report of `zoo.evaluate` as the rows of a table.

    Args:
        report: Dict of floats, as `zoo.evaluate` returns it.

    Returns:
        A list of dicts with the keys `name`, `model`, `pca` and `raw`; None if the report has no
        such metric.

    Example:

    >>> rows({"mse": 0.01, "pca_mse": 0.02})
    [{'name': 'mse', 'model': 0.01, 'pca': 0.02, 'raw': None}]
    """
    names = dict.fromkeys(name.removeprefix("pca_").removeprefix("raw_") for name in report)
    return [
        {"name": name} | {column: report.get(mark + name) for column, mark in PREFIXES.items()}
        for name in names
    ]


def as_csv(report: dict[str, float]) -> bytes:
    r"""Returns a report of `zoo.evaluate` as a CSV file, whose empty cells are undefined metrics.

    Args:
        report: Dict of floats, as `zoo.evaluate` returns it.

    Returns:
        Bytes, UTF-8.

    Example:

    >>> as_csv({"mse": 0.01, "pca_mse": 0.02})
    b'name,model,pca,raw\nmse,0.01,0.02,\n'
    """
    file = io.StringIO()
    writer = csv.DictWriter(file, ["name", *PREFIXES], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(report))
    return file.getvalue().encode()
