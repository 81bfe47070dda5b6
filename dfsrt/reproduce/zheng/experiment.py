"""The experiment: every schedule at every size of buffer, network by network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dfsrt.cost.buffer_size import BufferSize
from dfsrt.cost.memory import memory_plan
from dfsrt.cost.schedule.bounds import floor_shares
from dfsrt.device.dram import Dram
from dfsrt.network import Network
from dfsrt.report.schema import SCHEMA_VERSION
from dfsrt.reproduce.bare import (
    PRECISION,
    bare_traffic,
    bare_work,
    size_text,
    without_products,
)
from dfsrt.reproduce.energy import Energy
from dfsrt.reproduce.zheng.figures import FIXED, PAPER, SCHEDULES
from dfsrt.reproduce.zheng.schema import AtSize, NetworkSchedules, Scheduled, Scope, ZhengReport
from dfsrt.reproduce.zheng.verdict import verdict

WITHOUT, WHOLE = "before the classifier", "whole network"


def reproduce(
    networks: Iterable[Network], buffers: Sequence[BufferSize], dram: Dram
) -> ZhengReport:
    """Return what schedules move of networks in int8, at each size of the buffer.

    Raises:
        InputError: a buffer that not even the least tile fits.
    """
    return ZhengReport(
        schema_version=SCHEMA_VERSION,
        experiment="zheng",
        paper=PAPER.title,
        paper_source=PAPER.source,
        recalled=PAPER.recalled,
        precision=PRECISION,
        dram=dram.description,
        networks=tuple(_schedules(network, buffers, dram) for network in networks),
    )


def _schedules(network: Network, buffers: Sequence[BufferSize], dram: Dram) -> NetworkSchedules:
    part = without_products(network)
    scopes = [_scope(WHOLE, network, buffers, dram)]
    if len(part.layers) < len(network.layers):
        scopes.insert(0, _scope(WITHOUT, part, buffers, dram))
    return NetworkSchedules(
        network=network.name,
        paper=PAPER.figure(network.name),
        verdict=verdict(network.name, scopes),
        scopes=tuple(scopes),
    )


def _scope(name: str, network: Network, buffers: Sequence[BufferSize], dram: Dram) -> Scope:
    work = bare_work(network, buffers[0])
    return Scope(
        scope=name,
        floor_bytes=sum(floor_shares(work, memory_plan(work))),
        weight_bytes=network.weight_bytes,
        sizes=tuple(_at_size(network, buffer, dram) for buffer in buffers),
    )


def _at_size(network: Network, buffer: BufferSize, dram: Dram) -> AtSize:
    layerwise = _energy(network, buffer, dram)
    fixed = {mapper: _energy(network, buffer, dram, mapper=mapper).bytes for mapper in FIXED}
    worst = max(fixed, key=lambda mapper: fixed[mapper])
    each = {name: _energy(network, buffer, dram, schedule=name) for name in SCHEDULES}
    return AtSize(
        buffer=size_text(buffer),
        buffer_bytes=buffer.total_bytes,
        layerwise_bytes=layerwise.bytes,
        fixed=worst,
        fixed_bytes=fixed[worst],
        schedules=tuple(_scheduled(n, e, layerwise, fixed[worst]) for n, e in each.items()),
    )


def _energy(
    network: Network,
    buffer: BufferSize,
    dram: Dram,
    mapper: str = "exhaustive",
    schedule: str = "layerwise",
) -> Energy:
    return Energy(bare_traffic(bare_work(network, buffer, mapper, schedule)), dram)


def _scheduled(name: str, own: Energy, layerwise: Energy, fixed_bytes: int) -> Scheduled:
    return Scheduled(
        schedule=name,
        dram_bytes=own.bytes,
        bytes=own.bytes / layerwise.bytes - 1,
        energy_per_byte=own.per_byte_j / layerwise.per_byte_j - 1,
        energy=own.joules / layerwise.joules - 1,
        seconds=own.seconds / layerwise.seconds - 1,
        bytes_of_fixed=own.bytes / fixed_bytes - 1,
    )
