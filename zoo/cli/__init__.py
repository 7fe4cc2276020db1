"""The command line: each command is a few lines over the function of the same name."""

from importlib import import_module

from zoo.cli.console import app

for _commands in (
    "variants",
    "runs",
    "finetuning",
    "anomalies",
    "generation",
    "bundles",
    "search",
    "measurements",
    "data",
):  # as --help lists them
    import_module(f"zoo.cli.{_commands}")


def main():
    """The console command `zoo`."""
    app()
