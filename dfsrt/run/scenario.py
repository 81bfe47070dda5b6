"""A scenario: load, device, cap and stop in a setting, read and checked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dfsrt.base.ranged import Ranged
from dfsrt.world.setting import Setting


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
    """The NPU's cap in a power domain: watts at the start, then at times in ns."""

    first_w: float | None
    domain: str
    changes: tuple[tuple[int, float], ...]


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
    """A use of a device: what is asked of it, under which cap and governor, in which setting."""

    name: str
    what: str
    device: str
    governor: str
    power_model: str | None
    confidence: str | float | None
    precision: str | None
    seed: int
    load: Load
    stop: Stop
    cap: Cap
    setting: Setting
    vary: Vary

    def numbers(self) -> dict[str, Ranged]:
        """Return the numbers with a source that matter here, each under its path."""
        return self.setting.numbers()

    def assumed(self) -> dict[str, Ranged]:
        """Return the numbers that nobody has measured, each under its path."""
        return self.setting.assumed()

    def at(self, **values: float) -> Scenario:
        """Return the scenario with numbers set to other values; see ``numbers`` for paths."""
        return replace(self, setting=self.setting.at(**values))

    def under(self, governor: str) -> Scenario:
        """Return the scenario with another governor."""
        return replace(self, governor=governor)
