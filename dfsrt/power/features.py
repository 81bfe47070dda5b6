"""Features of a layer at an operating point, as physics suggests them."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.device.npu import Npu
from dfsrt.power.workload import Workload, per_time


def names(npu: Npu) -> tuple[str, ...]:
    """Return the feature names, in the order of the columns.

    A feature that is counted otherwise than before gets another name, so that models which were
    trained on the old counts are refused.
    """
    static = tuple(f"leakage_v^{t.exponent:g}" for t in npu.silicon.leakage)
    fixed = ("fixed",) if npu.silicon.fixed_w else ()
    return ("mac_rate_v2", "sram_access_rate_v2", "vector_rate_v2", "clock_v2", *static, *fixed)


ACTIVITY_FEATURES = 3
"""The first columns are what a layer switches; the rest flows whatever the layer does."""


def moved_by_activity(columns: Floats) -> Floats:
    """Return ``columns`` with all but what a layer's own activity moves set to zero.

    ``columns`` are features, ``(..., n_features)``: any shape before the last axis.
    """
    moving = np.zeros_like(columns)
    moving[..., :ACTIVITY_FEATURES] = columns[..., :ACTIVITY_FEATURES]
    return moving


def features(load: Workload, npu: Npu, freqs_hz: Floats, volts: Floats) -> Floats:
    """Return features of shape ``(n_layers, n_levels, n_features)``, each in watts.

    Rates of counted action energy times (V/V_ref)², the clock tree's C·f·V² for the share of the
    time in which it flows, and leakage and fixed power at their data-sheet size: a model that knows
    the device would give every one a weight near 1.
    """
    s = npu.silicon
    ref_v = s.ref_uv * 1e-6
    scale = (volts / ref_v) ** 2
    shape = load.duration_ns.shape
    busy = load.duration_ns > 0

    def rate(energy_pj: Floats) -> Floats:
        return per_time(energy_pj * 1e-12, load.duration_ns) * scale

    columns = [
        rate(load.product_pj),
        rate(load.sram_pj),
        rate(load.vector_pj),
        s.clock_farad * freqs_hz * volts**2 * load.clock_share * busy,
    ]
    for term in s.leakage:
        leakage = term.power_w * (volts / ref_v) ** term.exponent
        columns.append(np.broadcast_to(leakage, shape) * busy)
    if s.fixed_w:
        columns.append(np.where(busy, s.fixed_w, 0.0))
    return np.stack(columns, axis=-1)
