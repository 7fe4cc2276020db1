"""The errors that the library raises on purpose, each with a message of one sentence."""

import difflib
import shlex


class ZooError(Exception):
    """Base class of every error that the library raises on purpose."""


class UsageError(ZooError, ValueError):
    """A name, argument, array, file or folder is not accepted; also a `ValueError`.

    Example:

    >>> try:
    ...     zoo.build("pca", latent_dim=0)
    ... except ValueError as error:
    ...     print(type(error).__name__)
    UsageError
    """


class CheckFailedError(ZooError, RuntimeError):
    """A check found something wrong, such as a changed file or runtimes that disagree.

    It is also a `RuntimeError`.
    """


class DivergedError(ZooError, ArithmeticError):
    """A loss or a weight became NaN or infinite; also an `ArithmeticError`."""


class MissingExtraError(ZooError, ModuleNotFoundError):
    """A package is not installed; the message holds the pip command that installs it.

    It is also an `ImportError`.

    Args:
        what: String. Name of the package.
        requirement: String. What pip installs.

    Example:

    >>> print(MissingExtraError("faiss", "autoencoder-zoo[search]"))
    faiss is not installed: pip install 'autoencoder-zoo[search]'
    """

    def __init__(self, what, requirement):
        super().__init__(f"{what} is not installed: pip install {shlex.quote(requirement)}")


class FolderWarning(UserWarning):
    """A warning that files or folders are left out, or that a dataset gets no labels from them."""


class ImputationWarning(UserWarning):
    """A warning that rows without an observed cell get the means of the training rows."""


def no_such(kind, name, accepted, of=None):
    """Returns a `UsageError` for an unknown name, with the nearest of the accepted names.

    Args:
        kind: String. What the name stands for, such as `"variant"`.
        name: The unknown name.
        accepted: List of strings. The accepted names; all are shown if none is near.
        of: String. What has these names, such as a variant its arguments. Defaults to None.

    Example:

    >>> "conv_ae" in str(no_such("variant", "conv_aee", ["conv_ae", "pca"]))
    True
    """
    near = difflib.get_close_matches(str(name), accepted, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(accepted)}."
    owner = f" of {of}" if of else ""
    return UsageError(f"There is no {kind} {name!r}{owner}; {hint}")


class PrecisionWarning(UserWarning):
    """Warns that exported files in fewer bits are slower than in float32.

    Example:

    >>> issubclass(zoo.errors.PrecisionWarning, UserWarning)
    True
    """
