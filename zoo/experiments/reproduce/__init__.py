"""`zoo reproduce`: published results to compare ours with, each trained by one command."""

from zoo.experiments.reproduce.record import lines_of, reproduce
from zoo.experiments.reproduce.row import Row
from zoo.experiments.reproduce.table import ROWS

__all__ = ["ROWS", "Row", "lines_of", "reproduce"]
