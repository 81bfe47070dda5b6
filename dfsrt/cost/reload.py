"""Reloads: weights that stay on chip are fetched again after an idle state that loses memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from dfsrt.cost.cost import LayerCost
from dfsrt.cost.memory import memory_work
from dfsrt.cost.schedule.layerwise import resident_places
from dfsrt.device.idle import IdleState
from dfsrt.device.npu import Npu
from dfsrt.device.residual import leakage_at
from dfsrt.network.network import Network


@dataclass(frozen=True, slots=True)
class Reload:
    """Weights that are fetched again: bytes, time, and joules of the NPU's rail and of the DRAM.

    The rail's are with its regulator's loss; the DRAM's without its standby, which flows anyway.
    """

    dram_bytes: int = 0
    reload_ns: int = 0
    rail_j: float = 0.0
    dram_j: float = 0.0

    @property
    def reload_j(self) -> float:
        """All joules, of rail and DRAM."""
        return self.rail_j + self.dram_j


def states_with_reload(npu: Npu, networks: Iterable[Sequence[LayerCost]]) -> tuple[IdleState, ...]:
    """Return a device's idle states as they are for the networks that it runs.

    Those that lose memory bring the networks' weights back on exit, where weights stay on chip:
    time and the rail's joules come on top of the exit's, the DRAM's stand beside them.
    """
    if not any("memory" in state.loses for state in npu.idle):
        return npu.idle
    again = reload_of(resident_bytes(npu, networks), npu)
    return tuple(_with(state, again) if "memory" in state.loses else state for state in npu.idle)


def resident_bytes(npu: Npu, networks: Iterable[Sequence[LayerCost]]) -> int:
    """Return the bytes of weights that stay on chip from frame to frame, as they lie in DRAM.

    ``networks`` are those of a mix, by their layers' costs; one that comes again counts once.

    Limits: together no more than the memory holds, though each may have been planned alone.
    """
    held = npu.memory.resident_bytes
    if not held:
        return 0
    distinct = {tuple(id(cost.layer) for cost in costs): costs for costs in networks}
    return min(sum(_weight_bytes(npu, costs) for costs in distinct.values()), held)


def reload_of(dram_bytes: int, npu: Npu) -> Reload:
    """Return what it takes to fetch so many bytes of weights, one after the other.

    While they come the NPU is up at its highest voltage, its clock stopped.
    """
    if not dram_bytes:
        return Reload()
    seconds, dram_j = _fetched(dram_bytes, npu)
    silicon, top_uv = npu.silicon, npu.opps.set_points_uv[-1]
    stored_j = silicon.sram_pj_per_byte * 1e-12 * dram_bytes * (top_uv / silicon.ref_uv) ** 2
    standing_j = (leakage_at(npu, top_uv) + silicon.fixed_w) * seconds
    return Reload(
        dram_bytes=dram_bytes,
        reload_ns=math.ceil(seconds * 1e9),
        rail_j=(stored_j + standing_j) / npu.rail.efficiency,
        dram_j=dram_j,
    )


def _fetched(dram_bytes: int, npu: Npu) -> tuple[float, float]:
    """Seconds and joules of the DRAM for one long read."""
    seconds = dram_bytes / npu.bandwidth_bytes_per_s(npu.used_cores, npu.memory.read_share)
    if npu.dram is None:
        return seconds, 8e-12 * npu.silicon.dram_pj_per_bit * dram_bytes
    from dfsrt.cost.dram import Stream, dram_cost

    read = dram_cost((Stream(dram_bytes, dram_bytes, False),), npu.dram)
    standby_j = (read.background_w - read.idle_w) * max(seconds, read.seconds)
    return max(seconds, read.seconds), read.access_j + standby_j


def _weight_bytes(npu: Npu, costs: Sequence[LayerCost]) -> int:
    """Bytes of a network's weights that stay on chip; 0 where its plan fetches them each time."""
    layers = tuple(cost.layer for cost in costs)
    work = memory_work(Network("", layers, 0), npu)
    places = resident_places(work)
    if any(c.traffic.weight or c.traffic.constants for c in costs if c.layer.weights):
        return 0  # its schedule does not use the memory, or they do not fit
    stored: dict[str, int] = {}
    for tensor in (t for layer in work.layers for t in layer.weights if t.name in places):
        stored[tensor.stored_as] = max(stored.get(tensor.stored_as, 0), tensor.bytes)
    return sum(stored.values())


def _with(state: IdleState, again: Reload) -> IdleState:
    return replace(
        state,
        exit_ns=state.exit_ns + again.reload_ns,
        exit_j=state.exit_j + again.rail_j,
        exit_dram_j=state.exit_dram_j + again.dram_j,
        # The file's does not know what is fetched again.
        residency_ns=state.residency_ns + again.reload_ns if state.residency_ns else 0,
    )
