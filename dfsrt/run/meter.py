"""The meter: joules of each layer run and idle stretch as the loop goes along.

Where heat changes leakage from tick to tick, counting runs that are alike would lose their energy;
so it is booked run by run, by the same rules as ``energy.row_energy`` does for rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.record import as_record
from dfsrt.device import rules
from dfsrt.device.boundary import RailTimes
from dfsrt.device.npu import Domain
from dfsrt.device.ramp import mean_of_power
from dfsrt.power.plant import true_leakage
from dfsrt.power.table import LayerTable
from dfsrt.run.log import COMPONENTS, IN_DOMAIN
from dfsrt.run.machine import Machine


@dataclass(slots=True)
class Reading:
    """What has been booked so far, and what holds now.

    Joules by component; ``peak_w`` is the most that one layer run drew in all domains since it
    was last cleared, ``max_w`` the most in the cap's domain; ``busy_ns`` is time in layers, stalls
    included, ``over_s`` of that the time over the cap, in ``over_runs`` by ``over_w`` at most.
    ``heat`` is leakage over leakage at the reference temperature, ``cap_w`` what a layer run may
    draw in the cap's domain, ``npu_limit_w`` in the NPU's own.
    """

    switching_j: float = 0.0
    clock_j: float = 0.0
    leakage_j: float = 0.0
    regulator_loss_j: float = 0.0
    dram_j: float = 0.0
    uncore_j: float = 0.0
    peak_w: float = 0.0
    max_w: float = 0.0
    busy_ns: int = 0
    over_s: float = 0.0
    over_runs: int = 0
    over_w: float = 0.0
    heat: float = 1.0
    cap_w: float = np.inf
    npu_limit_w: float = np.inf


class Meter(NamedTuple):
    """What power is made of, and what has been booked; ``on`` is 0 for a meter that books nothing.

    ``switched_farad`` and ``layer_dram_j`` are ``(n_layers,)``, ``freq_hz`` ``(n_levels,)``,
    ``exponent`` ``(1 + n_terms,)``: V² first; ``leak_w`` ``(n_terms,)`` at 1 V and the reference
    temperature, ``square`` ``(n_set_points,)``: V² of a standing rail, and
    ``standing_w`` ``(n_set_points,)`` its leakage there. ``inside`` is how many of the components
    the cap's domain holds. Booked are ``now``, ``layer_j`` ``(n_layers * n_components,)`` and
    ``layer_ns`` ``(n_layers * n_levels,)``.
    """

    on: int
    inside: int
    switched_farad: Floats
    layer_dram_j: Floats
    freq_hz: Floats
    exponent: Floats
    leak_w: Floats
    square: Floats
    standing_w: Floats
    clock_farad: float
    efficiency: float
    uncore_w: float
    now: Reading
    layer_j: Floats
    layer_ns: Ints


def no_meter(compiled: bool = False) -> Meter:
    """Return a meter that books nothing; ``compiled`` for compiled code."""
    now = Reading()
    none = np.zeros(0)
    return Meter(
        0, 0, none, none, none, none, none, none, none, 0.0, 1.0, 0.0,
        as_record(now) if compiled else now, none, np.zeros(0, dtype=np.int64),
    )  # fmt: skip


def make_meter(table: LayerTable, domain: Domain, compiled: bool = False) -> Meter:
    """Return an empty meter for ``table``, at the reference temperature and under no cap."""
    npu, plant = table.npu, table.plant
    cold = replace(npu, hidden=replace(npu.hidden, temp_c=npu.silicon.ref_temp_c))
    leakage = true_leakage(cold)
    exponent = np.array([2.0, *(n for _, n in leakage)])
    volts = np.array(npu.opps.set_points_uv) * 1e-6
    moment, leak_w = volts[:, None] ** exponent, np.array([scale for scale, _ in leakage])
    layers, levels = table.duration_ns.shape
    return Meter(
        on=1,
        inside=IN_DOMAIN[domain],
        switched_farad=np.array(plant.switched_farad, dtype=np.float64),
        layer_dram_j=np.array(table.load.dram_bytes * plant.dram_pj_per_byte * 1e-12, np.float64),
        freq_hz=np.array(npu.opps.freqs_hz, dtype=np.float64),
        exponent=exponent,
        leak_w=leak_w,
        square=moment[:, 0].copy(),
        standing_w=rules.leakage_w(leak_w, moment[:, 1:]).sum(axis=1),
        clock_farad=float(plant.clock_farad),
        efficiency=float(plant.efficiency),
        uncore_w=float(plant.uncore_w),
        now=as_record(Reading()) if compiled else Reading(),
        layer_j=np.zeros(layers * len(COMPONENTS)),
        layer_ns=np.zeros(layers * levels, dtype=np.int64),
    )


def moving_means(
    exponent: Floats, leak_w: Floats, begin: int, start: int, end: int, m: Machine, rail: RailTimes
) -> tuple[float, float, float]:
    """Return mean V² and mean leakage from ``start`` to ``end``, and mean leakage before that.

    Leakage is at the reference temperature; ``exponent`` ``(1 + n_terms,)`` and ``leak_w``
    ``(n_terms,)`` are as in ``Meter``. Takes few arguments: it is called seldom, and what a call
    hands over costs the loop around it.
    """
    stop = m.settled_ns - rail.settle_ns
    first = stop - int(rules.ramp_ns(m.from_uv, m.to_uv, rail.slew_uv_per_us))
    square = mean_of_power(exponent[0], start, end, first, stop, m.from_uv, m.to_uv)
    running, stalled = 0.0, 0.0
    for k in range(len(leak_w)):
        n = exponent[k + 1]
        work = mean_of_power(n, start, end, first, stop, m.from_uv, m.to_uv)
        rest = mean_of_power(n, begin, start, first, stop, m.from_uv, m.to_uv)
        running += rules.leakage_w(leak_w[k], work)
        stalled += rules.leakage_w(leak_w[k], rest)
    return square, running, stalled


def book_run(meter: Meter, m: Machine, rail: RailTimes, stall: int) -> None:
    """Book the layer that has just run: its stall, then its work up to now."""
    now, layer, begin, end = meter.now, m.layer - 1, m.last_begin_ns, m.now_ns
    start = begin + stall
    if m.settled_ns <= begin:  # the rail stands
        square = meter.square[m.set_point]
        leak_w = stall_w = meter.standing_w[m.set_point] * now.heat
    else:
        square, leak_w, stall_w = moving_means(
            meter.exponent, meter.leak_w, begin, start, end, m, rail
        )
        leak_w, stall_w = leak_w * now.heat, stall_w * now.heat
    book_work(meter, layer, m.level, (end - start) * 1e-9, square, leak_w)
    if stall > 0:
        book_stall(meter, layer, stall * 1e-9, stall_w)
    now.busy_ns += end - begin
    meter.layer_ns[layer * len(meter.freq_hz) + m.level] += end - begin


def book_work(
    meter: Meter, layer: int, level: int, run_s: float, square: float, leak_w: float
) -> None:
    """Book a layer's work at a mean V² and leakage."""
    now, first = meter.now, layer * 6
    switching = rules.dynamic_w(meter.switched_farad[layer], 0.0, 0.0) * square
    clock = rules.dynamic_w(0.0, meter.clock_farad, meter.freq_hz[level]) * square * run_s
    leak = leak_w * run_s
    dram, uncore = meter.layer_dram_j[layer], meter.uncore_w * run_s
    loss = rules.regulator_loss_w(switching + clock + leak, meter.efficiency)
    npu = switching + clock + leak + loss
    inside = npu + (dram if meter.inside > 4 else 0.0) + (uncore if meter.inside > 5 else 0.0)
    if run_s > 0.0:
        now.peak_w = max(now.peak_w, (npu + dram + uncore) / run_s)
        now.max_w = max(now.max_w, inside / run_s)
        over_w = max(inside / run_s - now.cap_w, npu / run_s - now.npu_limit_w)
        if over_w > 1e-9 * now.cap_w or over_w > 1e-9 * now.npu_limit_w:
            now.over_s += run_s
            now.over_runs += 1
            now.over_w = max(now.over_w, over_w)
    now.switching_j += switching
    now.clock_j += clock
    now.leakage_j += leak
    now.regulator_loss_j += loss
    now.dram_j += dram
    now.uncore_j += uncore
    book = meter.layer_j
    book[first] += switching
    book[first + 1] += clock
    book[first + 2] += leak
    book[first + 3] += loss
    book[first + 4] += dram
    book[first + 5] += uncore


def book_stall(meter: Meter, layer: int, stall_s: float, leak_w: float) -> None:
    """Book the time in which a layer's clock stands still."""
    leak, uncore = leak_w * stall_s, meter.uncore_w * stall_s
    book_rest(meter, stall_s, leak_w)
    first = layer * 6
    meter.layer_j[first + 2] += leak
    meter.layer_j[first + 3] += rules.regulator_loss_w(leak, meter.efficiency)
    meter.layer_j[first + 5] += uncore


def book_rest(meter: Meter, seconds: float, leak_w: float) -> None:
    """Book a time in which the clock stands still."""
    now, leak = meter.now, leak_w * seconds
    now.leakage_j += leak
    now.regulator_loss_j += rules.regulator_loss_w(leak, meter.efficiency)
    now.uncore_j += meter.uncore_w * seconds


def book_idle(meter: Meter, m: Machine, rail: RailTimes, begin: int) -> None:
    """Book a time in which nothing runs, from ``begin`` to now."""
    end, leak_w = m.now_ns, meter.standing_w[m.set_point]
    if m.settled_ns > begin:
        leak_w = moving_means(meter.exponent, meter.leak_w, begin, end, end, m, rail)[2]
    book_rest(meter, (end - begin) * 1e-9, leak_w * meter.now.heat)
