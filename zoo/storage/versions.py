"""The versions of Python and of the packages that affect a result."""

import platform
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
    result = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            result[package] = version(package)
        except PackageNotFoundError:
            result[package] = "not installed"
    return result
