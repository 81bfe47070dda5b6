"""``passive``: the memory follows the core's clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from dfsrt.base.errors import InputError
from dfsrt.base.units import parse_freq_hz
from dfsrt.device.opp import level_at_least
from dfsrt.governor.memory.clock import point_at
from dfsrt.governor.memory.governor import BaseMemoryGovernor, BusView


@dataclass(frozen=True, slots=True)
class Passive(BaseMemoryGovernor):
    """A point for each clock of the core: in proportion, or from a map.

    In proportion: the slowest clock of the memory that lies as high between its lowest and highest
    as the core's does between its own. A map like ``300MHz=528MHz+600MHz=1560MHz`` gives the
    memory's clock from each clock of the core on; below the first it is the lowest.
    Source: Linux drivers/devfreq/governor_passive.c, for a parent that is a CPU's clock.
    Limits: it follows the clock that is planned for a layer, also where the rail is late for it.

    Raises:
        InputError: a map that cannot be read.
    """

    name: ClassVar[str] = "passive"
    follows: ClassVar[bool] = True
    map: Annotated[str, "the memory's clock from a core's clock on"] = ""

    def __post_init__(self) -> None:
        _ = self.clocks_hz

    @property
    def clocks_hz(self) -> list[tuple[int, int]]:
        """The map: clocks of the core and of the memory from there on; empty without one.

        Raises:
            InputError: a text that is no map, or clocks out of order.
        """
        pairs = [pair.partition("=") for pair in self.map.split("+") if self.map]
        clocks = [(_freq_hz(core), _freq_hz(memory)) for core, _, memory in pairs]
        cores = [core for core, _ in clocks]
        if cores != sorted(set(cores)):
            raise InputError(
                f"passive: map '{self.map}' is out of order; give the core's clocks from slow to "
                "fast, each once"
            )
        return clocks

    def choose(self, view: BusView) -> int:
        """Return the point for the core's clock."""
        core_hz, clocks_hz = view.core_freqs_hz[view.core_level], self.clocks_hz
        if clocks_hz:
            points = [(core, point_at(view, memory)) for core, memory in clocks_hz]
            return next((point for core, point in reversed(points) if core <= core_hz), 0)
        low, high = view.core_freqs_hz[0], view.core_freqs_hz[-1]
        share = (core_hz - low) / (high - low) if high > low else 1.0
        first, last = view.freqs_hz[0], view.freqs_hz[-1]
        return level_at_least(view.freqs_hz, first + share * (last - first))


def _freq_hz(text: str) -> int:
    return parse_freq_hz(text, "passive: map, like 300MHz=528MHz+900MHz=1560MHz: clock")
