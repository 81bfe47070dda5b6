"""Bytes by policy, rows by placement, and both together, of some layers of a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dfsrt.cost.bound import layer_bound_bytes
from dfsrt.cost.layer_traffic import LayerTraffic
from dfsrt.cost.schedule import MemoryWork
from dfsrt.device.dram import Dram
from dfsrt.reproduce.bare import is_convolution, once_bytes, total_bytes
from dfsrt.reproduce.energy import Energy
from dfsrt.reproduce.romanet.figures import AFTER, BASELINES, BEFORE, OWN
from dfsrt.reproduce.romanet.schema import Change, Placement, PolicyBytes, Scope

CONVOLUTIONS, WHOLE = "convolutions", "whole network"
Place = tuple[str, str]
"""A layout and an order of addresses."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The traffic of every policy in each layer, and the DRAM by layout and map."""

    work: MemoryWork
    traffic: Mapping[str, Sequence[LayerTraffic]]
    drams: Mapping[Place, Dram]


def scopes_of(measured: Measured) -> tuple[Scope, ...]:
    """Return what the convolutions come to, and all layers."""
    layers = range(len(measured.work.layers))
    convolutions = [i for i in layers if is_convolution(measured.work.layers[i])]
    return (
        _scope(CONVOLUTIONS, measured, convolutions),
        _scope(WHOLE, measured, list(layers)),
    )


def _scope(name: str, measured: Measured, places: Sequence[int]) -> Scope:
    work, each = measured.work, once_bytes(measured.work)
    once = sum(each[i] for i in places)
    bound = sum(layer_bound_bytes(work.layers[i], work.buffer) * work.passes[i] for i in places)
    traffic = {policy: [t[i] for i in places] for policy, t in measured.traffic.items()}
    return Scope(
        scope=name,
        once_bytes=once,
        bound_bytes=bound,
        policies=tuple(_policy(p, total_bytes(t), once, bound) for p, t in traffic.items()),
        placements=tuple(_placement(p, traffic[OWN], d) for p, d in measured.drams.items()),
        changes=tuple(_change(b, traffic, measured.drams) for b in BASELINES),
    )


def _policy(policy: str, moved: int, once: int, bound: int) -> PolicyBytes:
    return PolicyBytes(
        policy=policy, dram_bytes=moved, over_once=moved / once, over_bound=moved / bound
    )


def _placement(place: Place, traffic: Sequence[LayerTraffic], dram: Dram) -> Placement:
    energy = Energy(traffic, dram)
    return Placement(
        layout=place[0],
        map=place[1],
        row_hit_rate=energy.row_hit_rate,
        overfetch=energy.overfetch,
        energy_per_byte_j=energy.per_byte_j,
        energy_j=energy.joules,
    )


def _change(
    baseline: str, traffic: Mapping[str, Sequence[LayerTraffic]], drams: Mapping[Place, Dram]
) -> Change:
    before = Energy(traffic[baseline], drams[BEFORE])
    after = Energy(traffic[OWN], drams[AFTER])
    return Change(
        baseline=baseline,
        bytes=after.bytes / before.bytes - 1,
        energy_per_byte=after.per_byte_j / before.per_byte_j - 1,
        energy=after.joules / before.joules - 1,
    )
