"""`zoo.tune`: tries settings of a variant on held-out training rows, never on the test split."""

import csv
import io
import json
import sys
from pathlib import Path

from zoo import datasets, plots, registry
from zoo.errors import DivergedError, UsageError
from zoo.experiments import search_space
from zoo.experiments.trial import HELD_OUT, trial
from zoo.inputs.arguments import positive_integer
from zoo.runs import run_name
from zoo.storage import file_errors
from zoo.storage.atomic import make_folder, replace_file
from zoo.training.settings import settings

METRICS = {"sse": "minimize", "loss": "minimize", "probe_accuracy": "maximize"}


@file_errors.as_usage_errors()
def tune(
    variant: str,
    data="mnist_5k",
    *,
    latent_dims: list[int] | None = None,
    search: dict[str, tuple | list] | None = None,
    trials: int = 20,
    metric: str = "sse",
    folder: str | Path | None = None,
    rows: int | None = None,
    seed: int = 0,
    validation_split: float = HELD_OUT,
    **changes,
) -> list[dict]:
    """Trains a variant with several settings, and measures each on held-out training rows.

    With `latent_dims`, a model of each size is trained and measured beside a PCA of equal size, and
    both are drawn in `sizes.png`. With `search`, Optuna draws settings from ranges and choices.
    Without either, the one setting of `changes` is measured. The test split is not used, and no
    setting is chosen: the table is for you to read.

    Every measurement is appended to `tuning.jsonl` and not repeated: called again, the function
    continues where it was stopped. The table is written as `sizes.csv` and `.json` or `search.csv`
    and `.json`.

    Args:
        variant: String. One of `zoo.names()`.
        data: Anything that `zoo.datasets.load` accepts. Defaults to `"mnist_5k"`.
        latent_dims: List of positive integers. Values of the variant's argument `latent_dim`.
            Defaults to None.
        search: Dict from fields of the `Recipe` and arguments of the variant to a tuple, the ends
            of a range, or to a list of choices. Ranges are searched on a logarithmic scale, or, if
            they begin at 0, on a linear one. Defaults to None.
        trials: Integer. Number of settings that `search` tries. Defaults to 20.
        metric: String. What `search` improves: `"sse"`, `"loss"` or `"probe_accuracy"`, which needs
            labels. Defaults to `"sse"`.
        folder: String or `Path`. The folder to write to. Defaults to None, for
            `tuning/VARIANT-DATA-seedSEED`.
        rows: Integer. Number of rows to learn from. Defaults to None, all that are not held out.
        seed: Integer. Seed of the trainings and of the search. Defaults to 0.
        validation_split: Float in (0, 1). Fraction of the training rows that are held out. Defaults
            to a twelfth.
        **changes: Fields of the `Recipe`, and arguments of the variant, that are the same in all
            trainings.

    Returns:
        The table, a list of dicts with the setting, `sse`, and, if there are labels,
        `probe_accuracy`, all of held-out rows, and `seconds`; for sizes also `pca_code_size`,
        `pca_sse` and `pca_probe_accuracy`, for other settings the `loss`. Figures of a setting
        whose training diverged are None. A search is sorted by its metric, the best first.

    Raises:
        UsageError: If a setting is not accepted, before the first training.
        MissingExtraError: If there is a `search` and Optuna is not installed.

    Example:

    >>> table = zoo.tune("deep_ae", "mnist_5k", latent_dims=[2, 8, 32])  # doctest: +SKIP
    >>> [round(row["sse"], 1) for row in table]  # doctest: +SKIP
    """
    if latent_dims and search:
        raise UsageError("`latent_dims` and `search` exclude each other. Received: both.")
    dataset = datasets.load(data, missing=registry.entry(variant).missing(changes))
    changes = registry.entry(variant).arguments_for(dataset) | changes
    latent_dims = [positive_integer("latent_dims", size) for size in latent_dims or ()]
    sizes = ({"latent_dim": size} for size in latent_dims)
    for setting in [{}, *sizes, *search_space.ends(search or {})]:
        settings(variant, **changes | setting)
    if search:
        trials = positive_integer("trials", trials)
        _require_metric(metric, dataset)
        distributions = search_space.distributions(search)
    if folder is None:
        folder = Path("tuning") / run_name(variant, dataset.name, seed)
    folder = make_folder(file_errors.as_path("folder", folder))
    fixed = {"rows": rows, "seed": seed, "validation_split": validation_split, **changes}

    def measured(label, pca=False, **setting):
        return _attempt(label, variant, dataset, folder, pca=pca, **fixed | setting)

    if latent_dims:
        table = []
        for size in latent_dims:
            line = measured(f"latent_dim={size}", pca=True, latent_dim=size)
            table.append({"latent_dim": size} | _figures(line, size=True))
        _write(folder, "sizes", table)
        if any(row["sse"] is not None for row in table):
            plots.save(plots.by_size(table, variant), folder / "sizes.png")
        return table
    if search:
        table = _search(search, distributions, trials, metric, seed, measured)
        _write(folder, "search", table)
        return table
    return [_figures(measured(variant))]


def _search(search, distributions, trials, metric, seed, measured):
    """Returns the table of the settings that Optuna draws, the best first."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed)  # called again, it draws the same settings
    study = optuna.create_study(direction=METRICS[metric], sampler=sampler)
    table = []
    for number in range(1, trials + 1):
        draw = study.ask(distributions)
        setting = search_space.drawn(search, draw.params)
        label = ", ".join(f"{key}={value:.4g}" if isinstance(value, float) else f"{key}={value}"
                          for key, value in setting.items())  # fmt: skip
        line = measured(f"trial {number} of {trials}, {label}", **setting)
        row = setting | _figures(line)
        if row[metric] is None:
            study.tell(draw, state=optuna.trial.TrialState.FAIL)
        else:
            study.tell(draw, row[metric])
        table.append(row)
    sign = 1 if METRICS[metric] == "minimize" else -1
    return sorted(table, key=lambda row: (row[metric] is None, sign * (row[metric] or 0)))


def _attempt(label, variant, dataset, folder, /, **setting):
    """Returns the measurement of a setting, or None if its training diverged, and says so."""
    try:
        line = trial(variant, dataset, folder, **setting)
    except DivergedError as error:
        print(f"zoo: {label}: {error}", file=sys.stderr, flush=True)
        return None
    figures = "  ".join(
        f"{name} {value:.4g}"
        for name, value in _figures(line, size="pca" in line).items()
        if value is not None
    )
    print(f"{label}  {figures}", file=sys.stderr, flush=True)
    return line


def _figures(line, size=False):
    """Returns the row of a table; its figures are None if the training diverged."""
    line = line or {"sse": {}, "loss": {}, "pca": {}}
    row = {"sse": line["sse"].get("validation"), "probe_accuracy": line.get("probe_accuracy")}
    if size:
        row |= {f"pca_{name}": line["pca"].get(name)
                for name in ("code_size", "sse", "probe_accuracy")}  # fmt: skip
    else:
        row["loss"] = line["loss"].get("validation")
    return row | {"seconds": line.get("seconds")}


def _write(folder, name, table):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    replace_file(folder / f"{name}.csv", text.getvalue().encode())
    replace_file(folder / f"{name}.json", (json.dumps(table, indent=2) + "\n").encode())


def _require_metric(metric, dataset):
    if metric not in METRICS:
        raise UsageError(f"`metric` must be {', '.join(METRICS)}. Received: metric={metric!r}.")
    if metric == "probe_accuracy" and dataset.train.labels is None:
        raise UsageError(f"{dataset.name} has no labels, which metric='probe_accuracy' needs.")
