"""The surroundings of a load: those of the scenario that it is put into."""

from __future__ import annotations

from dataclasses import replace

from dfsrt.base.names import parse_name_spec
from dfsrt.run.scenario import Scenario
from dfsrt.run.scenario_load import load_scenario, scenario_names
from dfsrt.run.source import PIPELINE, kind_of

NONE = "none"


def surrounded(load: object, surroundings: str | None) -> object:
    """Return ``load`` in the surroundings of a scenario, or by itself.

    Where nobody says which, a pipeline has those of the scenario on the shelf that runs it.

    Raises:
        InputError: no such scenario or load.
    """
    name = _scenario_of(load) if surroundings is None else surroundings
    if name in (None, NONE):
        return load
    scenario = load_scenario(str(name))
    return replace(scenario, spec=replace(scenario.spec, load=load))


def _scenario_of(load: object) -> str | None:
    """Return the first scenario on the shelf that runs this pipeline."""
    if kind_of(load) != PIPELINE:
        return None
    pipeline = parse_name_spec(str(load), "load").name
    return next((name for name in scenario_names() if _runs(load_scenario(name), pipeline)), None)


def _runs(scenario: Scenario, pipeline: str) -> bool:
    text = scenario.spec.load
    return isinstance(text, str) and parse_name_spec(text, "load").name == pipeline
