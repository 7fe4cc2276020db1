"""Real images to learn from: embedded, from tensorflow-datasets, from folders and files."""

from zoo.datasets.dataset import Dataset, Split
from zoo.datasets.loading import NAMES, load
from zoo.datasets.sources import import_sources

__all__ = ["NAMES", "Dataset", "Split", "import_sources", "load"]
