"""Scenarios for tests: changed in a field of their own, or of their setting."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from dfsrt.run.scenario import Scenario
from dfsrt.world.setting import Setting

OF_SETTING = {field.name for field in fields(Setting)}


def changed(scenario: Scenario, **changes: Any) -> Scenario:
    """Return the scenario with other values of its fields, or of its setting's."""
    inside = {name: value for name, value in changes.items() if name in OF_SETTING}
    own = {name: value for name, value in changes.items() if name not in OF_SETTING}
    return replace(scenario, setting=replace(scenario.setting, **inside), **own)
