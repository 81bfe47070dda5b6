"""The energy of rows: from clock, voltage and time to watts and joules, all rows at once."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.compiled import compiled
from dfsrt.device import rules
from dfsrt.device.ramp import mean_of_power, volts_at
from dfsrt.power.components import split
from dfsrt.power.table import LayerTable
from dfsrt.run.phase_watts import phase_watts, rates_in
from dfsrt.run.recorder import IDLE, Rows
from dfsrt.run.units import units_of

MANY = 5_000
"""Moving rows from which on compiling, or loading compiled code, pays."""


def row_energy(table: LayerTable, rows: Rows) -> tuple[Floats, Floats, Ints]:
    """Return true joules of each row, watts while running, and the voltage at its start in µV.

    Energy and power are ``(n_rows, n_components)``, of one run of the row. Rule 5, ramps by
    their closed form.
    """
    running, stalled, rail_uv = _voltage_moments(table, rows)
    energy_j, running_w = _energy(table, rows, running, stalled)
    return energy_j, running_w, rail_uv


def _voltage_moments(table: LayerTable, rows: Rows) -> tuple[Floats, Floats, Ints]:
    """Return the mean of V^n while running and while stalled, ``(n_rows, n_exponents)``.

    Also the voltage at each row's start, in µV. Where the rail stands still the mean is V^n.
    """
    exponents = np.array(table.plant.exponents)
    volts = rows.guaranteed_uv * 1e-6
    running = np.stack([volts**n for n in exponents], axis=1)
    stalled = running.copy()
    rail_uv = rows.guaranteed_uv
    index = rows.moving
    if len(index):
        fill = (
            compiled(fill_moments, HELPERS, allocates=False) if len(index) > MANY else fill_moments
        )
        start, end, stall = (rows[name][index] for name in ("start_ns", "end_ns", "stall_ns"))
        means = np.empty((2, len(index), len(exponents)))
        uv = np.empty(len(index))
        times = np.stack([start - stall, start, end], axis=1)
        fill(means, uv, exponents, times, ramps_of(table, rows, index))
        stalled[index], running[index] = means
        rail_uv[index] = np.rint(uv)
    return running, stalled, rail_uv


def ramps_of(table: LayerTable, rows: Rows, index: Ints) -> Ints:
    """Return when the ramps of some rows begin and end, and from where to where, ``(n_rows, 4)``.

    ``index`` are the rows' numbers, ``(n_rows,)``.
    """
    rail = table.npu.rail
    from_uv, to_uv = rows["from_uv"][index], rows["to_uv"][index]
    end_ns = rows["settled_ns"][index] - rail.settle_ns
    ends_uv = from_uv.astype(np.float64), to_uv.astype(np.float64)
    ramp_ns = rules.ramp_ns(*ends_uv, float(rail.slew_uv_per_us)).astype(np.int64)
    return np.stack([end_ns - ramp_ns, end_ns, from_uv, to_uv], axis=1)


def fill_moments(means: Floats, uv: Floats, exponents: Floats, times: Ints, ramps: Ints) -> None:
    """Write the mean of V^n while stalled and running, and the voltage at the start in µV.

    ``means`` is ``(2, n_rows, n_exponents)``, ``times`` ``(n_rows, 3)``: begin, start and end;
    ``ramps`` ``(n_rows, 4)``: begin, end, from and to.
    """
    for i in range(len(times)):
        begin, start, end = times[i][0], times[i][1], times[i][2]
        first, last, from_uv, to_uv = ramps[i][0], ramps[i][1], ramps[i][2], ramps[i][3]
        uv[i] = volts_at(start, first, last, from_uv, to_uv) * 1e6
        for k in range(len(exponents)):
            n = exponents[k]
            means[0, i, k] = mean_of_power(n, begin, start, first, last, from_uv, to_uv)
            means[1, i, k] = mean_of_power(n, start, end, first, last, from_uv, to_uv)


HELPERS = (rules.mean_power_of_voltage, volts_at, mean_of_power)


def _energy(
    table: LayerTable, rows: Rows, running: Floats, stalled: Floats
) -> tuple[Floats, Floats]:
    """Return energy per row and power while running, both ``(n_rows, n_components)``.

    The clock stands still in a stall and when idle; leakage, fixed power and uncore flow on, and
    what the DRAM draws when nothing crosses.
    """
    plant, ran = table.plant, rows["layer"] != IDLE
    seconds = (rows["end_ns"] - rows["start_ns"]) * 1e-9
    per_second = np.divide(1.0, seconds, out=np.zeros(seconds.shape), where=seconds > 0)
    units = units_of(table, rows["layer"], rows["level"], rows["end_ns"] - rows["start_ns"])
    done = units * rows.done
    switched = np.where(ran, done * plant.switched_farad[rows["layer"]], 0.0) * per_second
    clock = np.where(ran, plant.clock_farad, 0.0)
    level = rows["level"]
    freq = table.levels.freqs_hz[level]
    flowing = freq * _clock_share(table, rows)
    leak_run = _leakage(table, running)
    leak_stall = _leakage(table, stalled)
    bytes_per_s = np.where(ran, done * table.load.dram_bytes[rows["layer"]], 0) * per_second
    access_w = bytes_per_s * table.load.dram_j_per_byte[rows["layer"], level]
    idle_w = plant.standby.idle_w[level]
    zero, second = np.zeros(seconds.shape), np.ones(seconds.shape)
    running_w = split(
        rules.dynamic_w(switched, 0.0, freq) * running[:, 0],
        rules.dynamic_w(0.0, clock, flowing) * running[:, 0],
        leak_run,
        access_w + np.where(ran, plant.standby.work_w[level], idle_w),
        second,
        plant.rates,
    )
    standing_w = split(zero, zero, leak_stall, idle_w, second, plant.rates)
    power: Floats = np.stack(running_w, axis=1)
    standing: Floats = np.stack(standing_w, axis=1)
    stall_s = rows["stall_ns"][:, None] * 1e-9
    energy_j = power * seconds[:, None] + standing * stall_s
    return _asleep(table, rows, np.asarray(seconds), energy_j, power)


def _clock_share(table: LayerTable, rows: Rows) -> Floats:
    """The share of the clock tree's power that flows in each row, ``(n_rows,)``.

    A layer that waits for others at the memory waits longer than alone; so long the tree may stop.
    """
    layer, level, run_ns = rows["layer"], rows["level"], rows["end_ns"] - rows["start_ns"]
    share, alone_ns = table.load.clock_share[layer, level], table.duration_ns[layer, level]
    if "done" not in rows.column:
        return share
    least = table.npu.silicon.clock_stall_share
    work_ns = (share - least) * alone_ns * rows.done
    waiting = least + np.divide(work_ns, run_ns, out=np.zeros(len(share)), where=run_ns > 0)
    return np.where((run_ns == alone_ns) & (rows.done == 1), share, np.minimum(waiting, 1.0))


def _asleep(
    table: LayerTable, rows: Rows, seconds: Floats, energy_j: Floats, power: Floats
) -> tuple[Floats, Floats]:
    """Put in what flows in idle states, in place of what does while the NPU stands."""
    (index,) = np.nonzero(rows["phase"])
    if len(index):
        codes, rates = rows["phase"][index], table.plant.rates
        idle_w = table.plant.standby.idle_w[rows["level"][index]]
        watts = phase_watts(table.npu, table.plant.leakage, rates)
        for code in np.unique(codes).tolist():
            own = rates_in(rates, watts, code)
            here = codes == code
            dram_w = watts.dram_w[code] + idle_w[here]
            drawn = split(0.0, 0.0, watts.leak_w[code], dram_w, 1.0, own)
            power[index[here]] = np.stack(np.broadcast_arrays(*drawn), axis=1)
        energy_j[index] = power[index] * seconds[index, None]
    return energy_j, power


def _leakage(table: LayerTable, moments: Floats) -> Floats:
    terms = (
        rules.leakage_w(scale, moments[:, column + 1])
        for column, (scale, _) in enumerate(table.plant.leakage)
    )
    return np.asarray(sum(terms, np.zeros(len(moments))))
