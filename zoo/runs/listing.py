"""Lists the runs in a folder, and compares two of them."""

import warnings
from pathlib import Path

from zoo.errors import CheckFailedError, FolderWarning, UsageError
from zoo.runs import files
from zoo.runs.folder import finished
from zoo.storage import file_errors
from zoo.storage.temporaries import is_temporary

MAIN = ("sse", "pca_sse", "probe_accuracy", "test_error")  # figures that a list shows
NO_SETTINGS = ("run_id", "date", "from.taken", "from.new")  # keys of config.json that follow


@file_errors.as_usage_errors()
def list_runs(folder: str | Path = "runs") -> list[dict]:
    """Returns the runs in a folder, the newest first.

    Folders that hold no run, or a damaged one, are left out with a `zoo.errors.FolderWarning`.

    Args:
        folder: String or `Path`. The folder that holds run directories. Defaults to `"runs"`.

    Returns:
        A list with a dict for each run: `folder`, `variant`, `classifier` (whether `zoo.finetune`
        wrote it), `data`, `date` (None if an older version wrote it), `finished`, `epochs`, and
        `figures`, a dict of those of `sse`, `pca_sse`, `probe_accuracy` and `test_error` that the
        run has. A run that is not finished has no figures, and None as `epochs`.

    Raises:
        UsageError: If there is no such folder.

    Example:

    >>> Path("runs").mkdir()
    >>> list_runs("runs")
    []
    """
    folder = file_errors.as_path("folder", folder)
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.")
    rows = []
    for path in sorted(folder.iterdir()):
        if not path.is_dir() or path.name.startswith(".") or is_temporary(path.name):
            continue
        try:
            rows.append(_row(path))
        except (UsageError, CheckFailedError) as error:
            warnings.warn(f"left out: {error}", FolderWarning, stacklevel=2)
    return sorted(rows, key=lambda row: row["date"] or "", reverse=True)


@file_errors.as_usage_errors()
def compare(first: str | Path, second: str | Path) -> dict[str, dict[str, list]]:
    """Returns what differs between two runs.

    Args:
        first: String or `Path`. A run directory.
        second: String or `Path`. Another one.

    Returns:
        A dict of two dicts, `settings` and `figures`. They hold a list of both values for each
        setting and each metric that differs, None where a run has none. The settings include the
        versions of the libraries. If one of the runs is not finished there are no figures, and a
        `zoo.errors.FolderWarning` says so.

    Raises:
        UsageError: If a folder holds no run, or if a file of it is damaged.
        CheckFailedError: If a file belongs to another run.

    Example:

    >>> compare("runs/vae-mnist_5k-seed0", "runs/vae-mnist_5k-seed1")  # doctest: +SKIP
    {'settings': {'seed': [0, 1]}, 'figures': {'sse': [31.2, 31.5], ...}}
    """
    folders = [file_errors.as_path("folder", folder) for folder in (first, second)]
    configs = [_flat(files.read_config(folder)) for folder in folders]
    metrics = []
    for folder in folders:
        if finished(folder):
            metrics.append(files.read_part(folder, "metrics.json", files.METRICS))
        else:
            warnings.warn(
                f"The run in {folder} is not finished: it has no figures.",
                FolderWarning,
                stacklevel=2,
            )
    settings = _differences(*configs)
    return {
        "settings": {key: pair for key, pair in settings.items() if key not in NO_SETTINGS},
        "figures": _differences(*metrics) if len(metrics) == 2 else {},
    }


def _row(path):
    config = files.read_config(path)
    row = {
        "folder": path.as_posix(),
        "variant": config["variant"],
        "classifier": "classes" in config,
        "data": config["data"]["name"],
        "date": config.get("date"),
        "finished": finished(path),
        "epochs": None,
        "figures": {},
    }
    if row["finished"]:
        history = files.read_part(path, "history.json", files.HISTORY)
        metrics = files.read_part(path, "metrics.json", files.METRICS)
        row["epochs"] = max(map(len, history.values()), default=0)
        row["figures"] = {name: metrics[name] for name in MAIN if name in metrics}
    return row


def _flat(content, prefix=""):
    """Returns nested dicts as one, with dots in the keys."""
    flat = {}
    for key, value in content.items():
        nested = isinstance(value, dict)
        flat |= _flat(value, f"{prefix}{key}.") if nested else {prefix + key: value}
    return flat


def _differences(first, second):
    keys = dict.fromkeys([*first, *second])
    return {
        key: [first.get(key), second.get(key)] for key in keys if first.get(key) != second.get(key)
    }
