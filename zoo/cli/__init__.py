"""The command line: each command is a few lines over the function of the same name."""

from zoo.cli import interrupts, standard_streams


def main():
    """Runs the console command `zoo`."""
    standard_streams.secure()
    interrupts.install()  # before anything that takes long to import
    try:
        from zoo.cli.commands import app

        app()
    finally:
        interrupts.ignore()


def __getattr__(name):
    if name == "app":
        from zoo.cli.commands import app

        return app
    raise AttributeError(f"module 'zoo.cli' has no attribute {name!r}")
