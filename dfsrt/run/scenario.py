"""A scenario: a specification with surroundings, as a file says it, and how samples of it vary."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dfsrt.base.ranged import Ranged
from dfsrt.run.spec import RunSpec
from dfsrt.world.setting import Setting


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
    """A use of a device in a setting: a complete specification, called ``name``.

    ``idle_after`` is how long its idle NPU waits before it sleeps, in s, where that has a range.
    """

    name: str
    what: str
    spec: RunSpec
    setting: Setting
    vary: Vary
    idle_after: Ranged | None = None

    def whole(self) -> RunSpec:
        """Return the specification with the setting in it."""
        return replace(self.spec, world=self.setting, name=self.name, what=self.what)

    def numbers(self) -> dict[str, Ranged]:
        """Return the numbers with a source that matter here, each under its path."""
        return self.setting.numbers()

    def assumed(self) -> dict[str, Ranged]:
        """Return the numbers that nobody has measured, each under its path."""
        return self.setting.assumed()

    def at(self, **values: float) -> Scenario:
        """Return the scenario with numbers set to other values; see ``numbers`` for paths."""
        return replace(self, setting=self.setting.at(**values))
