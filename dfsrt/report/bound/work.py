"""What work takes at least: each layer at any clock, at no more than that clock's own voltage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.device import rules
from dfsrt.governor.bound import Frontier, frontier_of, joined
from dfsrt.power.components import split
from dfsrt.power.table import LayerTable
from dfsrt.run.program import Step


def layer_energy_j(table: LayerTable, inside: int) -> Floats:
    """Return the true joules of each layer at each level's own voltage, ``(n_layers, n_levels)``.

    ``inside`` is how many of the components count. A rail that stands higher, or moves, takes more:
    no term falls with voltage.
    """
    plant, levels = table.plant, table.levels
    seconds: Floats = np.asarray(table.duration_ns, dtype=np.float64) * 1e-9
    volts: Floats = np.asarray(levels.rails_uv * 1e-6)
    freq = levels.freqs_hz.astype(np.float64)
    leakage_w: Floats = np.zeros(len(volts))
    for scale, n in plant.leakage:
        leakage_w += rules.leakage_w(scale, volts**n)
    flowing_hz = freq * table.load.clock_share
    parts = split(
        plant.switched_farad[:, None] * volts**2,
        rules.dynamic_w(0.0, plant.clock_farad, flowing_hz) * volts**2 * seconds,
        leakage_w * seconds,
        table.load.dram_j + plant.standby.work_w * seconds,
        seconds,
        plant.rates,
    )
    return np.asarray(sum(parts[:inside]))


class Work:
    """Frontiers of a table's programs, each section's worked out once.

    ``table`` has the levels that may be run at, ``inside`` is how many of the components count.
    """

    def __init__(self, table: LayerTable, inside: int) -> None:
        self.table, self.inside = table, inside
        self._time_s = table.duration_ns * 1e-9
        self._energy_j = layer_energy_j(table, inside)
        self._sections: dict[tuple[int, int], Frontier] = {}

    def of_program(self, steps: Sequence[Step]) -> Frontier | None:
        """Return the frontier of all steps on the NPU; None where there is none."""
        sections = Counter((s.first, s.stop) for s in steps if s.stop > s.first)
        parts = [self._section(*section).times(runs) for section, runs in sections.items()]
        return joined(parts) if parts else None

    def _section(self, first: int, stop: int) -> Frontier:
        """The frontier of the layers from ``first`` to before ``stop``."""
        if (first, stop) not in self._sections:
            layers = zip(self._time_s[first:stop], self._energy_j[first:stop], strict=True)
            whole = joined([frontier_of(time, energy) for time, energy in layers])
            self._sections[first, stop] = whole
        return self._sections[first, stop]
