"""A layer table whose memory stays at one of its points: what a governor of the core plans by."""

from __future__ import annotations

from dataclasses import replace

from dfsrt.device.at_memory import at_memory_point
from dfsrt.power.standby import Standby
from dfsrt.power.table import LayerTable


def table_at(table: LayerTable, memory: int) -> LayerTable:
    """Return ``table`` with the levels of memory point number ``memory`` alone.

    Its levels are the core's operating points. -1 is the highest. A table of one point is returned
    as it is.
    """
    levels = table.levels
    if levels.n_memory == 1:
        return table
    here, load, plant = levels.at(memory), table.load, table.plant
    return replace(
        table,
        npu=at_memory_point(table.npu, memory),
        load=replace(
            load,
            duration_ns=load.duration_ns[:, here],
            waits_for_memory=load.waits_for_memory[:, here],
            dram_j_per_byte=load.dram_j_per_byte[:, here],
            clock_share=load.clock_share[:, here],
        ),
        predicted_w=table.predicted_w[:, here],
        stall_ns=table.stall_ns[here, here],
        plant=replace(plant, standby=Standby(*(watts[here] for watts in plant.standby))),
        mean_w=None if table.mean_w is None else table.mean_w[:, here],
    )
