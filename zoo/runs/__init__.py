"""Run directories: the files that a training writes, and how they are read again."""

from zoo.runs.files import (
    read,
    read_config,
    read_part,
    require_same,
    run_id,
    save_weights,
    write,
    write_part,
)
from zoo.runs.folder import (
    FIGURES,
    LOCK,
    claimed,
    classifier_folder,
    default_folder,
    finished,
    prepare,
    run_name,
)
from zoo.runs.listing import compare, list_runs
from zoo.runs.run import Run, open_model

__all__ = [
    "FIGURES",
    "LOCK",
    "Run",
    "claimed",
    "classifier_folder",
    "compare",
    "default_folder",
    "finished",
    "list_runs",
    "open_model",
    "prepare",
    "read",
    "read_config",
    "read_part",
    "require_same",
    "run_id",
    "run_name",
    "save_weights",
    "write",
    "write_part",
]
