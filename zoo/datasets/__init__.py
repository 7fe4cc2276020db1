"""Datasets to learn from: embedded, from libraries, from folders, files, tables and arrays."""

from zoo.datasets.by_name import NAMES
from zoo.datasets.dataset import Dataset
from zoo.datasets.imports import import_sources
from zoo.datasets.load import load, rows
from zoo.datasets.split import Split

__all__ = ["NAMES", "Dataset", "Split", "import_sources", "load", "rows"]
