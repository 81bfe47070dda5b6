"""Scenarios for tests: changed in a field of their own, of their setting or their specification."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from dfsrt.run.scenario import Scenario
from dfsrt.world.setting import Setting

OWN = {field.name for field in fields(Scenario)}
OF_SETTING = {field.name for field in fields(Setting)}


def changed(scenario: Scenario, **changes: Any) -> Scenario:
    """Return the scenario with other values of its fields, its setting's or its specification's."""
    own = {name: value for name, value in changes.items() if name in OWN}
    inside = {n: v for n, v in changes.items() if n in OF_SETTING - OWN}
    spec = {n: v for n, v in changes.items() if n not in OWN | OF_SETTING}
    whole = replace(scenario, **own)
    return replace(
        whole, setting=replace(whole.setting, **inside), spec=replace(whole.spec, **spec)
    )
