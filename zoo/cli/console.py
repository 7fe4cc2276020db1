"""The parts that all commands share: exit codes, results on stdout, messages on stderr."""

import atexit
import functools
import json
import logging
import os
import sys
import tempfile
import warnings
from typing import Annotated

import typer

from zoo.cli import interrupts
from zoo.errors import (
    CheckFailedError,
    DivergedError,
    FolderWarning,
    MissingExtraError,
    PrecisionWarning,
    UsageError,
)
from zoo.storage import file_errors, temporaries

interrupts.before_the_end(temporaries.remove_unfinished)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # hides its notes on the CPU and GPU

app = typer.Typer(name="zoo", no_args_is_help=True, pretty_exceptions_enable=False)


def _print_version(wanted: bool):
    if wanted:
        import zoo

        print(zoo.__version__)
        raise typer.Exit


@app.callback(epilog="Example: zoo train conv_ae mnist_5k --epochs 5")
def common(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version and exit.",
        ),
    ] = False,
):
    """Train, evaluate, export and use auto-encoders."""


def command(group, example, name=None):
    """Returns a decorator that adds a function as a command.

    The command ends with exit code 1 for a failed check, 2 for a usage error, and 3 for a missing
    extra.

    Args:
        group: `typer.Typer`. The app, or the group of commands, to add it to.
        example: String. A runnable command line, shown at the end of the help text.
        name: String. Name of the command. Defaults to None, the function's name.

    Returns:
        A decorator. The docstring of the function is the help text of the command.

    Example:

    >>> @command(typer.Typer(), "zoo greet")
    ... def greet():
    ...     "Print a greeting."
    ...     print("hello")
    >>> greet()
    hello
    """

    def add(function):
        return group.command(name=name, epilog=f"Example: {example}")(_guarded(function))

    return add


def group_command(group, example):
    """Returns a decorator that makes a function what a group of commands does by itself.

    The function is also called before a command of the group; its parameter of the type
    `typer.Context` tells which one, as `invoked_subcommand`.

    Args:
        group: `typer.Typer`. The group of commands.
        example: String. A runnable command line, shown at the end of the help text.

    Returns:
        A decorator, as of `command`.

    Example:

    >>> @group_command(typer.Typer(), "zoo greetings")
    ... def greetings(context: typer.Context):
    ...     "List the greetings."
    """

    def add(function):
        decorate = group.callback(invoke_without_command=True, epilog=f"Example: {example}")
        return decorate(_guarded(function))

    return add


def _guarded(function):
    """Returns a function that ends with a message and an exit code where `function` raises."""

    @functools.wraps(function)
    def run(*args, **kwargs):
        warnings.showwarning = _show_warning
        try:
            with file_errors.as_usage_errors():
                function(*args, **kwargs)
        except (CheckFailedError, DivergedError) as error:
            fail(error, 1)
        except MissingExtraError as error:
            fail(error, 3)
        except UsageError as error:
            fail(error, 2)

    return run


def _show_warning(message, category, *details, original=warnings.showwarning):
    if issubclass(category, (FolderWarning, PrecisionWarning)):
        print(f"zoo: {message}", file=sys.stderr)
    else:
        original(message, category, *details)


def resume_run(folder, resume):
    """Sets the command line that is shown at an interrupt, so that it resumes the run.

    It is the current command line with `--folder` and `--resume`.

    Args:
        folder: `Path`. The run directory.
        resume: Boolean. Whether the current command line has `--resume` already.

    Example:

    >>> resume_run(Path("runs/vae-mnist_5k-seed0"), resume=False)  # doctest: +SKIP
    """
    has_folder = any(word.partition("=")[0] == "--folder" for word in sys.argv)
    arguments = [*sys.argv[1:], *([] if has_folder else ["--folder", str(folder)])]
    interrupts.resume_by(arguments + ([] if resume else ["--resume"]))


def require_place(path):
    """Raises an error if a file cannot be written to a path, before the work begins.

    Args:
        path: `Path` of the file.

    Raises:
        UsageError: If the path is a folder, or lies in a folder that does not exist.

    Example:

    >>> from pathlib import Path
    >>> require_place(Path("samples.png"))
    """
    if path.is_dir() or not path.parent.is_dir():
        reason = "it is a folder" if path.is_dir() else f"there is no folder {path.parent}"
        raise UsageError(f"{path} cannot be written: {reason}.")


def start_tensorflow():
    """Imports TensorFlow without the messages of its native code.

    If the import fails, the messages are shown. A command then keeps its temporary files in a
    folder of its own, which is removed however it ends: TensorFlow itself would leave the files of
    the code that it generates where a signal ends the process.

    Example:

    >>> start_tensorflow()  # doctest: +SKIP
    """
    if interrupts.installed():
        _use_own_temporary_folder()
    with tempfile.TemporaryFile() as messages:
        stderr = os.dup(2)
        os.dup2(messages.fileno(), 2)
        try:
            import keras  # noqa: F401, imports TensorFlow, its backend

            for name in ("tensorflow", "absl"):
                logging.getLogger(name).setLevel(logging.ERROR)
        except BaseException:
            messages.seek(0)
            os.write(stderr, messages.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


@functools.cache
def _use_own_temporary_folder():
    folder = temporaries.scratch_folder()
    tempfile.tempdir = str(folder.__enter__())
    atexit.register(folder.__exit__, None, None, None)


def show_result(result, as_json, columns=False):
    """Prints a result on stdout, as JSON or in aligned columns.

    Args:
        result: Dict, with one line for each key and its value; or, with `columns`, a list of dicts
            with the same keys, with one line for the values of each dict.
        as_json: Boolean. Whether to print JSON.
        columns: Boolean. Whether the result is a list of dicts. Defaults to False.

    Raises:
        typer.Exit: If stdout cannot be written to: with exit code 1 and a message on stderr, or
            with exit code 0 if the reader closed the pipe.

    Example:

    >>> show_result({"mse": 0.01, "rows": {"train": 4000, "test": 1000}}, as_json=False)
    mse         0.01
    rows.train  4000
    rows.test   1000
    """
    if sys.stdout is None:
        fail("the result cannot be written: stdout is closed.", 1)
    try:
        print(json.dumps(result, indent=2) if as_json else _table(result, columns), flush=True)
    except OSError as error:
        # Discards what is not yet written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # the reader wants no more, such as `head`
            raise typer.Exit from None
        fail(f"the result cannot be written: {error.strerror}.", 1)


def _table(result, columns):
    rows = [list(row.values()) for row in result] if columns else _flat(result)
    cells = [[_as_text(cell) for cell in row] for row in rows]
    widths = [max(len(row[n]) for row in cells) for n in range(len(cells[0]) - 1)]
    return "\n".join(
        "  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[-1]])
        for row in cells
    )


def _flat(result, prefix=""):
    for key, value in result.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield [prefix + key, value]


def _as_text(cell):
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def fail(error, code):
    """Prints an error on stderr, and ends the command.

    Args:
        error: Exception or string. The message.
        code: Integer. The exit code.

    Raises:
        typer.Exit: Always, with that code.

    Example:

    >>> fail("There is no file photo.png.", code=2)  # doctest: +SKIP
    """
    print(f"zoo: {error}", file=sys.stderr)
    raise typer.Exit(code)
