"""A scenario: load, device, cap, air, components, heat and battery, read and checked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dfsrt.base.ranged import Ranged, ranged_numbers, with_values
from dfsrt.world.battery import Battery
from dfsrt.world.components import Component
from dfsrt.world.heat import HeatModel


@dataclass(frozen=True, slots=True)
class Load:
    """What the NPU is asked for; ``every_ns`` is None for requests back to back."""

    trace: str | None
    workload: str | None
    every_ns: int | None
    deadline_ns: int | None
    discipline: str
    drop: str


@dataclass(frozen=True, slots=True)
class Stop:
    """When it ends: with the battery ``empty``, at ``at_ns`` or after ``requests``."""

    empty: bool
    at_ns: int
    requests: int
    text: str


@dataclass(frozen=True, slots=True)
class Cap:
    """The NPU's cap: watts at times in ns, and at and below shares of charge."""

    first_w: float | None
    domain: str
    changes: tuple[tuple[int, float], ...]
    by_charge: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class PmicPoint:
    """The PMIC's ``efficiency`` at ``load_w``."""

    name: str
    load_w: float
    efficiency: Ranged


@dataclass(frozen=True, slots=True)
class Zone:
    """A thermal zone under ``power_allocator``; gains as the kernel's, None for its estimates."""

    name: str
    node: str
    switch_on_c: float
    control_c: float
    sustainable: Ranged
    k_po: float | None
    k_pu: float | None
    k_i: float | None
    k_d: float
    cutoff_c: float


@dataclass(frozen=True, slots=True)
class Trip:
    """No clock above ``max_freq_hz`` while the node is hot."""

    node: str
    above_c: float
    below_c: float
    max_freq_hz: int
    source: str


@dataclass(frozen=True, slots=True)
class Use:
    """A component in use; ``changes`` are (time in ns, state), repeated every ``repeat_ns``."""

    name: str
    component: Component
    state: str
    changes: tuple[tuple[int, str], ...]
    repeat_ns: int | None
    while_npu: str | None
    while_host: str | None
    per_frame: str | None
    rate_hz: tuple[tuple[str, float], ...]
    budget_w: float | None
    least_w: float | None
    weight: float

    def used(self) -> tuple[tuple[str, str], ...]:
        """Return the states and events that matter here, each as (kind, name)."""
        states = [self.state, *(state for _, state in self.changes)]
        states += [s for s in (self.while_npu, self.while_host) if s]
        events = [e for e, _ in self.rate_hz] + ([self.per_frame] if self.per_frame else [])
        found = [("states", s) for s in states if s in self.component.states]
        found += [("events", e) for e in events]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Vary:
    """How samples differ: (low, most likely, high) and spreads over dies."""

    ambient_c: tuple[float, float, float]
    health: tuple[float, float, float]
    leakage_sigma: float
    capacitance_sigma: float
    bins: tuple[str, ...]
    assumed: bool


@dataclass(frozen=True, slots=True)
class Scenario:
    """A use of a device, from its battery to the air around it."""

    name: str
    what: str
    device: str
    governor: str
    power_model: str | None
    confidence: str | float | None
    precision: str | None
    seed: int
    tick_ns: int
    load: Load
    stop: Stop
    cap: Cap
    ambient: Ranged
    ambient_changes: tuple[tuple[int, float], ...]
    pmic: tuple[PmicPoint, ...]
    heat: HeatModel
    start_c: float | None
    npu_weight: float
    grid: float
    zones: tuple[Zone, ...]
    trips: tuple[Trip, ...]
    battery: Battery
    charge: Ranged
    health: Ranged
    growth: Ranged
    uses: tuple[Use, ...]
    vary: Vary

    def numbers(self) -> dict[str, Ranged]:
        """Return the numbers with a source that matter here, each under its path."""
        idle = set()
        for use in self.uses:
            used = use.used()
            for kind in ("states", "events"):
                names = getattr(use.component, kind)
                idle |= {
                    f"uses.{use.name}.component.{kind}.{n}" for n in names if (kind, n) not in used
                }
        return {path: n for path, n in ranged_numbers(self) if path not in idle}

    def assumed(self) -> dict[str, Ranged]:
        """Return the numbers that nobody has measured."""
        return {path: n for path, n in self.numbers().items() if n.assumed}

    def at(self, **values: float) -> Scenario:
        """Return the scenario with numbers set to other values; see ``numbers`` for paths."""
        return with_values(self, values)

    def under(self, governor: str) -> Scenario:
        """Return the scenario with another governor."""
        return replace(self, governor=governor)
