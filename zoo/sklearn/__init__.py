"""Estimators for scikit-learn: an auto-encoder as a transformer, and as an outlier detector."""

from zoo.sklearn.detector import AutoEncoderDetector
from zoo.sklearn.transformer import AutoEncoderTransformer

__all__ = ["AutoEncoderDetector", "AutoEncoderTransformer"]
