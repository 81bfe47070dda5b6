"""Calibration data: from files, drawn at random, or those that a shipped network was trained on."""

from dfsrt.optimize.data.load import data_of, load_calibration

__all__ = ["data_of", "load_calibration"]
