"""Joining layer tables: several networks that share one device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats, Scalar
from dfsrt.power.table import LayerTable
from dfsrt.power.workload import Workload


def join_tables(tables: Sequence[LayerTable], name: str) -> LayerTable:
    """Return one table with the layers of all ``tables``, a section each, called ``name``.

    All are of the same device, model and confidence; every layer keeps its own true power.
    """
    first, means = tables[0], [t.mean_w for t in tables if t.mean_w is not None]
    switched = np.concatenate([t.plant.switched_farad for t in tables])
    return replace(
        first,
        network=name,
        costs=tuple(cost for t in tables for cost in t.costs),
        load=_joined_load([t.load for t in tables]),
        predicted_w=np.concatenate([t.predicted_w for t in tables]),
        plant=replace(first.plant, switched_farad=switched),
        mean_w=np.concatenate(means) if means else None,
        out_of_range=tuple(n for t in tables for n in t.out_of_range),
        notes=tuple(dict.fromkeys(n for t in tables for n in t.notes)),
        activity=tuple(dict.fromkeys(n for t in tables for n in t.activity)),
        nonzero=_joined_nonzero(tables),
        layer_times=tuple(dict.fromkeys(n for t in tables for n in t.layer_times)),
        times_hz=next((t.times_hz for t in tables if t.times_hz is not None), None),
        grows=np.concatenate([t.grows for t in tables]),
        units=np.concatenate([t.units for t in tables]),
        ends=tuple(np.cumsum([len(t.load.names) for t in tables]).tolist()),
    )


def _joined_nonzero(tables: Sequence[LayerTable]) -> Floats | None:
    """What was measured of all layers, NaN where nothing was; None where nothing was at all."""
    if all(t.nonzero is None for t in tables):
        return None
    return np.concatenate(
        [np.full(len(t.load.names), np.nan) if t.nonzero is None else t.nonzero for t in tables]
    )


def _joined_load(loads: Sequence[Workload]) -> Workload:
    def joined(column: Callable[[Workload], NDArray[Scalar]]) -> NDArray[Scalar]:
        return np.concatenate([column(load) for load in loads])

    return Workload(
        names=tuple(name for load in loads for name in load.names),
        kinds=tuple(kind for load in loads for kind in load.kinds),
        duration_ns=joined(lambda load: load.duration_ns),
        waits_for_memory=joined(lambda load: load.waits_for_memory),
        dram_bytes=joined(lambda load: load.dram_bytes),
        dram_j_per_byte=joined(lambda load: load.dram_j_per_byte),
        mac_pj=joined(lambda load: load.mac_pj),
        register_pj=joined(lambda load: load.register_pj),
        sram_pj=joined(lambda load: load.sram_pj),
        vector_pj=joined(lambda load: load.vector_pj),
        macs=joined(lambda load: load.macs),
        clock_share=joined(lambda load: load.clock_share),
        weight_activity=_joined_weights(loads),
    )


def _joined_weights(loads: Sequence[Workload]) -> Floats | None:
    """What zeros of weights leave of products, ``(n_layers,)``; None where there are none."""
    if all(load.weight_activity is None for load in loads):
        return None
    known = ((load.weight_activity, len(load.names)) for load in loads)
    return np.concatenate([np.ones(n) if share is None else share for share, n in known])
