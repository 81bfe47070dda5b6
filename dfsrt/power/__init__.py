"""Watts: the plant (true) and the power models (learned)."""

from dfsrt.power.linear import LinearPowerModel, datasheet_model
from dfsrt.power.model import PowerModel

__all__ = ["LinearPowerModel", "PowerModel", "datasheet_model"]
