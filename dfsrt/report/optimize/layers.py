"""Layers as given and after the last step, the worst first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dfsrt.cost import LayerCost
from dfsrt.network.layer import Layer
from dfsrt.network.precision import weight_precision
from dfsrt.report.optimize.row import Measured
from dfsrt.report.optimize.schema import LayerChange, LayerState
from dfsrt.report.optimize.stored import largest_weight, pattern_text, smallest

if TYPE_CHECKING:
    from dfsrt.optimize.fidelity import Fidelity


def layer_changes(first: Measured, last: Measured, left: Fidelity | None) -> list[LayerChange]:
    """Return each layer of both networks, matched by name, the least SQNR first.

    Those without one come after them in the order in which they run.
    """
    before, after = _states(first), _states(last)
    ops = {**_ops(last), **_ops(first)}
    names = [*before, *(name for name in after if name not in before)]
    errors = {} if left is None else _errors(first, left)
    changes = [
        LayerChange(
            name=name,
            op=ops[name],
            before=before.get(name),
            after=after.get(name),
            sqnr_db=errors.get(name, (None, None))[0],
            cosine=errors.get(name, (None, None))[1],
        )
        for name in names
    ]
    return sorted(changes, key=lambda c: math.inf if c.sqnr_db is None else c.sqnr_db)


def _ops(done: Measured) -> dict[str, str]:
    return {cost.layer.name: cost.layer.op for cost in done.job.table.costs}


def _errors(first: Measured, left: Fidelity) -> Mapping[str, tuple[float | None, float | None]]:
    """SQNR and cosine by layer, of the last of its nodes in the original that was measured."""
    by_node = {entry.name: entry for entry in left.layers}
    errors: dict[str, tuple[float | None, float | None]] = {}
    for cost in first.job.table.costs:
        entry = next((by_node[n] for n in reversed(cost.layer.nodes) if n in by_node), None)
        if entry is not None:
            sqnr = entry.sqnr_db if math.isfinite(entry.sqnr_db) else None
            errors[cost.layer.name] = sqnr, entry.cosine
    return errors


def _states(done: Measured) -> dict[str, LayerState]:
    log = done.result.log
    rows = {int(log.layer[row]): row for row in log.last_frame}
    raw = {layer.name: layer for layer in done.point.network.layers}
    return {
        cost.layer.name: _state(
            cost,
            raw.get(cost.layer.name, cost.layer),
            float(log.end_ns[rows[k]] - log.start_ns[rows[k]]) * 1e-9,
            float(log.energy_j[rows[k]].sum()),
        )
        for k, cost in enumerate(done.job.table.costs)
        if k in rows
    }


def _state(cost: LayerCost, raw: Layer, time_s: float, energy_j: float) -> LayerState:
    """``raw`` is the layer as its file has it, ``cost`` that of the device."""
    weight = largest_weight(raw)
    packing = None if weight is None else weight.packing
    return LayerState(
        precision=cost.precision,
        weights=weight_precision(cost.layer) or (cost.precision if weight is not None else ""),
        weight_bytes=raw.weight_bytes,
        stored_bytes=smallest(raw.weights),
        dram_bytes=cost.dram_bytes,
        macs=raw.macs,
        time_s=time_s,
        energy_j=energy_j,
        zeros=0.0 if packing is None else packing.zeros,
        pattern=pattern_text(packing),
    )
