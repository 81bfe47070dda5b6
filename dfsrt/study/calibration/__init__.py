"""Calibration: a device's free numbers, fitted to what people measured on their own board."""

from dfsrt.study.calibration.board import Calibrated, Wish, calibrate
from dfsrt.study.calibration.observed import Settings

__all__ = ["Calibrated", "Settings", "Wish", "calibrate"]
