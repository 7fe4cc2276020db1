"""The command line `zoo`: each command calls the function of the same name."""

import os
import sys

from zoo.cli import interrupts, standard_streams
from zoo.errors import MissingExtraError


def main():
    """Runs the console command `zoo` with the arguments of this process."""
    standard_streams.secure()
    interrupts.install()  # before anything that takes long to import
    if "_ZOO_COMPLETE" in os.environ:  # set by the shell's completion, which reads single lines
        os.environ["TERMINAL_WIDTH"] = "1000"  # Typer would wrap descriptions
    try:
        try:
            from zoo.cli.commands import app
        except MissingExtraError as error:
            print(f"zoo: {error}", file=sys.stderr)
            sys.exit(3)
        app(prog_name="zoo")  # also for `python -m zoo`: completion is installed by this name
    finally:
        interrupts.ignore()


def __getattr__(name):
    if name == "app":
        from zoo.cli.commands import app

        return app
    raise AttributeError(f"module 'zoo.cli' has no attribute {name!r}")
