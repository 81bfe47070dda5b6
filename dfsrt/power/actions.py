"""Where the switching energy goes: each layer's, by the actions that it is counted from."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.device import rules
from dfsrt.device.npu import Npu
from dfsrt.power.table import LayerTable

ACTIONS = ("mac", "register", "sram", "vector")
"""What switches: multiply-accumulators, registers beside them, on-chip buffers, vector unit."""


def action_shares(table: LayerTable) -> Floats:
    """Return the share of each layer's switching energy by action, ``(n_layers, n_actions)``.

    In the order of ``ACTIONS``; all zero where a layer switches nothing. A layer switches with
    C·V², so that the shares hold at every clock and voltage. Rows add up to one.

    Limits: activity that is hidden is a layer's own, alike for all of its actions; bytes between
    DRAM and a buffer count as the buffer's. What crosses between processors of an array is in the
    registers' energy.
    """
    load = table.load
    counted_pj = np.stack([load.mac_pj, load.register_pj, load.sram_pj, load.vector_pj], axis=1)
    drawn_pj = counted_pj * _activities(table)
    whole_pj = drawn_pj.sum(axis=1, keepdims=True)
    return np.asarray(drawn_pj / np.where(whole_pj > 0, whole_pj, 1.0))


def _activities(table: LayerTable) -> Floats:
    """What of the counted energy flows, by action, up to a factor of each layer.

    The hidden activity is such a factor, except where zeros were measured: those set what products
    take, and the hidden one is left to buffers and the vector unit.
    """
    load, nonzero = table.load, table.nonzero
    alike = np.ones((len(load.names), len(ACTIONS)))
    if load.weight_activity is not None:
        alike[:, :2] = load.weight_activity[:, None]
    if nonzero is None:
        return alike
    products = rules.mac_activity(nonzero, table.npu.silicon.zero_gating)
    rest = _hidden(table, (load.mac_pj + load.register_pj) * products)
    measured = np.stack([products, products, rest, rest], axis=1)
    return np.where(np.isnan(nonzero)[:, None], alike, measured)


def _hidden(table: LayerTable, products_pj: Floats) -> Floats:
    """The hidden activity of buffers and vector unit, ``(n_layers,)``, from what is switched."""
    others_pj = table.load.sram_pj + table.load.vector_pj
    rest_pj = np.maximum(table.plant.switched_farad / _farad_per_pj(table.npu) - products_pj, 0.0)
    return np.divide(rest_pj, others_pj, out=np.zeros(rest_pj.shape), where=others_pj > 0)


def _farad_per_pj(npu: Npu) -> float:
    """The capacitance that switches a counted picojoule, on this die."""
    ref_v = npu.silicon.ref_uv * 1e-6
    return 1e-12 / ref_v**2 * npu.hidden.capacitance_scale
