"""The versions of Python and of the packages that affect a result."""

import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = ("autoencoder-zoo", "tensorflow", "keras", "numpy", "tf2onnx", "onnx", "onnxruntime")


def versions() -> dict[str, str]:
    """Returns the versions of Python and of the packages that affect a result.

    Returns:
        Dict of strings; `"not installed"` for a package that is missing.

    Example:

    >>> versions()["numpy"] == np.__version__
    True
    """
    return {"python": platform.python_version()} | of_packages(_PACKAGES)


def of_packages(packages: Iterable[str]) -> dict[str, str]:
    """Returns the versions of some distributions.

    Args:
        packages: Iterable of strings.

    Returns:
        Dict of strings; `"not installed"` for a package that is missing.

    Example:

    >>> of_packages(["numpy", "no-such-package"])["no-such-package"]
    'not installed'
    """
    result = {}
    for package in packages:
        try:
            result[package] = version(package)
        except PackageNotFoundError:
            result[package] = "not installed"
    return result
