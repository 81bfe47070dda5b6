"""Work: the layers of all that was measured as arrays, at no number of the device yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.cost import LayerCost, cost_network
from dfsrt.cost.decoding import decoded_elements
from dfsrt.cost.stream_pace import cache_rows
from dfsrt.device import Npu
from dfsrt.device.activation import ACTIVATIONS, activation
from dfsrt.device.engine import Engine, engine_of
from dfsrt.device.engines.channel import Channel
from dfsrt.device.engines.row_stationary import RowStationary
from dfsrt.device.engines.systolic import Systolic
from dfsrt.network import Network
from dfsrt.network.layer import Layer
from dfsrt.network.precision import PRECISIONS

FIELDS = (
    *("launches", "exposed", "moved", "cores", "overflows", "precision", "lane_ops", "copied"),
    *("elements", "pace", "fixed_lane_cycles", "results", "activation", "drain_cycles"),
    *("cycles", "step_cycles", "depthwise", "macs", "sram_bytes", "vector_ops"),
    *("launch", "read", "cache_rows", "efficiency", "decoded"),
)
"""Columns of a layer: counts, and places of names in the lists that they are from."""
PLACE = {name: place for place, name in enumerate(FIELDS)}
PRECISION_NAMES = tuple(PRECISIONS)


@dataclass(frozen=True, slots=True)
class Work:
    """Layers of ``rows`` measurements, alike ones once with their ``times``.

    ``table`` is ``(n_layers, n_fields)``; ``groups`` and ``each`` are the channel engine's steps,
    ``(n_layers, n_products)``; ``row`` and ``times`` are ``(n_layers,)``.
    """

    rows: int
    row: Ints
    times: Floats
    table: Floats
    groups: Floats
    each: Floats

    def column(self, name: str) -> Floats:
        """Return the field ``name`` of all layers, ``(n_layers,)``."""
        return self.table[:, PLACE[name]]

    def places(self, name: str) -> Ints:
        """Return the field ``name`` of all layers as places in a list, ``(n_layers,)``."""
        return self.column(name).astype(np.int64)

    def by_row(self, layers: Floats) -> Floats:
        """Return sums of what each distinct layer has, ``(n_layers,)``, by row, ``(n_rows,)``."""
        sums = np.bincount(self.row, weights=layers * self.times, minlength=self.rows)
        return sums.astype(np.float64)

    def kept(self, rows: Sequence[int]) -> Work:
        """Return the work of some ``rows``, numbered anew in that order."""
        new = np.full(self.rows, -1, dtype=np.int64)
        new[list(rows)] = np.arange(len(rows))
        keep = new[self.row] >= 0
        parts = (self.times[keep], self.table[keep], self.groups[keep], self.each[keep])
        return Work(len(rows), new[self.row[keep]], *parts)


def work_of(costed: Sequence[tuple[Network, Npu]]) -> Work:
    """Return the work of networks, each on a device with the cores that it ran on."""
    known: dict[tuple[int, int], np.ndarray[tuple[int, int], np.dtype[np.float64]]] = {}
    parts = []
    for network, npu in costed:
        key = (id(network), npu.used_cores)
        if key not in known:
            known[key] = _distinct(network, npu)
        parts.append(known[key])
    width = max((part.shape[1] for part in parts), default=len(FIELDS) + 1)
    table = np.vstack([np.pad(p, ((0, 0), (0, width - p.shape[1]))) for p in parts])
    row = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
    last = len(FIELDS)
    return Work(
        rows=len(parts),
        row=row,
        times=table[:, last],
        table=table[:, :last],
        groups=table[:, last + 1 :: 2],
        each=table[:, last + 2 :: 2],
    )


def _distinct(network: Network, npu: Npu) -> Floats:
    """Distinct layers of a network, ``(n_layers, n_fields)``; then how often, and the steps.

    A layer in a loop is as many as it has passes.
    """
    engine = engine_of(npu)
    passes = np.array([layer.times for layer in network.layers])
    once = replace(network, layers=tuple(layer.one_pass for layer in network.layers))
    every = cost_network(once, _marked(npu))
    works = np.array([_works(c) for c in every], dtype=bool)
    costs = [c for c in every if _works(c)]
    rows = [[*_fields(c, npu, engine), *_steps(c.layer, npu, engine)] for c in costs]
    width = max((len(r) for r in rows), default=len(FIELDS))
    table = np.array([r + [0.0] * (width - len(r)) for r in rows]).reshape(len(rows), width)
    distinct, place = np.unique(table, axis=0, return_inverse=True)
    times = np.bincount(place.reshape(-1), passes[works], len(distinct))
    last = len(FIELDS)
    return np.hstack([distinct[:, :last], times[:, None].astype(np.float64), distinct[:, last:]])


def _marked(npu: Npu) -> Npu:
    """The device with every layer slowed down whose results outgrow the buffer, to tell them."""
    return replace(npu, memory=replace(npu.memory, overflow_slowdown=dict.fromkeys(PRECISIONS, 2)))


def _works(cost: LayerCost) -> bool:
    return bool(cost.compute_cycles or cost.dram_bytes or cost.overhead_cycles or cost.launch_ns)


def _fields(cost: LayerCost, npu: Npu, engine: Engine) -> list[float]:
    layer, precision = cost.layer, cost.precision
    ours = isinstance(engine, Channel | Systolic | RowStationary)
    has_pace = isinstance(engine, Channel) and not layer.gemms
    pace = _place(paces(engine), layer.op) if has_pace else -1
    kind = ACTIVATIONS.index(activation(layer.joined)) if isinstance(engine, Channel) else -1
    cycles, step_cycles = _product_cycles(layer, npu, engine, precision)
    counted = isinstance(engine, Channel)
    fields: dict[str, float] = {
        "launches": layer.steps,
        "exposed": engine.exposed_bytes(layer, npu, precision),
        "moved": cost.dram_bytes,
        "cores": cost.cores,
        "overflows": float(cost.slowdown != 1),
        "precision": PRECISION_NAMES.index(precision),
        "lane_ops": layer.vector_ops if ours else 0,
        "copied": layer.moved_bytes if ours and not layer.gemms else 0,
        "elements": sum(t.elements for t in layer.outputs) if pace >= 0 else 0,
        "pace": pace,
        "fixed_lane_cycles": 0 if ours else engine.vector_cycles(layer, npu, precision),
        "results": engine.padded_results(layer, npu) if isinstance(engine, Channel) else 0,
        "activation": kind,
        "drain_cycles": 0 if counted else engine.drain_cycles(layer, npu, precision),
        "cycles": cycles,
        "step_cycles": step_cycles,
        "depthwise": _depthwise(layer, npu, engine),
        "macs": cost.actions.macs,
        "sram_bytes": cost.actions.sram_bytes,
        "vector_ops": cost.actions.vector_ops,
        "launch": _place(npu.operator_launch_ns, layer.op),
        "read": cost.traffic.read_bytes,
        "cache_rows": cache_rows(cost.layer),
        "efficiency": _place(efficiencies(engine), layer.op),
        "decoded": decoded_elements(layer, npu),
    }
    return [fields[name] for name in FIELDS]


def paces(engine: Engine) -> tuple[str, ...]:
    """Return the operators that have a pace of their own on ``engine``."""
    return tuple(engine.operator_per_cycle) if isinstance(engine, Channel) else ()


def efficiencies(engine: Engine) -> tuple[str, ...]:
    """Return the operators whose products have an efficiency of their own on ``engine``."""
    return tuple(engine.operator_mac_efficiency) if isinstance(engine, Channel) else ()


def _place(names: Iterable[str], op: str) -> int:
    return {name: place for place, name in enumerate(names)}.get(op, -1)


def _product_cycles(layer: Layer, npu: Npu, engine: Engine, precision: str) -> tuple[float, float]:
    """Cycles that no step's length moves, and those of steps one cycle long.

    Steps of a systolic array are told from its fill by two lengths; of others all is the former.
    """
    if isinstance(engine, Channel):
        return 0.0, 0.0
    now = engine.product_cycles(layer, npu, precision)
    if not isinstance(engine, Systolic):
        return float(now), 0.0
    one, two = (engine.product_cycles(layer, _with_steps(npu, n), precision) for n in (1, 2))
    return float(2 * one - two), float(two - one)


def _with_steps(npu: Npu, length: int) -> Npu:
    steps = dict.fromkeys(npu.array.cycles_per_step, length)
    return replace(npu, array=replace(npu.array, cycles_per_step=steps))


def _depthwise(layer: Layer, npu: Npu, engine: Engine) -> float:
    if not isinstance(engine, Channel):
        return 0.0
    return float(sum(engine.steps(g, layer, npu).depthwise * g.steps for g in layer.gemms))


def _steps(layer: Layer, npu: Npu, engine: Engine) -> Iterator[float]:
    if isinstance(engine, Channel):
        for gemm in layer.gemms:
            steps = engine.steps(gemm, layer, npu)
            yield from (float(steps.groups * gemm.steps), float(steps.each))
