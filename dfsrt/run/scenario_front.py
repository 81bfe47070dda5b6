"""Scenarios: a use of a device, from its battery to the air around it."""

from dfsrt.run.scenario import Scenario
from dfsrt.run.scenario_load import load_scenario, scenario_names

__all__ = ["Scenario", "load_scenario", "scenario_names"]
