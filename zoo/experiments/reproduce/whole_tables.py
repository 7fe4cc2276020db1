"""Row on tables with categories and gaps: how well they are reconstructed, and filled."""

import dataclasses
from pathlib import Path

import numpy as np

from zoo import datasets
from zoo.datasets.dataset import Dataset
from zoo.errors import UsageError
from zoo.experiments.reproduce.hidden_cells import common_row, filled_errors, hidden_cells
from zoo.training import in_memory

TABLES = ("ames", "credit_data")
NET = {"widths": (256, 128), "latent_dim": 20, "epochs": 100}


@dataclasses.dataclass(frozen=True)
class Folder:
    """A folder of tables.

    Attributes:
        name: String. The folder.
        tables: Dict from the name of each table to its `Dataset`.

    Example:

    >>> Folder("a folder", {}).tables
    {}
    """

    name: str
    tables: dict[str, Dataset]


def read(folder: str) -> Folder:
    """Reads the files that `make_tables.py` writes.

    Args:
        folder: String. The folder.

    Returns:
        `Folder`.

    Raises:
        UsageError: If a file is missing.

    Example:

    >>> read("rdatasets_tables")  # doctest: +SKIP
    """
    tables = {}
    for name in names():
        path = Path(folder) / f"{name}.parquet"
        if not path.exists():
            raise UsageError(
                f"{folder} must be a folder of the files that "
                "zoo/experiments/reproduce/make_tables.py writes. Received: a folder without "
                f"{path.name}."
            )
        tables[name] = datasets.load(path, missing="mask")
    return Folder(str(folder), tables)


def names() -> list[str]:
    """Returns the names of the tables, which are the parts of the row `tables`."""
    return [*TABLES]


def measure_tables(data: Folder, seed: int, pictures: Path, part: str) -> dict:
    """Measures one table of the row `tables`.

    A model learns from the training rows with their gaps. The reconstruction of the test rows is
    measured beside that of PCA of equal size. Then a fifth of the observed cells of the test rows
    is hidden, at random, and filled by the model, by PCA, and by the mean or the most frequent
    category of each column. The model is exported, and the export fills the same cells.

    Args:
        data: `Folder`.
        seed: Integer. Seed of the hidden cells and of the training.
        pictures: `Path` of the folder for pictures.
        part: String. Name of the table.

    Returns:
        A dict: of the reconstruction `accuracy`, the mean over the columns of categories of the
        fraction that is right, and `error`, the mean squared error of the numbers in variances of
        their columns; of the hidden cells `filled_accuracy` and `filled_error`, a root mean squared
        error in standard deviations; each also by `pca_`, and the last two by `common_`;
        `export_difference`, the fraction of the filled cells that differ in the export; and how the
        model was trained.

    Example:

    >>> data = read("rdatasets_tables")  # doctest: +SKIP
    >>> measure_tables(data, 0, Path("."), "ames")["filled_accuracy"]  # doctest: +SKIP
    """
    import zoo
    from zoo import evaluation, plots
    from zoo.evaluation import column_metrics
    from zoo.storage.temporaries import scratch_folder

    table = data.tables[part]
    arguments = {"input_shape": table.input_shape, "columns": tuple(table.columns)}
    model, trained_by = in_memory.train(
        "deep_ae", table.train.inputs, seed, missing="mask", **arguments, **NET
    )
    model.column_names = table.column_names
    pca = evaluation.pca_of_equal_size(model, table)
    gaps = hidden_cells(table, seed)
    with scratch_folder() as folder:
        by_export = zoo.export(model, folder / "bundle").impute(gaps)
    filled = {
        "": model.impute(gaps),
        "pca_": pca.impute(gaps),
        "common_": np.where(table.columns.missing(gaps), common_row(table), gaps),
    }
    found = {}
    for prefix, rows in filled.items():
        own = filled_errors(table, gaps, rows)
        found |= {f"{prefix}filled_{name}": value for name, value in own.items() if name != "right"}
        filled[prefix] = own["right"]
    for prefix, each in {"": model, "pca_": pca}.items():
        report = column_metrics.of_columns(table, each.reconstruct(table.test))
        found[f"{prefix}accuracy"] = report["category_accuracy"]
        found[f"{prefix}error"] = report["mse"]
    right = {"model": filled[""], "most frequent": filled["common_"]}
    plots.save(by_column(right), pictures / f"filled_{part}.png")
    hidden = np.isnan(gaps)
    differing = ~np.isclose(by_export, model.impute(gaps), rtol=1e-3, atol=1e-3)[hidden]
    return (
        found
        | {
            "export_difference": float(np.mean(differing)),
            "train_rows": len(table.train),
            "test_rows": len(table.test),
            "columns_of_categories": len(table.columns.categories),
            "columns_of_numbers": len(table.columns.numbers),
            "missing_cells": int(table.columns.missing(table.train.inputs).sum()),
        }
        | trained_by
    )


def combine_tables(lines: list[dict]) -> dict:
    """Returns what the results lines of all tables tell together.

    Args:
        lines: List of dicts. A results line of each table, of one seed.

    Returns:
        A dict of the `seed`; the means over the tables of what `measure_tables` returns, of which
        the `value` is `filled_accuracy`; the `count` of tables; and `tables`, the lines by name.

    Example:

    >>> combine_tables([{"part": "ames", "seed": 0, "filled_accuracy": 0.8}])["value"]
    0.8
    """
    figures = [name for name, value in lines[0].items() if _is_figure(name, value)]
    means = {name: float(np.mean([line[name] for line in lines])) for name in figures}
    return {
        "seed": lines[0]["seed"],
        "value": means["filled_accuracy"],
        **means,
        "count": len(lines),
        "tables": {line["part"]: line for line in lines},
    }


def _is_figure(name, value):
    return isinstance(value, float) and name.endswith(("accuracy", "error", "difference"))


def by_column(right: dict[str, dict[int, float]]):
    """Draws for each column of categories how many hidden cells two ways fill rightly.

    Args:
        right: Dict from the names of two ways to dicts from the position of each column to the
            fraction that is right.

    Returns:
        The matplotlib figure.

    Example:

    >>> figure = by_column({"model": {0: 0.9}, "most frequent": {0: 0.6}})
    """
    from zoo import plots

    (name, ours), (other, others) = right.items()
    figure, (ax,) = plots.panels(1, height=4.0, columns=1)
    ax.scatter([*others.values()], [*ours.values()], s=16, color="#d9622b")
    ax.axline((0, 0), slope=1, color="#888888", linewidth=1)
    ax.set_xlim(0, 1.02)
    ax.set_ylim(0, 1.02)
    ax.set_xlabel(f"right by the {other}")
    plots.title(ax, f"hidden categories, filled rightly by the {name}", "each point is a column")
    return figure
