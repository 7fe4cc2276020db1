"""Search for similar rows by their latent codes, with NumPy and onnxruntime, without TensorFlow."""

from zoo.search.index import Index, require
from zoo.search.index_file import index_path, require_free
from zoo.search.sources import codes_of_folder, codes_of_texts, fitted, query_texts

__all__ = [
    "Index",
    "codes_of_folder",
    "codes_of_texts",
    "fitted",
    "index_path",
    "query_texts",
    "require",
    "require_free",
]
