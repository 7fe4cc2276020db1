"""How a command behaves: exit codes, results on stdout, all else on stderr, a quiet start."""

import functools
import json
import logging
import os
import sys
import tempfile
import warnings
from typing import Annotated

import typer

from zoo import file_errors, temporaries
from zoo.cli import interrupts
from zoo.errors import (
    CheckFailedError,
    DivergedError,
    FolderWarning,
    MissingExtraError,
    UsageError,
)

interrupts.before_the_end(temporaries.remove_unfinished)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # its notes on the machine are not ours

app = typer.Typer(
    name="zoo",
    help="Auto-encoders: build, train, evaluate, export, verify.",
    epilog="Example: zoo train conv_ae mnist_5k",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _print_version(wanted: bool):
    if wanted:
        import zoo

        print(zoo.__version__)
        raise typer.Exit


@app.callback(epilog="Example: zoo train conv_ae mnist_5k")
def common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="And nothing else."),
    ] = False,
):
    """Auto-encoders: build, train, evaluate, export, verify."""


Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def command(group, example, name=None):
    """Adds a command with an example in its help, and an exit code for each kind of error."""

    def add(function):
        @group.command(name=name, epilog=f"Example: {example}")
        @functools.wraps(function)
        def run(*args, **kwargs):
            warnings.showwarning = _show_warning
            try:
                with file_errors.told():
                    function(*args, **kwargs)
            except (CheckFailedError, DivergedError) as error:
                fail(error, 1)
            except MissingExtraError as error:
                fail(error, 3)
            except UsageError as error:
                fail(error, 2)

        return run

    return add


def _show_warning(message, category, *where, shown=warnings.showwarning):
    if issubclass(category, FolderWarning):
        print(f"zoo: {message}", file=sys.stderr)
    else:
        shown(message, category, *where)


def resume_run(folder, resume):
    """Makes the line that resumes name the run's folder, and ask to go on there."""
    again = [*sys.argv[1:], *([] if "--folder" in sys.argv else ["--folder", str(folder)])]
    interrupts.resume_by(again + ([] if resume else ["--resume"]))


def require_place(path):
    """Raises `UsageError` now, rather than after minutes, if a file cannot be written there."""
    if path.is_dir() or not path.parent.is_dir():
        why = "it is a folder" if path.is_dir() else f"there is no folder {path.parent}"
        raise UsageError(f"{path} cannot be written: {why}.")


def start_tensorflow():
    """Imports TensorFlow without its native start-up notes; if that fails, they are shown."""
    with tempfile.TemporaryFile() as held:
        stderr = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            import keras  # noqa: F401, imported for its noise: TensorFlow, its backend

            for name in ("tensorflow", "absl"):
                logging.getLogger(name).setLevel(logging.ERROR)
        except BaseException:
            held.seek(0)
            os.write(stderr, held.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def show_result(result, as_json, columns=False):
    """On stdout: JSON, or aligned columns."""
    if sys.stdout is None:
        fail("the result cannot be written: stdout is closed.", 1)
    try:
        print(json.dumps(result, indent=2) if as_json else _table(result, columns), flush=True)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # of what is not yet out
        if isinstance(error, BrokenPipeError):  # of a reader who has enough
            raise typer.Exit from None
        fail(f"the result cannot be written: {error.strerror}.", 1)


def _table(result, columns):
    rows = [list(row.values()) for row in result] if columns else _flat(result)
    told = [[_told(cell) for cell in row] for row in rows]
    widths = [max(len(row[n]) for row in told) for n in range(len(told[0]) - 1)]
    return "\n".join(
        "  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[-1]])
        for row in told
    )


def _flat(result, prefix=""):
    for key, value in result.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield [prefix + key, value]


def _told(cell):
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def fail(error, code):
    print(f"zoo: {error}", file=sys.stderr)
    raise typer.Exit(code)
