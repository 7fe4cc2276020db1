"""Exported models at work: onnxruntime and numpy, no TensorFlow."""

from zoo.serving.bundle import CPU, Bundle, load

__all__ = ["CPU", "Bundle", "load"]
