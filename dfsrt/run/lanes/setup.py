"""The setup of lanes: what each draws by, and what its layers take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dfsrt.device.core_count import on_cores
from dfsrt.device.npu import Npu
from dfsrt.power.components import rates_of
from dfsrt.power.plant import true_leakage
from dfsrt.power.standby import standby_of
from dfsrt.power.table import LayerTable
from dfsrt.run.lanes.lane import Work
from dfsrt.run.lanes.parts import work_of
from dfsrt.run.masks import Lanes


@dataclass(frozen=True, slots=True)
class LaneSetup:
    """Lanes with the layer table of each, those of as many cores share one; and layers' parts."""

    lanes: Lanes
    tables: tuple[LayerTable, ...]
    work: Work


def with_share(table: LayerTable, share: float) -> LayerTable:
    """Return the table of one of several NPUs that have uncore and memory in common.

    A power model was trained on the device that has them to itself; it predicts the NPU alone.
    """
    npu = replace(table.npu, share=share)
    plant = replace(table.plant, rates=rates_of(npu), standby=standby_of(npu))
    return replace(table, npu=npu, plant=plant)


def lane_setup(table: LayerTable, npu: Npu, lanes: Lanes, widths: Sequence[int]) -> LaneSetup:
    """Return the setup of ``lanes`` of ``npu``, a device of one core in use.

    ``table`` holds all layers; ``widths`` says on how many cores each of its sections runs.

    Raises:
        InputError: a layer that takes longer than can be counted.
    """
    shared = replace(npu, share=1 / len(lanes))
    sizes = {len(cores) for cores in lanes.cores}
    own = {size: _of_cores(table, on_cores(shared, size)) for size in sizes}
    own_clocks = npu.cores is not None and npu.cores.own_clocks
    work = work_of(table, [on_cores(npu, width) for width in widths], own_clocks)
    return LaneSetup(lanes, tuple(own[len(cores)] for cores in lanes.cores), work)


def _of_cores(table: LayerTable, npu: Npu) -> LayerTable:
    """The same layers' table with what so many cores draw at work and waiting."""
    plant = replace(
        table.plant,
        clock_farad=npu.silicon.clock_farad * npu.hidden.capacitance_scale,
        leakage=true_leakage(npu),
        rates=rates_of(npu),
        standby=standby_of(npu),
    )
    return replace(table, npu=npu, plant=plant)
