"""Imports all commands, in the order in which `zoo --help` lists them."""

from importlib import import_module

from zoo.cli.console import app

for _commands in (
    "list",
    "train",
    "runs",
    "tune",
    "finetune",
    "detect",
    "encode",
    "impute",
    "sample",
    "export",
    "push",
    "serve",
    "explore",
    "search",
    "bench",
    "data",
):
    import_module(f"zoo.cli.{_commands}")

__all__ = ["app"]
