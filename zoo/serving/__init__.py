"""Exported models at work: onnxruntime and numpy, no TensorFlow."""

from zoo.serving.bundle import Bundle, load

__all__ = ["Bundle", "load"]
