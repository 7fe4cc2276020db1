"""Which versions of what made a file."""

import platform
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = ("autoencoder-zoo", "tensorflow", "keras", "numpy", "tf2onnx", "onnx", "onnxruntime")


def versions() -> dict[str, str]:
    """Python's version and those of the packages that shape a result."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
