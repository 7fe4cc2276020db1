"""Real data to learn from: embedded, from libraries, from folders, files and tables."""

from zoo.datasets.dataset import Dataset, Split
from zoo.datasets.imports import import_sources
from zoo.datasets.loading import NAMES, load

__all__ = ["NAMES", "Dataset", "Split", "import_sources", "load"]
