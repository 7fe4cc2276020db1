"""Serves exported models with onnxruntime and NumPy, without TensorFlow."""

from zoo.serving.bundle import CPU, Bundle, load

__all__ = ["CPU", "Bundle", "load"]
