"""The meter: joules of each layer run and idle stretch as the loop goes along.

Where heat changes leakage from tick to tick, counting runs that are alike would lose their energy;
so it is booked run by run, by the same rules as ``energy.row_energy`` does for rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.record import as_record, laid_out
from dfsrt.device import rules
from dfsrt.device.boundary import RailTimes
from dfsrt.device.npu import Domain
from dfsrt.device.ramp import mean_of_power
from dfsrt.power.components import COMPONENTS, IN_DOMAIN, IN_NPU, Rates, split
from dfsrt.power.plant import true_leakage
from dfsrt.power.standby import Standby
from dfsrt.power.table import LayerTable
from dfsrt.run.machine import Machine
from dfsrt.run.phase_watts import phase_watts, rates_in
from dfsrt.run.sleep_state import UP, PhaseWatts, phase_code, phase_codes


@dataclass(slots=True)
class Reading:
    """What has been booked so far besides joules, and what holds now.

    ``peak_w`` is the most that one layer run drew in all domains since it was last cleared,
    ``max_w`` the most in the cap's domain; ``busy_ns`` is time in layers, stalls included,
    ``over_s`` of that the time over the cap, in ``over_runs`` by ``over_w`` at most. ``heat`` is
    leakage over leakage at the reference temperature, ``cap_w`` what a layer run may draw in the
    cap's domain, ``npu_limit_w`` in the NPU's own.
    """

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

    ``switched_farad`` is ``(n_layers,)``, ``dram_j`` ``(n_layers * n_levels,)``, ``clock_w``
    ``(n_layers * n_levels,)``, the clock tree's at 1 V, ``exponent`` ``(1 + n_terms,)``: V² first;
    ``leak_w`` ``(n_terms,)`` at 1 V and the reference temperature, ``square``
    ``(n_set_points,)``: V² of a standing rail, and ``standing_w`` ``(n_set_points,)`` its leakage
    there. ``standby`` is the memory's by level. ``inside`` is how many of the components the cap's
    domain holds, ``levels`` how many levels there are. Booked are ``now``, ``layer_ns``
    ``(n_layers * n_levels,)``, ``layer_j`` ``((n_layers + 1) * n_components,)``, whose last row is
    the time in which nothing ran, and ``tick_j`` ``(n_components,)``, all joules since the world's
    books were closed last.
    ``phase`` is what idle states draw, at the reference temperature, ``phase_j``
    ``(n_codes * n_components,)`` the joules of idle time by phase.
    """

    on: int
    inside: int
    levels: int
    switched_farad: Floats
    dram_j: Floats
    clock_w: Floats
    exponent: Floats
    leak_w: Floats
    square: Floats
    standing_w: Floats
    rates: Rates
    standby: Standby
    now: Reading
    layer_j: Floats
    tick_j: Floats
    layer_ns: Ints
    phase: PhaseWatts
    phase_j: Floats

    def joules(self) -> Floats:
        """Return what layers have taken, and in the last row idle time: ``(n_layers + 1, n)``.

        ``n`` is the number of components.
        """
        return np.asarray(self.layer_j).reshape(-1, len(COMPONENTS))


def no_meter(compiled: bool = False) -> Meter:
    """Return a meter that books nothing; ``compiled`` for compiled code."""
    now = Reading()
    none = np.zeros(0)
    return Meter(
        0, 0, 0, none, none, none, none, none, none, none, Rates(1.0, 0.0, 0.0, 0.0),
        Standby(none, none), as_record(now) if compiled else now, none, none,
        np.zeros(0, dtype=np.int64), PhaseWatts(none, none, none, none), none,
    )  # fmt: skip


def make_meter(table: LayerTable, domain: Domain, compiled: bool = False) -> Meter:
    """Return an empty meter for ``table``, at the reference temperature and under no cap.

    Arrays are lists where it is not for ``compiled`` code: plain Python reads those faster.
    """
    npu, plant = table.npu, table.plant
    cold = replace(npu, hidden=replace(npu.hidden, temp_c=npu.silicon.ref_temp_c))
    leakage = true_leakage(cold)
    exponent = np.array([2.0, *(n for _, n in leakage)])
    volts = np.array(npu.opps.set_points_uv) * 1e-6
    moment, leak_w = volts[:, None] ** exponent, np.array([scale for scale, _ in leakage])
    layers, levels = table.duration_ns.shape
    flowing_hz = table.levels.freqs_hz * table.load.clock_share
    clock_w = rules.dynamic_w(0.0, plant.clock_farad, flowing_hz)
    return Meter(
        on=1,
        inside=IN_DOMAIN[domain],
        levels=levels,
        switched_farad=laid_out(plant.switched_farad, compiled),
        dram_j=laid_out(table.load.dram_j.ravel(), compiled),
        clock_w=laid_out(clock_w.ravel(), compiled),
        exponent=laid_out(exponent, compiled),
        leak_w=laid_out(leak_w, compiled),
        square=laid_out(moment[:, 0], compiled),
        standing_w=laid_out(rules.leakage_w(leak_w, moment[:, 1:]).sum(axis=1), compiled),
        rates=plant.rates,
        standby=Standby(*(laid_out(a, compiled) for a in plant.standby)),
        now=as_record(Reading()) if compiled else Reading(),
        layer_j=laid_out(np.zeros((layers + 1) * len(COMPONENTS)), compiled),
        tick_j=laid_out(np.zeros(len(COMPONENTS)), compiled),
        layer_ns=laid_out(np.zeros(layers * levels, dtype=np.int64), compiled),
        phase=PhaseWatts(*(laid_out(a, compiled) for a in phase_watts(npu, leakage, plant.rates))),
        phase_j=laid_out(np.zeros(phase_codes(len(npu.idle)) * len(COMPONENTS)), compiled),
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
    at = layer * meter.levels + m.level
    book_work(meter, layer, m.level, (end - start) * 1e-9, square, leak_w, m.times)
    if stall > 0:
        book_rest(meter, layer, m.level, stall * 1e-9, stall_w)
    now.busy_ns += end - begin
    meter.layer_ns[at] += end - begin


def book_work(
    meter: Meter, layer: int, level: int, run_s: float, square: float, leak_w: float, times: int
) -> None:
    """Book so many ``times`` a layer's work at a level, a mean V² and leakage."""
    at = layer * meter.levels + level
    energies = split(
        rules.dynamic_w(times * meter.switched_farad[layer], 0.0, 0.0) * square,
        meter.clock_w[at] * square * run_s,
        leak_w * run_s,
        times * meter.dram_j[at] + meter.standby.work_w[level] * run_s,
        run_s,
        meter.rates,
    )
    if run_s > 0.0:
        judge(meter, energies, run_s, times)
    book(meter, layer, energies)


def judge(meter: Meter, energies: Sequence[float], run_s: float, times: int) -> None:
    """Hold the mean power of layer runs, joules ``(n_components,)``, against the limits of now."""
    now, total_j, inside_j, npu_j = meter.now, 0.0, 0.0, 0.0
    for k in range(len(energies)):  # from the narrowest domain to the widest
        total_j += energies[k]
        if k < meter.inside:
            inside_j = total_j
        if k < IN_NPU:
            npu_j = total_j
    # Products, so that a run within its limits costs no division.
    if total_j > now.peak_w * run_s:
        now.peak_w = total_j / run_s
    if inside_j > now.max_w * run_s:
        now.max_w = inside_j / run_s
    most_s = (1 + 1e-9) * run_s
    if inside_j > now.cap_w * most_s or npu_j > now.npu_limit_w * most_s:
        now.over_s += run_s
        now.over_runs += times
        over_w = max(inside_j / run_s - now.cap_w, npu_j / run_s - now.npu_limit_w)
        now.over_w = max(now.over_w, over_w)


def book_rest(meter: Meter, layer: int, level: int, seconds: float, leak_w: float) -> None:
    """Book a time in which a layer's clock stands still."""
    book(meter, layer, at_rest(meter, level, seconds, leak_w))


def at_rest(meter: Meter, level: int, seconds: float, leak_w: float) -> tuple[float, ...]:
    """Return the joules of a time in which the clock stands still, ``(n_components,)``.

    Leakage, fixed power and uncore flow on, and what the DRAM draws when nothing crosses.
    """
    dram_j = meter.standby.idle_w[level] * seconds
    return split(0.0, 0.0, leak_w * seconds, dram_j, seconds, meter.rates)


def book(meter: Meter, layer: int, energies: Sequence[float]) -> None:
    """Add joules, ``(n_components,)``, to a layer's and to those of the present tick."""
    first = layer * len(energies)
    for k in range(len(energies)):
        meter.layer_j[first + k] += energies[k]
        meter.tick_j[k] += energies[k]


def book_idle(meter: Meter, m: Machine, rail: RailTimes, states: int, begin: int) -> None:
    """Book a time in which nothing runs, from ``begin`` to now, in the present phase."""
    end = m.now_ns
    seconds = (end - begin) * 1e-9
    if m.phase != UP:
        book_phase(meter, phase_code(m.phase, m.before, m.state, states), m.level, seconds)
        return
    leak_w = meter.standing_w[m.set_point]
    if m.settled_ns > begin:
        leak_w = moving_means(meter.exponent, meter.leak_w, begin, end, end, m, rail)[2]
    book_asleep(meter, 0, at_rest(meter, m.level, seconds, leak_w * meter.now.heat))


def book_phase(meter: Meter, code: int, level: int, seconds: float) -> None:
    """Book a time in a phase of an idle state, with the memory where a level has it."""
    phase = meter.phase
    leak_j = phase.leak_w[code] * meter.now.heat * seconds
    dram_j = (phase.dram_w[code] + meter.standby.idle_w[level]) * seconds
    rates = rates_in(meter.rates, phase, code)
    book_asleep(meter, code, split(0.0, 0.0, leak_j, dram_j, seconds, rates))


def book_asleep(meter: Meter, code: int, energies: Sequence[float]) -> None:
    """Add joules, ``(n_components,)``, to those of idle time and of its phase."""
    book(meter, len(meter.switched_farad), energies)
    first = code * len(energies)
    for k in range(len(energies)):
        meter.phase_j[first + k] += energies[k]
