"""`zoo reproduce`: published results to compare ours with, each trained by one command."""

from zoo.reproduce.record import reproduce
from zoo.reproduce.row import Row
from zoo.reproduce.rows import ROWS

__all__ = ["ROWS", "Row", "reproduce"]
