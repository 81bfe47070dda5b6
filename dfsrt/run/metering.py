"""The meter: joules of each layer run and idle stretch as the queue's kernel goes along.

Scalar functions over arrays, compiled with the kernel. Where heat changes leakage from tick to
tick, counting runs that are alike would lose their energy; so it is booked run by run, by the
same rules as ``energy.row_energy`` does for rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.record import as_record
from dfsrt.device import rules
from dfsrt.device.boundary import RailTimes
from dfsrt.device.npu import Domain
from dfsrt.device.ramp import mean_of_power, volts_at
from dfsrt.power.plant import true_leakage
from dfsrt.power.table import LayerTable
from dfsrt.run.log import COMPONENTS


@dataclass(slots=True)
class MeterState:
    """What a meter has booked: joules by component as ``COMPONENTS`` names them, and times.

    ``peak_w`` is the most that one layer run drew in all domains, ``max_w`` in the cap's;
    ``busy_s`` is the time in layers, stalls included, ``over_s`` that of layer runs over a limit.
    Set by whoever knows them: ``heat``, leakage over that at the reference temperature,
    ``cap_w``, what a layer run may draw in the cap's domain, and ``npu_limit_w``, what it may in
    domain ``npu`` besides.
    """

    switching_j: float = 0.0
    clock_j: float = 0.0
    leakage_j: float = 0.0
    regulator_loss_j: float = 0.0
    dram_j: float = 0.0
    uncore_j: float = 0.0
    peak_w: float = 0.0
    busy_s: float = 0.0
    over_s: float = 0.0
    heat: float = 1.0
    cap_w: float = math.inf
    npu_limit_w: float = math.inf
    max_w: float = 0.0


class Meter(NamedTuple):
    """What power is made of, and what has been booked; ``on`` is 0 for a meter that books nothing.

    ``switched_farad`` and ``dram_j`` are ``(n_layers,)``, ``freq_hz`` ``(n_levels,)``,
    ``exponent`` ``(1 + n_terms,)``: V² first; ``leak_w`` ``(n_terms,)`` at 1 V and the reference
    temperature, ``square`` ``(n_set_points,)``: V² of a standing rail, and
    ``standing_w`` ``(n_set_points,)`` its leakage there. ``caps_dram`` and ``caps_uncore`` say what
    the cap's domain holds besides the NPU. Booked are ``now``, ``layer_j`` and ``layer_s``, both
    ``(n_layers,)``, and ``level_s`` ``(n_levels,)``.
    """

    on: int
    caps_dram: bool
    caps_uncore: bool
    switched_farad: Floats
    dram_j: Floats
    freq_hz: Floats
    exponent: Floats
    leak_w: Floats
    square: Floats
    standing_w: Floats
    clock_farad: float
    efficiency: float
    uncore_w: float
    now: MeterState
    layer_j: Floats
    layer_s: Floats
    level_s: Floats


class Rail(NamedTuple):
    """The rail as the kernel's state has it: its last move, and the set point it leads to."""

    settled: int
    from_uv: int
    to_uv: int
    set_point: int
    times: RailTimes


def no_meter() -> Meter:
    """Return a meter that books nothing."""
    none = np.zeros(0)
    now = as_record(MeterState())
    return Meter(
        0,
        False,
        False,
        none,
        none,
        none,
        none,
        none,
        none,
        none,
        0.0,
        1.0,
        0.0,
        now,
        none,
        none,
        none,
    )


def make_meter(table: LayerTable, domain: Domain) -> Meter:
    """Return an empty meter for ``table``, at the reference temperature and under no cap.

    For plain Python; see ``for_compiled``.
    """
    npu, plant = table.npu, table.plant
    cold = replace(npu, hidden=replace(npu.hidden, temp_c=npu.silicon.ref_temp_c))
    leakage = true_leakage(cold)
    exponent = np.array([2.0, *(n for _, n in leakage)])
    volts = np.array(npu.opps.set_points_uv) * 1e-6
    moment, leak_w = volts[:, None] ** exponent, np.array([scale for scale, _ in leakage])
    layers, levels = table.duration_ns.shape
    return Meter(
        on=1,
        caps_dram=domain is not Domain.NPU,
        caps_uncore=domain is Domain.SYSTEM,
        switched_farad=np.asarray(plant.switched_farad, dtype=np.float64),
        dram_j=np.asarray(table.load.dram_bytes * plant.dram_pj_per_byte * 1e-12, dtype=np.float64),
        freq_hz=np.array(npu.opps.freqs_hz, dtype=np.float64),
        exponent=exponent,
        leak_w=leak_w,
        square=moment[:, 0].copy(),
        standing_w=rules.leakage_w(leak_w, moment[:, 1:]).sum(axis=1),
        clock_farad=float(plant.clock_farad),
        efficiency=float(plant.efficiency),
        uncore_w=float(plant.uncore_w),
        now=MeterState(),
        layer_j=np.zeros(layers),
        layer_s=np.zeros(layers),
        level_s=np.zeros(levels),
    )


def for_compiled(meter: Meter) -> Meter:
    """Return ``meter`` with a record of its own for its state; arrays are shared with it."""
    return meter._replace(now=as_record(meter.now))


def moving_means(
    exponent: Floats, leak_w: Floats, begin: int, start: int, end: int, rail: Rail
) -> tuple[float, float, float]:
    """Return mean V² and mean leakage from ``start`` to ``end``, and mean leakage before that.

    Leakage is at the reference temperature. Takes few arguments: it is called seldom, and what
    a call hands over costs the loop around it even where it is not made.
    """
    stop = rail.settled - rail.times.settle_ns
    first = stop - int(rules.ramp_ns(rail.from_uv, rail.to_uv, rail.times.slew_uv_per_us))
    square = mean_of_power(exponent[0], start, end, first, stop, rail.from_uv, rail.to_uv)
    running, stalled = 0.0, 0.0
    for k in range(len(leak_w)):
        n = exponent[k + 1]
        work = mean_of_power(n, start, end, first, stop, rail.from_uv, rail.to_uv)
        rest = mean_of_power(n, begin, start, first, stop, rail.from_uv, rail.to_uv)
        running += rules.leakage_w(leak_w[k], work)
        stalled += rules.leakage_w(leak_w[k], rest)
    return square, running, stalled


def book_run(
    meter: Meter, layer: int, level: int, begin: int, start: int, end: int, rail: Rail
) -> None:
    """Book a layer run: the stall from ``begin`` to ``start``, the work from there to ``end``."""
    if rail.settled <= begin:  # it stands
        square = meter.square[rail.set_point]
        leak_w = stall_w = meter.standing_w[rail.set_point] * meter.now.heat
    else:
        square, leak_w, stall_w = moving_means(
            meter.exponent, meter.leak_w, begin, start, end, rail
        )
        leak_w, stall_w = leak_w * meter.now.heat, stall_w * meter.now.heat
    all_j = book_work(meter, layer, level, (end - start) * 1e-9, square, leak_w)
    all_j += book_rest(meter, (start - begin) * 1e-9, stall_w)
    span_s = (end - begin) * 1e-9
    meter.now.busy_s += span_s
    meter.layer_j[layer] += all_j
    meter.layer_s[layer] += span_s
    meter.level_s[level] += span_s


def book_work(
    meter: Meter, layer: int, level: int, run_s: float, square: float, leak_w: float
) -> float:
    """Book a layer's work at a mean V² and leakage, and return its joules."""
    now = meter.now
    switching = rules.dynamic_w(meter.switched_farad[layer], 0.0, 0.0) * square
    clock = rules.dynamic_w(0.0, meter.clock_farad, meter.freq_hz[level]) * square * run_s
    leak = leak_w * run_s
    dram, uncore = meter.dram_j[layer], meter.uncore_w * run_s
    loss = rules.regulator_loss_w(switching + clock + leak, meter.efficiency)
    npu = switching + clock + leak + loss
    inside = npu + (dram if meter.caps_dram else 0.0) + (uncore if meter.caps_uncore else 0.0)
    all_j = npu + dram + uncore
    if run_s > 0.0:
        now.peak_w = max(now.peak_w, all_j / run_s)
        now.max_w = max(now.max_w, inside / run_s)
        most = (1 + 1e-9) * run_s
        if inside > now.cap_w * most or npu > now.npu_limit_w * most:
            now.over_s += run_s
    now.switching_j += switching
    now.clock_j += clock
    now.leakage_j += leak
    now.regulator_loss_j += loss
    now.dram_j += dram
    now.uncore_j += uncore
    return float(all_j)


def book_rest(meter: Meter, seconds: float, leak_w: float) -> float:
    """Book a time in which the clock stands still, and return its joules."""
    leak, uncore = leak_w * seconds, meter.uncore_w * seconds
    loss = rules.regulator_loss_w(leak, meter.efficiency)
    meter.now.leakage_j += leak
    meter.now.regulator_loss_j += loss
    meter.now.uncore_j += uncore
    return float(leak + loss + uncore)


def book_idle(meter: Meter, begin: int, end: int, rail: Rail) -> None:
    """Book a time in which nothing runs."""
    leak_w = meter.standing_w[rail.set_point]
    if rail.settled > begin:
        leak_w = moving_means(meter.exponent, meter.leak_w, begin, end, end, rail)[2]
    book_rest(meter, (end - begin) * 1e-9, leak_w * meter.now.heat)


def joules(meter: Meter) -> Floats:
    """Return what has been booked by component, ``(n_components,)``."""
    return np.array([getattr(meter.now, f"{name}_j") for name in COMPONENTS])


HELPERS = (
    rules.ramp_ns,
    rules.leakage_w,
    rules.dynamic_w,
    rules.regulator_loss_w,
    rules.mean_power_of_voltage,
    volts_at,
    mean_of_power,
    moving_means,
    book_idle,
)
INLINED = (book_rest, book_work, book_run)
