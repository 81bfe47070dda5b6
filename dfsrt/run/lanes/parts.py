"""Parts of layers: launch, compute and bytes, of which a layer table has only the whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError
from dfsrt.base.record import laid_out
from dfsrt.cost.cost import LayerCost
from dfsrt.cost.memory_pace import memory_pace
from dfsrt.cost.stream_pace import stream_share
from dfsrt.device import rules
from dfsrt.device.npu import Npu
from dfsrt.power.table import LayerTable
from dfsrt.run.lanes.lane import ONE, Work

MOST_NS = 2**43
"""Of one layer: its bytes are counted in millionths of a nanosecond, and 64 bits hold 2.4 hours."""


def work_of(table: LayerTable, npus: Sequence[Npu], own_clocks: bool) -> Work:
    """Return the parts of all layers as arrays ``(n_layers * n_levels,)``.

    ``npus`` are what the table's sections run on: as many cores as each has. The parts add up to
    the table's durations; where those were measured the part that is said to hold a layer does.

    Raises:
        InputError: a layer that takes longer than can be counted, or bytes that come before it.
    Limits: results that outgrow the buffer (``overflow_slowdown``) keep the memory as long as they
    take: what slows them is taken to be their way there and back. Bytes that nothing hides (an
    engine's ``exposed_bytes``) are part of the launch, and so take what they take alone.
    """
    whole = table.duration_ns
    if whole.max(initial=0) >= MOST_NS:
        raise InputError(
            "a layer takes more than 2 hours, too long to share the memory in; run it without "
            "'parallel'"
        )
    if any(cost.traffic.ahead_bytes for cost in table.costs):
        raise InputError(
            "fetching ahead does not go together with 'parallel': cores share what passes while "
            "they work; give prefetch 'none', or leave 'parallel' out"
        )
    parts = [
        _section(table.costs[first:stop], npu, table.levels.freqs_hz.astype(np.float64))
        for (first, stop), npu in zip(table.sections, npus, strict=True)
    ]
    head, compute, memory, shared = (np.concatenate(column) for column in zip(*parts, strict=True))
    head = np.minimum(head, whole).astype(np.int64)
    body, waits = whole - head, table.load.waits_for_memory
    compute = np.where(waits, np.minimum(compute, body), body).astype(np.int64)
    memory = np.where(waits, body, np.minimum(memory, body)).astype(np.int64)
    need = np.ceil(ONE * np.divide(shared, memory, out=np.zeros(memory.shape), where=memory > 0))
    need = np.minimum(need, ONE).astype(np.int64)
    return Work(head.ravel(), compute.ravel(), memory.ravel(), need.ravel(), own_clocks)


def _section(costs: Sequence[LayerCost], npu: Npu, freqs_hz: Floats) -> tuple[Floats, ...]:
    """Launch, compute, bytes alone, and bytes at all of the bandwidth, in nanoseconds.

    All ``(n_layers, n_levels)``.
    """

    def column(value: Callable[[LayerCost], float]) -> Floats:
        return np.array([[value(cost)] for cost in costs], dtype=np.float64)

    pace, every = memory_pace(costs, npu), np.ones(len(freqs_hz))
    moved, slowdown = column(lambda c: c.dram_bytes), column(lambda c: c.slowdown)
    overhead = rules.compute_ns(column(lambda c: c.overhead_cycles), freqs_hz)
    head = np.rint(overhead + pace.launch_ns[:, -1:])
    compute = np.rint(rules.compute_ns(column(lambda c: c.compute_cycles), freqs_hz))
    alone = np.rint(rules.memory_ns(moved, pace.bandwidth_bytes_per_s[:, -1:]))
    mix = column(lambda c: stream_share(c.traffic, npu.memory))
    # Results that outgrow the buffer go to and fro.
    whole = rules.memory_ns(moved * slowdown, npu.memory.bandwidth_bytes_per_s * mix)
    pattern = column(lambda c: 0.0 if c.dram is None else c.dram.seconds * 1e9)
    return head, compute, alone * every, np.maximum(whole, pattern) * every


def laid_out_work(work: Work, compiled: bool) -> Work:
    """Return the parts as the loop takes them: arrays for compiled code, lists for plain Python."""
    head, compute, memory, need = (laid_out(np.asarray(a), compiled) for a in work[:4])
    return Work(head, compute, memory, need, work.own_clocks)
