"""Drawing constant power from a battery, plain Python or compiled.

A draw is cut into segments. The closed form of an RC pair is Plett's, Battery Management Systems
I, ch. 2. Limits: discharge only.
"""

from __future__ import annotations

import math

from dfsrt.world.battery.pack import Cell, CellBook, Pack, at_hand, emf_v, ocv, series_ohm
from dfsrt.world.battery.segment import (
    LEAST_S,
    OK,
    charge_after,
    current_a,
    drain_a,
    end_of,
    segment_s,
    weight,
)


def draw(
    pack: Pack, cell: Cell, book: CellBook, power_w: float, duration_s: float, temp_c: float
) -> int:
    """Draw ``power_w`` for ``duration_s`` and return ``OK``, ``EMPTY`` or ``BROWN_OUT``.

    At an end, cell and book stand there, and ``used_s`` says how much of the time was used.
    """
    cell.used_s = 0.0
    ohm = series_ohm(pack, temp_c)
    while cell.used_s < duration_s:
        left = duration_s - cell.used_s
        seconds = segment_s(pack, cell, power_w, left)
        amps = current_a(pack, cell, power_w, seconds, ohm)
        end = end_of(pack, cell, power_w, amps, seconds, ohm)
        if end != OK:
            return _close_in(pack, cell, book, power_w, seconds, ohm, end)
        _advance(pack, cell, book, power_w, amps, seconds, ohm)
        if seconds >= left:
            cell.used_s = duration_s
    return OK


def _close_in(
    pack: Pack,
    cell: Cell,
    book: CellBook,
    power_w: float,
    seconds: float,
    ohm: float,
    end: int,
) -> int:
    """Advance to the moment at which the segment ends the battery; return what ends it then.

    By halving. What the whole segment ends with, ``end``, may not be what comes first in it.
    """
    low, high = 0.0, seconds
    while high - low > LEAST_S:
        middle = (low + high) / 2
        amps = current_a(pack, cell, power_w, middle, ohm)
        there = end_of(pack, cell, power_w, amps, middle, ohm)
        if there == OK:
            low = middle
        else:
            high, end = middle, there
    if low > 0.0:
        amps = current_a(pack, cell, power_w, low, ohm)
        _advance(pack, cell, book, power_w, amps, low, ohm)
    return end


def _advance(
    pack: Pack,
    cell: Cell,
    book: CellBook,
    power_w: float,
    amps: float,
    seconds: float,
    ohm: float,
) -> None:
    """Let a segment pass and book its energy."""
    volts, slope, _ = ocv(pack, at_hand(pack, cell))
    left, bound = charge_after(pack, cell, amps, seconds)
    # The mean over the segment as current_a took it, so that the book closes exactly.
    mean_v = volts - slope * amps * seconds / (2 * pack.capacity_c * weight(pack))
    wasted = mean_v * (drain_a(pack, amps) - amps) * seconds
    book.chemical_j += mean_v * amps * seconds + wasted
    book.delivered_j += power_w * seconds
    book.ohmic_j += amps * amps * ohm * seconds
    book.rc_j += wasted
    if pack.r1_ohm > 0.0:
        cell.rc1_v = _relax(book, pack.r1_ohm, pack.tau1_s, cell.rc1_v, amps, seconds)
    if pack.r2_ohm > 0.0:
        cell.rc2_v = _relax(book, pack.r2_ohm, pack.tau2_s, cell.rc2_v, amps, seconds)
    cell.soc, cell.bound = left, bound
    cell.current_a = amps
    cell.voltage_v = emf_v(pack, cell) - amps * ohm
    cell.used_s += seconds


def _relax(
    book: CellBook, r: float, tau_s: float, before: float, amps: float, seconds: float
) -> float:
    """Let an RC pair follow the current; book what it lost and holds more, return its voltage."""
    gone = math.exp(-seconds / tau_s)
    after = before * gone + r * amps * (1 - gone)
    # The integral of V²/R over V = end + (before - end)·exp(-t/tau).
    end = r * amps
    over = before - end
    lost = end * end * seconds - 2 * end * over * tau_s * math.expm1(-seconds / tau_s)
    lost -= over * over * tau_s / 2 * math.expm1(-2 * seconds / tau_s)
    book.rc_j += lost / r
    book.stored_j += tau_s / r * (after * after - before * before) / 2
    return after
