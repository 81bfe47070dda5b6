"""The setting: all that surrounds an NPU, from its battery to the air."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from dfsrt.base.ranged import Ranged, ranged_numbers, with_values
from dfsrt.world.battery import Battery
from dfsrt.world.heat import HeatModel
from dfsrt.world.npu_schedule import NpuSchedule
from dfsrt.world.use import Use
from dfsrt.world.zone import Trip, Zone


@dataclass(frozen=True, slots=True)
class PmicPoint:
    """The PMIC's ``efficiency`` at ``load_w``."""

    name: str
    load_w: float
    efficiency: Ranged


@dataclass(frozen=True, slots=True)
class Setting:
    """The surroundings of an NPU, as a file describes them.

    ``tick_ns`` is the time from one look of the control loops to the next. ``ambient_changes``
    are (time in ns, °C), ``soc_caps`` (share of charge, watts of the cap's domain from there
    down). ``start_c`` is None where everything starts as warm as the air. ``grid`` is the share
    by which a zone's budget must change to count. ``npu`` says when the NPU has to sleep.
    """

    tick_ns: int
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
    soc_caps: tuple[tuple[float, float], ...]
    npu: NpuSchedule = field(default_factory=NpuSchedule)

    @property
    def node_names(self) -> tuple[str, ...]:
        """The nodes of the heat model, in its order."""
        return tuple(node.name for node in self.heat.nodes)

    @property
    def floor_w(self) -> float:
        """The least that the components draw, in W: all at rest, or held down."""
        least_w = []
        for use in self.uses:
            states = (use.state, *(state for _, state in use.changes))
            held_w = math.inf if use.least_w is None else use.least_w
            least_w.append(min(held_w, *(use.component.state_w(state) for state in states)))
        return math.fsum(least_w)

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
        """Return the numbers that nobody has measured, each under its path."""
        return {path: n for path, n in self.numbers().items() if n.assumed}

    def at(self, **values: float) -> Setting:
        """Return the setting with numbers set to other values; see ``numbers`` for paths."""
        return with_values(self, values)
