"""Similar rows by their codes: numpy and onnxruntime, no TensorFlow."""

from zoo.search.encoders import index_path
from zoo.search.folders import codes_of_folder, fitted
from zoo.search.index import Index, require

__all__ = ["Index", "codes_of_folder", "fitted", "index_path", "require"]
