"""Batteries: cells from data sheets and papers, drawn from at constant power."""

from dfsrt.world.battery.battery import Battery
from dfsrt.world.battery.load import battery_names, load_battery

__all__ = ["Battery", "battery_names", "load_battery"]
