"""Search for similar rows by their latent codes, with NumPy and onnxruntime, without TensorFlow."""

from zoo.search.encoders import index_path
from zoo.search.index import Index, require
from zoo.search.index_file import require_free
from zoo.search.sources import asked, codes_of_folder, codes_of_texts, fitted

__all__ = [
    "Index",
    "asked",
    "codes_of_folder",
    "codes_of_texts",
    "fitted",
    "index_path",
    "require",
    "require_free",
]
