"""From a trained model to a folder that others serve: written whole, and proven equal."""

from zoo.exporting.export import export
from zoo.exporting.verify import verify

__all__ = ["export", "verify"]
