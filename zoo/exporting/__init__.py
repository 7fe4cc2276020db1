"""Exports a trained model to a folder that can be served, and verifies such a folder."""

from zoo.exporting.export import export
from zoo.exporting.layouts import write_layout
from zoo.exporting.signature import sign
from zoo.exporting.verify import verify

__all__ = ["export", "sign", "verify", "write_layout"]
