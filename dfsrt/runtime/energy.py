"""The energy of rows: from clock, voltage and time to watts and joules, all rows at once."""

from __future__ import annotations

import numpy as np

from dfsrt.device import rules
from dfsrt.governor.view import Floats, Ints
from dfsrt.runtime.rail_state import RailMove
from dfsrt.runtime.recorder import IDLE
from dfsrt.runtime.table import LayerTable


def row_energy(
    table: LayerTable, rows: dict[str, Ints], moving: dict[int, RailMove]
) -> tuple[Floats, Floats, Ints]:
    """Return true joules of each row, watts while running, and the voltage at its start in µV.

    Energy and power are ``(n_rows, n_components)``; ``moving`` holds the rail's transition of
    those rows in which it moves. Rule 5, ramps by their closed form.
    """
    running, stalled, rail_uv = _voltage_moments(table, rows, moving)
    energy_j, running_w = _energy(table, rows, running, stalled)
    return energy_j, running_w, rail_uv


def _voltage_moments(
    table: LayerTable, rows: dict[str, Ints], moving: dict[int, RailMove]
) -> tuple[Floats, Floats, Ints]:
    """Return the mean of V^n while running and while stalled, ``(n_rows, n_exponents)``.

    Also the voltage at each row's start, in µV. Where the rail stands still the mean is V^n.
    """
    exponents = table.plant.exponents
    volts = rows["guaranteed_uv"] * 1e-6
    running = np.stack([volts**n for n in exponents], axis=1)
    stalled = running.copy()
    rail_uv = rows["guaranteed_uv"].copy()
    for index, move in moving.items():
        start, end = int(rows["start_ns"][index]), int(rows["end_ns"][index])
        begin = start - int(rows["stall_ns"][index])
        rail_uv[index] = round(move.volts_at(start) * 1e6)
        for column, n in enumerate(exponents):
            running[index, column] = move.mean_of_power(n, start, end)
            stalled[index, column] = move.mean_of_power(n, begin, start)
    return running, stalled, rail_uv


def _energy(
    table: LayerTable, rows: dict[str, Ints], running: Floats, stalled: Floats
) -> tuple[Floats, Floats]:
    """Return energy per row and power while running, both ``(n_rows, n_components)``.

    The clock stands still in a stall and when idle; leakage and uncore flow all the time.
    """
    plant, ran = table.plant, rows["layer"] != IDLE
    seconds = (rows["end_ns"] - rows["start_ns"]) * 1e-9
    per_second = np.divide(1.0, seconds, out=np.zeros(seconds.shape), where=seconds > 0)
    switched = np.where(ran, plant.switched_farad[rows["layer"]], 0.0) * per_second
    clock = np.where(ran, plant.clock_farad, 0.0)
    freq = np.array(table.npu.opps.freqs_hz)[rows["level"]]
    leak_run = _leakage(table, running)
    leak_stall = _leakage(table, stalled)
    dram_j = np.where(ran, table.load.dram_bytes[rows["layer"]], 0) * plant.dram_pj_per_byte * 1e-12
    uncore = np.full(seconds.shape, plant.uncore_w)
    power = _components(
        rules.dynamic_w(switched, 0.0, freq) * running[:, 0],
        rules.dynamic_w(0.0, clock, freq) * running[:, 0],
        leak_run,
        plant.efficiency,
        dram_j * per_second,
        uncore,
    )
    zero = np.zeros(seconds.shape)
    standing = _components(zero, zero, leak_stall, plant.efficiency, zero, uncore)
    stall_s = rows["stall_ns"][:, None] * 1e-9
    return power * seconds[:, None] + standing * stall_s, power


def _leakage(table: LayerTable, moments: Floats) -> Floats:
    terms = (
        rules.leakage_w(scale, moments[:, column + 1])
        for column, (scale, _) in enumerate(table.plant.leakage)
    )
    return np.asarray(sum(terms, np.zeros(len(moments))))


def _components(
    switching: Floats,
    clock: Floats,
    leakage: Floats,
    efficiency: float,
    dram: Floats,
    uncore: Floats,
) -> Floats:
    """Return the columns of ``COMPONENTS``; the regulator loses what its efficiency says."""
    loss = rules.regulator_loss_w(switching + clock + leakage, efficiency)
    return np.stack([switching, clock, leakage, loss, dram, uncore], axis=1)
