"""Whether a lever applies: what device, load and surroundings must have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from dfsrt.base.names import unknown_name
from dfsrt.device import Npu, load_device
from dfsrt.network.pipeline import is_pipeline, load_pipeline
from dfsrt.run.scenario import Scenario
from dfsrt.run.spec import RunSpec
from dfsrt.study.levers.lever import Lever
from dfsrt.study.levers.texts import options_of

NEEDS: Mapping[str, tuple[Callable[[Npu], bool], str]] = {
    "decodes-int4": (lambda npu: "int4" in npu.weights.decode, "decodes no 4-bit weights"),
    "decodes-shared": (
        lambda npu: any("shared" in way for way in npu.weights.decode),
        "decodes no shared weights",
    ),
    "skips-zeros": (lambda npu: npu.weights.skip != "none", "skips no zeros"),
}
"""What a lever may need of a device, and what is said of one that has it not."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where levers are pulled: the device, and what is said before any of them.

    ``typed`` are options of the load that stay as they were typed.
    """

    spec: RunSpec
    npu: Npu
    typed: Mapping[str, str]

    @property
    def scenario(self) -> Scenario | None:
        """The scenario that the load is in."""
        return self.spec.load if isinstance(self.spec.load, Scenario) else None

    @property
    def load(self) -> object:
        """The load itself, in a scenario or by itself."""
        return self.spec.load if self.scenario is None else self.scenario.spec.load

    @property
    def parameters(self) -> tuple[str, ...]:
        """What a pipeline lets one set in its text."""
        text = str(self.load)
        return tuple(load_pipeline(text).parameters) if is_pipeline(text) else ()

    def why_not(self, lever: Lever) -> str:
        """Return why a lever cannot be pulled here, empty where it can."""
        return next(self._reasons(lever), "")

    def _reasons(self, lever: Lever) -> Iterator[str]:
        npu, what = self.npu, lever.run
        if lever.needs and not NEEDS[lever.needs][0](npu):
            yield f"{npu.name} {NEEDS[lever.needs][1]}"
        if what.memory is not None and len(npu.memory.points) < 2:
            yield f"the memory of {npu.name} has one clock"
        if what.idle not in (None, "none") and not npu.idle:
            yield f"{npu.name} has no idle states"
        if lever.dram and self._dram is None:
            yield f"{npu.name} names no DRAM part; give one with --dram"
        yield from self._of_load(lever)
        yield from self._of_setting(lever)

    @property
    def _dram(self) -> str | None:
        own = None if self.scenario is None else self.scenario.spec.dram
        return self.spec.dram or own

    def _of_load(self, lever: Lever) -> Iterator[str]:
        for name in lever.load:
            if name not in self.parameters:
                yield f"{self.load} has no parameter {name}"
            if name in self.typed:
                yield f"the load says {name}={self.typed[name]} itself"

    def _of_setting(self, lever: Lever) -> Iterator[str]:
        uses = {} if self.scenario is None else {u.name: u for u in self.scenario.setting.uses}
        for name, state in lever.component.items():
            if self.scenario is None:
                yield "there is no battery and no component around the load; give a scenario (--in)"
            elif name not in uses:
                has = ", ".join(uses) or "none"
                yield f"scenario {self.scenario.name} has no component {name} (components: {has})"
            elif state not in (*uses[name].component.states, "off"):
                yield unknown_name(f"state of {name}", state, uses[name].component.states)


def ground_of(spec: RunSpec, typed: Mapping[str, str], default: str) -> Ground:
    """Return the ground of a specification; ``default`` is the device where nobody says one.

    Raises:
        InputError: no such device.
    """
    if not isinstance(spec.load, Scenario):
        spec = replace(spec, device=spec.device or default)
    own = spec.load.spec.device if isinstance(spec.load, Scenario) else None
    device = spec.device or own or default
    npu = device if isinstance(device, Npu) else load_device(device)
    return Ground(spec, npu, typed)


def typed_options(load: object) -> Mapping[str, str]:
    """Return the options that stand in a load's text."""
    return options_of(load, "load")
