"""Scenarios: a use of a device, from its battery to the air around it."""

from dfsrt.scenario.scenario.load import load_scenario, scenario_names
from dfsrt.scenario.scenario.scenario import Scenario

__all__ = ["Scenario", "load_scenario", "scenario_names"]
