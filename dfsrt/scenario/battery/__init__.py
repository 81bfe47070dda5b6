"""Batteries: cells from data sheets and papers, drawn from at constant power."""

from dfsrt.scenario.battery.battery import Battery
from dfsrt.scenario.battery.load import battery_names, load_battery

__all__ = ["Battery", "battery_names", "load_battery"]
