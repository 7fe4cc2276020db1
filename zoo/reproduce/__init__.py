"""`zoo reproduce`: the published results we hold ours against, each trained by one command."""

from zoo.reproduce.record import reproduce
from zoo.reproduce.rows import ROWS, Row

__all__ = ["ROWS", "Row", "reproduce"]
