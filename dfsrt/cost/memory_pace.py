"""The pace of memory: what layers get of it, and give for a byte, at each of its points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, freeze_arrays
from dfsrt.cost.cost import LayerCost, dram_of_layer, exposed_ns
from dfsrt.cost.stream_pace import stream_bytes_per_s
from dfsrt.device.at_memory import at_memory_point
from dfsrt.device.npu import Npu


@dataclass(frozen=True, slots=True)
class MemoryPace:
    """What layers get of the memory, ``(n_layers, n_memory)`` each, one column without points.

    ``bandwidth_bytes_per_s`` is what all of a layer's cores take together, ``launch_ns`` what
    passes at any clock of the core, and ``j_per_byte`` what a byte takes in DRAM, standby left out.
    """

    bandwidth_bytes_per_s: Floats
    launch_ns: Floats
    j_per_byte: Floats

    def __post_init__(self) -> None:
        freeze_arrays(self)


def memory_pace(costs: Sequence[LayerCost], npu: Npu) -> MemoryPace:
    """Return the pace of memory for ``costs``, which were worked out on ``npu``.

    The bytes of a layer are the same at every point.
    """
    places = [at_memory_point(npu, number) for number in range(len(npu.memory.points) or 1)]
    columns = [[_pace(cost, npu, here) for cost in costs] for here in places]
    pace = np.array(columns, dtype=np.float64).reshape(len(columns), len(costs), 3)
    return MemoryPace(*pace.transpose(2, 1, 0))


def _pace(cost: LayerCost, npu: Npu, here: Npu) -> tuple[float, float, float]:
    """A layer's bandwidth, launch and joules a byte on a device whose memory stays at a point."""
    dram = cost.dram if here.dram is npu.dram else dram_of_layer(cost.traffic, here)
    taken = stream_bytes_per_s(cost, here)
    if dram is not None and dram.seconds:
        taken = min(taken, cost.dram_bytes / dram.seconds)
    more_ns = exposed_ns(cost.exposed_bytes, here) - exposed_ns(cost.exposed_bytes, npu)
    flat_j = 8e-12 * here.silicon.dram_pj_per_bit
    own_j = flat_j if dram is None or not cost.dram_bytes else dram.access_j / cost.dram_bytes
    return taken, cost.launch_ns + cost.layer.times * more_ns, own_j
