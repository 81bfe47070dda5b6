"""Standby: what the memory draws whether or not bytes cross, at each of its points."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.device.at_memory import at_memory_point
from dfsrt.device.npu import Npu
from dfsrt.power.levels import levels_of


class Standby(NamedTuple):
    """Watts of the memory by level, ``(n_levels,)`` each: while a layer runs, and while none does.

    A point's own are controller and PHY, which stand by alike; a DRAM that is a part adds its
    standby and refresh, more of it while rows are open.
    """

    work_w: Floats
    idle_w: Floats


def standby_of(npu: Npu) -> Standby:
    """Return a device's standby at each of its levels; a flat DRAM of no points draws nothing.

    Of a core that works beside others it is its share.
    """
    levels = levels_of(npu)
    parts = [_of_part(at_memory_point(npu, number)) for number in range(levels.n_memory)]
    own_w = np.array([p.standby_w for p in npu.memory.points] or [0.0])
    work_w, idle_w = (own_w + column for column in np.array(parts).T)
    return Standby(npu.share * work_w[levels.memory], npu.share * idle_w[levels.memory])


def _of_part(npu: Npu) -> tuple[float, float]:
    """What a named part draws while a layer runs, and while none does; a flat DRAM nothing."""
    if npu.dram is None:
        return 0.0, 0.0
    from dfsrt.cost.dram import dram_cost

    standby = dram_cost((), npu.dram)
    return standby.background_w, standby.idle_w
