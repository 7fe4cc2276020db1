"""From a trained model to a folder that others serve: written whole, proven equal, checked again."""

from zoo.exporting.export import export
from zoo.exporting.verify import verify

__all__ = ["export", "verify"]
