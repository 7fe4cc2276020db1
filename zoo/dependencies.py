"""Names the package that is missing, and the pip command, where a file of the zoo imports it."""

import importlib.util
import sys

from zoo.errors import MissingExtraError

# By module: the package's name in a sentence, and what pip installs. What serves only models that
# need TensorFlow comes with the whole zoo. The other packages are also useful beside onnxruntime
# alone, so that each is named by itself: the whole zoo would bring TensorFlow along.
WHOLE = "autoencoder-zoo"
PACKAGES = {
    "keras": ("Keras", WHOLE),
    "tensorflow": ("TensorFlow", WHOLE),
    "tensorflow_datasets": ("tensorflow-datasets", WHOLE),
    "importlib_resources": ("importlib_resources", WHOLE),  # tensorflow-datasets needs it
    "tf2onnx": ("tf2onnx", WHOLE),
    "onnx": ("onnx", WHOLE),
    "h5py": ("h5py", WHOLE),
    "google": ("protobuf", WHOLE),
    "scipy": ("SciPy", WHOLE),
    "threadpoolctl": ("threadpoolctl", WHOLE),
    "filelock": ("filelock", WHOLE),
    "rich": ("Rich", WHOLE),
    "numpy": ("NumPy", "numpy"),
    "onnxruntime": ("onnxruntime", "onnxruntime"),
    "safetensors": ("safetensors", "safetensors"),
    "typer": ("Typer, which the command line needs,", "typer"),
    "PIL": ("Pillow, which reads images,", "pillow"),
    "matplotlib": ("Matplotlib, which draws,", "matplotlib"),
    "sklearn": ("scikit-learn", "scikit-learn"),
    "requests": ("requests", "requests"),
}
EXTRAS = {  # by module: the name, the package, and the extra of the zoo that installs it
    "faiss": ("faiss, which searches approximately,", "faiss-cpu", "search"),
    "pandas": ("pandas", "pandas", "tabular"),
    "pyarrow": ("pyarrow", "pyarrow", "tabular"),
    "nilearn": ("nilearn, which holds mni152,", "nilearn", "volumes"),
    "nibabel": ("nibabel, which reads mni152,", "nibabel", "volumes"),
    "skimage": ("scikit-image, which holds the photos of photo_crops,", "scikit-image", "photos"),
    "tensorboard": ("TensorBoard", "tensorboard", "tensorboard"),
    "optuna": ("Optuna, which searches for settings,", "optuna", "tune"),
    "starlette": ("Starlette, which serves over HTTP,", "starlette", "serve"),
    "uvicorn": ("uvicorn, which serves over HTTP,", "uvicorn", "serve"),
    "grpc": ("grpcio, which serves over gRPC,", "grpcio", "serve"),
    "uvloop": ("uvloop", "uvloop", "serve"),
    "orjson": ("orjson, which reads JSON,", "orjson", "serve"),
    "prometheus_client": ("prometheus-client", "prometheus-client", "serve"),
    "openvino": ("OpenVINO", "openvino", "openvino"),
    "ai_edge_litert": ("LiteRT, which runs .tflite files,", "ai-edge-litert", "litert"),
    "yaml": ("PyYAML", "pyyaml", "test"),
    "playwright": ("Playwright, which drives a browser,", "playwright", "test"),
    "model_signing": ("model-signing", "model-signing pyopenssl", "sign"),
    "huggingface_hub": (
        "huggingface_hub, which opens hf:// addresses and uploads,",
        "huggingface-hub",
        "hub",
    ),
}
_IMPORTERS = ("zoo", "keras")  # Keras imports its backend, TensorFlow, without declaring it
_MACHINERY = ("importlib._bootstrap", "_frozen_importlib")


def installed(module: str) -> bool:
    """Returns whether a module can be imported, without importing it.

    Args:
        module: String. Its name, such as `"tensorflow"`.

    Returns:
        A boolean.

    Example:

    >>> installed("numpy"), installed("none_of_that_name")
    (True, False)
    """
    return importlib.util.find_spec(module) is not None


def missing(module: str) -> MissingExtraError:
    """Returns the error for a package that is not installed.

    Where TensorFlow is missing too, the package of an extra is named by itself, since
    `autoencoder-zoo[EXTRA]` would install all of the zoo.

    Args:
        module: String. A key of `PACKAGES` or `EXTRAS`.

    Returns:
        A `MissingExtraError`.

    Example:

    >>> missing("sklearn")
    MissingExtraError('scikit-learn is not installed: pip install scikit-learn')
    """
    if module in PACKAGES:
        return MissingExtraError(*PACKAGES[module])
    what, package, extra = EXTRAS[module]
    return MissingExtraError(what, f"{WHOLE}[{extra}]" if installed("tensorflow") else package)


def name_missing() -> None:
    """Makes an import of a missing package say how to install it, in the zoo's own files.

    What other libraries import, or ask about, is left as it is.

    Example:

    >>> name_missing()
    """
    if not any(isinstance(finder, _Last) for finder in sys.meta_path):
        sys.meta_path.append(_Last())


class _Last:
    """Import hook that is asked after all others, so only for what is not installed."""

    def find_spec(self, name, path=None, target=None):
        if (name in PACKAGES or name in EXTRAS) and _importer() in _IMPORTERS:
            raise missing(name)
        return None


def _importer():
    """Returns the package of the file that runs an import statement."""
    import inspect  # slow to import

    frame = inspect.currentframe().f_back.f_back
    while frame and frame.f_globals.get("__name__") in _MACHINERY:
        frame = frame.f_back
    return ((frame and frame.f_globals.get("__package__")) or "").partition(".")[0]
