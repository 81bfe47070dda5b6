"""Small devices, layers and tables, worked out by hand, for tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfsrt.device.npu import (
    Clock,
    Dataflow,
    Hidden,
    LeakageTerm,
    Memory,
    Npu,
    Silicon,
    SystolicArray,
    VectorUnit,
)
from dfsrt.device.opp import OperatingPoint, OppTable
from dfsrt.device.rail import Rail
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import View
from dfsrt.power.components import rates_of
from dfsrt.power.plant import Plant
from dfsrt.power.standby import standby_of
from dfsrt.power.table import LayerTable, stall_table
from dfsrt.power.workload import Workload

TINY_RAIL = Rail("tiny", 2_000, 100_000.0, 1_000, 0.8)
TINY_LEAKAGE = (LeakageTerm(0.05, 2.0),)
RATES = {"int8": 1, "fp16": 1, "fp32": 1}


def tiny_npu(
    points: Sequence[tuple[int, int]] = (
        (100_000_000, 500_000),
        (200_000_000, 500_000),
        (400_000_000, 1_000_000),
    ),
    *,
    freq_switch_ns: int = 1_000,
    rail: Rail = TINY_RAIL,
    bandwidth: float = 1e9,
    leakage: tuple[LeakageTerm, ...] = TINY_LEAKAGE,
    clock_farad: float = 1e-10,
    uncore_w: float = 0.01,
    fixed_w: float = 0.0,
    clock_stall_share: float = 1.0,
) -> Npu:
    """Three clocks on two voltages, one byte a nanosecond, 50 mW of leakage at 1 V."""
    return Npu(
        name="tiny",
        description="for tests",
        opps=OppTable(tuple(OperatingPoint(f, v) for f, v in points)),
        rail=rail,
        clock=Clock(freq_switch_ns, freq_switch_ns),
        memory=Memory(bandwidth, 1 << 20),
        array=SystolicArray(4, 4, 1, Dataflow.WEIGHT, RATES),
        vector=VectorUnit({"int8": 4, "fp16": 4, "fp32": 4}, 8),
        silicon=Silicon(
            ref_uv=1_000_000,
            mac_pj=dict.fromkeys(RATES, 1.0),
            register_pj_per_mac=dict.fromkeys(RATES, 0.5),
            sram_pj_per_byte=1.0,
            vector_pj_per_op=dict.fromkeys(RATES, 1.0),
            clock_farad=clock_farad,
            leakage=leakage,
            leakage_per_c=(1.0,),
            ref_temp_c=25.0,
            dram_pj_per_bit=1.25,
            uncore_w=uncore_w,
            fixed_w=fixed_w,
            clock_stall_share=clock_stall_share,
        ),
        hidden=Hidden(1.0, 0.0, 25.0, 1.0, 1.0),
        launch_cycles=0,
        precision="int8",
        default_cap_w=0.5,
    )


def tiny_table(
    npu: Npu,
    cycles: Sequence[int],
    dram_bytes: Sequence[int],
    switched_uj: Sequence[float],
    predicted_w: np.ndarray | None = None,
) -> LayerTable:
    """A table of layers given by cycles, bytes and microjoules at 1 V."""
    freqs = np.array(npu.opps.freqs_hz, dtype=float)
    compute = np.array(cycles, dtype=float)[:, None] * 1e9 / freqs
    memory = np.array(dram_bytes, dtype=float)[:, None] * 1e9 / npu.memory.bandwidth_bytes_per_s
    duration = np.rint(np.maximum(compute, memory)).astype(np.int64)
    n = len(cycles)
    zero = np.zeros(n)
    flowing = np.array([clock_shares(npu, c, b) for c, b in zip(cycles, dram_bytes, strict=True)])
    load = Workload(
        names=tuple(f"layer{i}" for i in range(n)),
        kinds=("matrix",) * len(cycles),
        duration_ns=duration,
        waits_for_memory=memory >= compute,
        dram_bytes=np.array(dram_bytes, dtype=np.int64),
        dram_j_per_byte=np.full(duration.shape, 8e-12 * npu.silicon.dram_pj_per_bit),
        mac_pj=np.array(switched_uj) * 1e6,
        register_pj=zero,
        sram_pj=zero,
        vector_pj=zero,
        macs=np.array(cycles, dtype=np.int64),
        clock_share=flowing,
    )
    plant = Plant(
        switched_farad=np.array(switched_uj) * 1e-6,
        clock_farad=npu.silicon.clock_farad,
        leakage=tuple((t.power_w, t.exponent) for t in npu.silicon.leakage),
        rates=rates_of(npu),
        standby=standby_of(npu),
    )
    if predicted_w is None:
        predicted_w = true_power(npu, plant, duration, flowing)
    return LayerTable(npu, "tiny", "true", (), load, predicted_w, stall_table(npu), plant)


def clock_shares(npu: Npu, cycles: int, dram_bytes: int) -> list[float]:
    """What flows in the clock tree at each level, by plain arithmetic."""
    shares = []
    for point in npu.opps.points:
        at_work = cycles / point.freq_hz
        crossing = dram_bytes / npu.memory.bandwidth_bytes_per_s
        stalled = max(crossing - at_work, 0.0) / max(crossing, at_work)
        shares.append(1.0 - stalled + stalled * npu.silicon.clock_stall_share)
    return shares


def true_power(npu: Npu, plant: Plant, duration_ns: np.ndarray, flowing: np.ndarray) -> np.ndarray:
    """Watts of domain npu by plain loops, ``(n_layers, n_levels, n_set_points)``."""
    n_layers, n_levels = duration_ns.shape
    set_points = npu.opps.set_points_uv
    watts = np.full((n_layers, n_levels, len(set_points)), np.inf)
    for layer in range(n_layers):
        for level, point in enumerate(npu.opps.points):
            for s, uv in enumerate(set_points):
                if point.rail_uv > uv:
                    continue
                volt, seconds = uv * 1e-6, duration_ns[layer, level] * 1e-9
                w = plant.switched_farad[layer] / seconds * volt**2
                w += plant.clock_farad * point.freq_hz * flowing[layer, level] * volt**2
                w += sum(k * volt**n for k, n in plant.leakage) + npu.silicon.fixed_w
                watts[layer, level, s] = w / plant.rates.efficiency
    return watts


class Fixed:
    """A governor that always returns the plan it was given, and looks at the cap if told so."""

    name = "fixed"

    def __init__(self, level: Sequence[int], rail_uv: Sequence[int], sees_cap: bool = True) -> None:
        self.sees_cap = sees_cap
        self._plan = Plan(np.array(level), np.array(rail_uv))

    def plan(self, view: View) -> Plan:
        return self._plan
