"""Serves exported models with onnxruntime and NumPy, without TensorFlow."""

from zoo.serving.bundle import CPU, Bundle, load
from zoo.serving.codec import Codec

__all__ = ["CPU", "Bundle", "Codec", "load"]
