"""A report as a table: a row for each figure; the model, PCA and the raw inputs beside it."""

import csv
import io

PREFIXES = {"model": "", "pca": "pca_", "raw": "raw_"}


def rows(report: dict[str, float]) -> list[dict]:
    """A report of `zoo.evaluate`, as rows of `name`, `model`, `pca`, `raw`; None if not there."""
    names = dict.fromkeys(name.removeprefix("pca_").removeprefix("raw_") for name in report)
    return [
        {"name": name} | {column: report.get(mark + name) for column, mark in PREFIXES.items()}
        for name in names
    ]


def as_csv(report: dict[str, float]) -> bytes:
    """The rows as a CSV file, whose empty cells are figures that are not defined."""
    file = io.StringIO()
    writer = csv.DictWriter(file, ["name", *PREFIXES], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(report))
    return file.getvalue().encode()
