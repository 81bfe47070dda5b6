"""A lever: a named change of a run's specification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import msgspec

from dfsrt.run.fields import RunFields
from dfsrt.run.scenario import Scenario
from dfsrt.run.spec import RunSpec
from dfsrt.study.levers.texts import with_options
from dfsrt.world.schema import Table

NOT_MEASURED = "not measured"
SAME = "same"


class RunTable(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Fields of a run's specification that a lever may set; ``RunSpec`` says what they mean.

    ``steps`` are added to those that are there; all others, ``confidence`` and ``drop`` too, take
    the place of what was said.
    """

    governor: str | None = None
    precision: str | None = None
    steps: str | None = None
    mapper: str | None = None
    schedule: str | None = None
    dram: str | None = None
    prefetch: str | None = None
    memory: str | None = None
    blind: bool | None = None
    idle: str | None = None
    idle_rail: str | None = None
    power_model: str | None = None
    confidence: str | None = None
    parallel: str | int | None = None
    cap: str | float | None = None
    period: str | float | None = None
    drop: str | None = None
    activity: str | dict[str, str] | None = None
    layer_times: str | dict[str, str] | None = None


class Lever(Table, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A named change of a run: fields of its specification, and options of what it names.

    ``load``, ``device`` and ``dram`` are options of those texts, ``component`` holds components of
    the scenario's setting in a state. ``needs`` names what the device must have. ``fidelity`` is
    what the lever does to answers: ``same``, a measurement in words, or ``not measured``.
    """

    name: str
    what: str
    run: RunTable = RunTable()
    load: dict[str, str | int] = msgspec.field(default_factory=dict)
    device: dict[str, str | int] = msgspec.field(default_factory=dict)
    dram: dict[str, str | int] = msgspec.field(default_factory=dict)
    component: dict[str, str] = msgspec.field(default_factory=dict)
    needs: str = ""
    fidelity: str = NOT_MEASURED

    def apply(self, spec: RunSpec) -> RunSpec:
        """Return ``spec`` with the lever pulled; a scenario is a load with one of its own.

        Raises:
            InputError: options for what has no text to write them in.
        """
        changed = replace(spec, **self._fields(spec))
        load = changed.load
        if isinstance(load, Scenario):
            return replace(changed, load=self._in_scenario(load))
        return replace(changed, load=with_options(load, self.load, "load"))

    def changes(self) -> str:
        """Return what it changes, as people type it."""
        fields = {f: v for f, v in msgspec.structs.asdict(self.run).items() if v is not None}
        named = {"load": self.load, "device": self.device, "dram": self.dram}
        said = [f"{name}={value}" for name, value in fields.items()]
        said += [f"{t}:{n}={v}" for t, options in named.items() for n, v in options.items()]
        return ", ".join([*said, *(f"{name} {state}" for name, state in self.component.items())])

    def _fields(self, spec: RunSpec) -> RunFields:
        said = {f: v for f, v in msgspec.structs.asdict(self.run).items() if v is not None}
        own = None if not isinstance(spec.load, Scenario) else spec.load.spec
        if "steps" in said:
            before = spec.steps or (own.steps if own else None)
            said["steps"] = ",".join(part for part in (before, said["steps"]) if part)
        for name in ("device", "dram"):
            if options := cast("Mapping[str, str | int]", getattr(self, name)):
                text = said.get(name) or getattr(spec, name) or (own and getattr(own, name))
                said[name] = with_options(text, options, name)
        return cast("RunFields", said)

    def _in_scenario(self, scenario: Scenario) -> Scenario:
        uses = tuple(
            replace(use, state=self.component[use.name], changes=())
            if use.name in self.component else use
            for use in scenario.setting.uses
        )  # fmt: skip
        load = with_options(scenario.spec.load, self.load, "load")
        spec = replace(scenario.spec, load=load)
        return replace(scenario, spec=spec, setting=replace(scenario.setting, uses=uses))
