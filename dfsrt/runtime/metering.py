"""The meter: joules of each layer run and idle stretch as the queue's kernel goes along.

Scalar functions over arrays, compiled with the kernel. Where heat changes leakage from tick to
tick, counting runs that are alike would lose their energy; so it is booked run by run, by the
same rules as ``energy.row_energy`` does for rows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dfsrt.device import rules
from dfsrt.device.npu import Domain
from dfsrt.device.ramp import mean_of_power, volts_at
from dfsrt.governor.view import Floats
from dfsrt.power.plant import true_leakage
from dfsrt.runtime.log import COMPONENTS, IN_DOMAIN
from dfsrt.runtime.table import LayerTable

# Places in ``Meter.now``: the joules of COMPONENTS first.
SWITCHING, CLOCK, LEAKAGE, LOSS, DRAM, UNCORE = 0, 1, 2, 3, 4, 5
PEAK_W = 6  # the most that one layer run drew, system domain
BUSY_S = 7  # time in layers, stalls included
OVER_S = 8  # of that, over the cap
HEAT = 9  # leakage over leakage at the reference temperature; set by whoever knows it
CAP_W = 10  # what a layer run may draw in the cap's domain; set likewise
MAX_W = 11  # the most that one layer run drew in the cap's domain
NOW_SIZE = 12

IDLE = -1


class Meter(NamedTuple):
    """What power is made of, and what has been booked; ``on`` is 0 for a meter that books nothing.

    ``switched_farad`` and ``dram_j`` are ``(n_layers,)``, ``freq_hz`` ``(n_levels,)``,
    ``exponent`` ``(1 + n_terms,)``: V² first; ``leak_w`` ``(n_terms,)`` at 1 V and the reference
    temperature, ``moment`` ``(n_set_points, 1 + n_terms)``: V^n of a standing rail. ``inside``
    is how many of the components the cap's domain holds. Booked are ``now``, ``layer_j``
    ``(n_layers,)``, ``layer_s`` ``(n_layers,)`` and ``level_s`` ``(n_levels,)``.
    """

    on: int
    inside: int
    switched_farad: Floats
    dram_j: Floats
    freq_hz: Floats
    exponent: Floats
    leak_w: Floats
    moment: Floats
    clock_farad: float
    efficiency: float
    uncore_w: float
    now: Floats
    layer_j: Floats
    layer_s: Floats
    level_s: Floats


def no_meter() -> Meter:
    """Return a meter that books nothing."""
    none = np.zeros(0)
    flat = np.zeros((0, 0))
    return Meter(0, 0, none, none, none, none, none, flat, 0.0, 1.0, 0.0, none, none, none, none)


def make_meter(table: LayerTable, domain: Domain) -> Meter:
    """Return an empty meter for ``table``, at the reference temperature and under no cap."""
    npu, plant = table.npu, table.plant
    cold = replace(npu, hidden=replace(npu.hidden, temp_c=npu.silicon.ref_temp_c))
    leakage = true_leakage(cold)
    exponent = np.array([2.0, *(n for _, n in leakage)])
    volts = np.array(npu.opps.set_points_uv) * 1e-6
    now = np.zeros(NOW_SIZE)
    now[HEAT], now[CAP_W] = 1.0, np.inf
    layers, levels = table.duration_ns.shape
    return Meter(
        on=1,
        inside=IN_DOMAIN[domain],
        switched_farad=np.asarray(plant.switched_farad, dtype=np.float64),
        dram_j=table.load.dram_bytes * plant.dram_pj_per_byte * 1e-12,
        freq_hz=np.array(npu.opps.freqs_hz, dtype=np.float64),
        exponent=exponent,
        leak_w=np.array([scale for scale, _ in leakage]),
        moment=volts[:, None] ** exponent,
        clock_farad=float(plant.clock_farad),
        efficiency=float(plant.efficiency),
        uncore_w=float(plant.uncore_w),
        now=now,
        layer_j=np.zeros(layers),
        layer_s=np.zeros(layers),
        level_s=np.zeros(levels),
    )


def moment_of(meter: Meter, k: int, begin: int, end: int, set_point: int, ramp: Any) -> float:
    """Return the mean of V^n, n being exponent ``k``, from ``begin`` to ``end``.

    ``ramp`` is the rail's last move: start, stop, settled, from and to in µV.
    """
    if ramp[2] <= begin:
        return float(meter.moment[set_point, k])
    return mean_of_power(meter.exponent[k], begin, end, ramp[0], ramp[1], ramp[3], ramp[4])


def leaked_w(meter: Meter, begin: int, end: int, set_point: int, ramp: Any) -> float:
    """Return mean leakage from ``begin`` to ``end`` at the temperature of now."""
    total = 0.0
    for k in range(len(meter.leak_w)):
        moment = moment_of(meter, k + 1, begin, end, set_point, ramp)
        total += rules.leakage_w(meter.leak_w[k], moment)
    return total * meter.now[HEAT]


def book_run(
    meter: Meter,
    layer: int,
    level: int,
    begin: int,
    start: int,
    end: int,
    set_point: int,
    ramp: Any,
) -> None:
    """Book a layer run: the stall from ``begin`` to ``start``, the work from there to ``end``."""
    now = meter.now
    run_s, stall_s = (end - start) * 1e-9, (start - begin) * 1e-9
    square = moment_of(meter, 0, start, end, set_point, ramp)
    switching = rules.dynamic_w(meter.switched_farad[layer], 0.0, 0.0) * square
    clock = rules.dynamic_w(0.0, meter.clock_farad, meter.freq_hz[level]) * square * run_s
    leak = leaked_w(meter, start, end, set_point, ramp) * run_s
    dram, uncore = meter.dram_j[layer], meter.uncore_w * run_s
    loss = rules.regulator_loss_w(switching + clock + leak, meter.efficiency)
    npu = switching + clock + leak + loss
    inside = npu + (dram if meter.inside > 4 else 0.0) + (uncore if meter.inside > 5 else 0.0)
    all_j = npu + dram + uncore
    if run_s > 0.0:
        now[PEAK_W] = max(now[PEAK_W], all_j / run_s)
        now[MAX_W] = max(now[MAX_W], inside / run_s)
        if inside / run_s > now[CAP_W] * (1 + 1e-9):
            now[OVER_S] += run_s
    now[SWITCHING] += switching
    now[CLOCK] += clock
    now[LEAKAGE] += leak
    now[LOSS] += loss
    now[DRAM] += dram
    now[UNCORE] += uncore
    if start > begin:
        all_j += book_idle(meter, begin, start, set_point, ramp)
    now[BUSY_S] += run_s + stall_s
    meter.layer_j[layer] += all_j
    meter.layer_s[layer] += run_s + stall_s
    meter.level_s[level] += run_s + stall_s


def book_idle(meter: Meter, begin: int, end: int, set_point: int, ramp: Any) -> float:
    """Book a time in which the clock stands still, and return its joules."""
    seconds = (end - begin) * 1e-9
    leak = leaked_w(meter, begin, end, set_point, ramp) * seconds
    loss = rules.regulator_loss_w(leak, meter.efficiency)
    uncore = meter.uncore_w * seconds
    meter.now[LEAKAGE] += leak
    meter.now[LOSS] += loss
    meter.now[UNCORE] += uncore
    return leak + loss + uncore


def joules(meter: Meter) -> NDArray[np.float64]:
    """Return what has been booked by component, ``(6,)``."""
    return meter.now[: len(COMPONENTS)].copy()


def ramp_of(settled: int, from_uv: int, to_uv: int, rail: Any) -> tuple[int, int, int, int, int]:
    """Return the rail's last move as ``moment_of`` takes it."""
    stop = settled - rail.settle_ns
    start = stop - int(rules.ramp_ns(from_uv, to_uv, rail.slew_uv_per_us))
    return start, stop, settled, from_uv, to_uv


HELPERS = (
    rules.ramp_ns,
    rules.leakage_w,
    rules.dynamic_w,
    rules.regulator_loss_w,
    rules.mean_power_of_voltage,
    volts_at,
    mean_of_power,
    moment_of,
    leaked_w,
    book_idle,
    ramp_of,
    book_run,
)
