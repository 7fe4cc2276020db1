"""The commands `zoo runs` and `zoo runs compare`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from zoo import runs
from zoo.cli.console import app, command, group_command, show_result
from zoo.cli.options import Json, TrainedRun

runs_app = typer.Typer()
app.add_typer(runs_app, name="runs")


@group_command(runs_app, "zoo runs --json")
def list_runs(
    context: typer.Context,
    folder: Annotated[Path, typer.Option(help="Folder that holds the run directories.")] = Path(
        "runs"
    ),
    json_: Json = False,
):
    """List runs with their main figures, the newest first; `zoo runs compare` compares two."""
    if context.invoked_subcommand:
        return
    rows = runs.list_runs(folder)
    if json_:
        show_result(rows, as_json=True)
        return
    head = {key: key for key in ("folder", "variant", "data", "date", "epochs", "figures")}
    show_result([head, *map(_shown, rows)], as_json=False, columns=True)


def _shown(row):
    figures = "  ".join(f"{name} {value:.4g}" for name, value in row["figures"].items())
    return {
        "folder": row["folder"],
        "variant": row["variant"] + (" classifier" if row["classifier"] else ""),
        "data": row["data"],
        "date": row["date"] or "–",
        "epochs": "–" if row["epochs"] is None else row["epochs"],
        "figures": figures if row["finished"] else "not finished",
    }


@command(runs_app, "zoo runs compare runs/vae-mnist_5k-seed0 runs/vae-mnist_5k-seed1")
def compare(first: TrainedRun, second: TrainedRun, json_: Json = False):
    """Show the settings and the figures in which two runs differ."""
    differences = runs.compare(first, second)
    if json_:
        show_result(differences, as_json=True)
        return
    if not any(differences.values()):
        print(f"zoo: {first} and {second} have the same settings and figures.", file=sys.stderr)
    rows = [["", first, second]]
    for part in differences.values():
        rows += [[name, *values] for name, values in part.items()]
    shown = [["–" if cell is None else cell for cell in row] for row in rows]
    show_result([dict(enumerate(row)) for row in shown], as_json=False, columns=True)
