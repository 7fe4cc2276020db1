"""The errors a user can meet: what was wrong, what is accepted, what came, in one sentence."""

import difflib


class ZooError(Exception):
    """The base class of every error that the library raises on purpose."""


class UsageError(ZooError, ValueError):
    """The call cannot be answered as it was made: a wrong name, argument, array, file or folder."""


class CheckFailedError(ZooError, RuntimeError):
    """Something was looked at and found wrong: a changed file, runtimes that disagree."""


class DivergedError(ZooError, ArithmeticError):
    """A loss became NaN or infinite."""


class MissingExtraError(ZooError, ImportError):
    """An optional dependency is not installed; the message holds the pip line that installs it."""

    def __init__(self, what, extra):
        super().__init__(f"{what} is not installed: pip install 'autoencoder-zoo[{extra}]'")


class FolderWarning(UserWarning):
    """Something in a folder is left out of the data, or cannot be told from it."""


def no_such(kind, name, accepted):
    """A `UsageError` that names the nearest of the accepted names."""
    near = difflib.get_close_matches(str(name), accepted, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(accepted)}."
    return UsageError(f"There is no {kind} {name!r}; {hint}")
