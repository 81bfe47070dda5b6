"""The meter: joules of each layer run and idle stretch as the queue's kernel goes along.

Scalar functions over arrays, compiled with the kernel. Where heat changes leakage from tick to
tick, counting runs that are alike would lose their energy; so it is booked run by run, by the
same rules as ``energy.row_energy`` does for rows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats
from dfsrt.device import rules
from dfsrt.device.boundary import RailTimes
from dfsrt.device.npu import Domain
from dfsrt.device.ramp import mean_of_power, volts_at
from dfsrt.power.plant import true_leakage
from dfsrt.power.table import LayerTable
from dfsrt.run.log import COMPONENTS, IN_DOMAIN

# Places in ``Meter.now``: the joules of COMPONENTS first.
SWITCHING, CLOCK, LEAKAGE, LOSS, DRAM, UNCORE = 0, 1, 2, 3, 4, 5
PEAK_W = 6  # the most that one layer run drew, system domain
BUSY_S = 7  # time in layers, stalls included
OVER_S = 8  # of that, over the cap
HEAT = 9  # leakage over leakage at the reference temperature; set by whoever knows it
CAP_W = 10  # what a layer run may draw in the cap's domain; set likewise
MAX_W = 11  # the most that one layer run drew in the cap's domain
NOW_SIZE = 12


class Meter(NamedTuple):
    """What power is made of, and what has been booked; ``on`` is 0 for a meter that books nothing.

    ``switched_farad`` and ``dram_j`` are ``(n_layers,)``, ``freq_hz`` ``(n_levels,)``,
    ``exponent`` ``(1 + n_terms,)``: V² first; ``leak_w`` ``(n_terms,)`` at 1 V and the reference
    temperature, ``square`` ``(n_set_points,)``: V² of a standing rail, and
    ``standing_w`` ``(n_set_points,)`` its leakage there. ``inside`` is how many of the components
    the cap's domain holds. Booked are ``now``, ``layer_j`` and ``layer_s``, both ``(n_layers,)``,
    and ``level_s`` ``(n_levels,)``.
    """

    on: int
    inside: int
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
    now: Floats
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
    return Meter(
        0, 0, none, none, none, none, none, none, none, 0.0, 1.0, 0.0, none, none, none, none
    )


def make_meter(table: LayerTable, domain: Domain) -> Meter:
    """Return an empty meter for ``table``, at the reference temperature and under no cap."""
    npu, plant = table.npu, table.plant
    cold = replace(npu, hidden=replace(npu.hidden, temp_c=npu.silicon.ref_temp_c))
    leakage = true_leakage(cold)
    exponent = np.array([2.0, *(n for _, n in leakage)])
    volts = np.array(npu.opps.set_points_uv) * 1e-6
    moment, leak_w = volts[:, None] ** exponent, np.array([scale for scale, _ in leakage])
    now = np.zeros(NOW_SIZE)
    now[HEAT], now[CAP_W] = 1.0, np.inf
    layers, levels = table.duration_ns.shape
    return Meter(
        on=1,
        inside=IN_DOMAIN[domain],
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
        now=now,
        layer_j=np.zeros(layers),
        layer_s=np.zeros(layers),
        level_s=np.zeros(levels),
    )


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
        leak_w = stall_w = meter.standing_w[rail.set_point] * meter.now[HEAT]
    else:
        square, leak_w, stall_w = moving_means(
            meter.exponent, meter.leak_w, begin, start, end, rail
        )
        leak_w, stall_w = leak_w * meter.now[HEAT], stall_w * meter.now[HEAT]
    all_j = book_work(meter, layer, level, (end - start) * 1e-9, square, leak_w)
    all_j += book_rest(meter, (start - begin) * 1e-9, stall_w)
    span_s = (end - begin) * 1e-9
    meter.now[BUSY_S] += span_s
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
    inside = npu + (dram if meter.inside > 4 else 0.0) + (uncore if meter.inside > 5 else 0.0)
    all_j = npu + dram + uncore
    if run_s > 0.0:
        now[PEAK_W] = max(now[PEAK_W], all_j / run_s)
        now[MAX_W] = max(now[MAX_W], inside / run_s)
        if inside > now[CAP_W] * (1 + 1e-9) * run_s:
            now[OVER_S] += run_s
    now[SWITCHING] += switching
    now[CLOCK] += clock
    now[LEAKAGE] += leak
    now[LOSS] += loss
    now[DRAM] += dram
    now[UNCORE] += uncore
    return float(all_j)


def book_rest(meter: Meter, seconds: float, leak_w: float) -> float:
    """Book a time in which the clock stands still, and return its joules."""
    leak, uncore = leak_w * seconds, meter.uncore_w * seconds
    loss = rules.regulator_loss_w(leak, meter.efficiency)
    meter.now[LEAKAGE] += leak
    meter.now[LOSS] += loss
    meter.now[UNCORE] += uncore
    return float(leak + loss + uncore)


def book_idle(meter: Meter, begin: int, end: int, rail: Rail) -> None:
    """Book a time in which nothing runs."""
    leak_w = meter.standing_w[rail.set_point]
    if rail.settled > begin:
        leak_w = moving_means(meter.exponent, meter.leak_w, begin, end, end, rail)[2]
    book_rest(meter, (end - begin) * 1e-9, leak_w * meter.now[HEAT])


def joules(meter: Meter) -> NDArray[np.float64]:
    """Return what has been booked by component, ``(6,)``."""
    return meter.now[: len(COMPONENTS)].copy()


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
