"""Detects anomalies: rows that are unlike the normal rows that an auto-encoder learned from."""

from zoo.anomaly.data import one_class, rows_of_run
from zoo.anomaly.detector import Detector
from zoo.anomaly.report import measure, open_detector, report

__all__ = ["Detector", "measure", "one_class", "open_detector", "report", "rows_of_run"]
