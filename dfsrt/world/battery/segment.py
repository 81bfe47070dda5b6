"""A segment of a draw, in which the open-circuit voltage is linear in charge.

In a segment the current is constant and chosen so that the mean terminal voltage times it is the
power asked for: a quadratic, so the energy delivered is exactly power times time, and everything
else that leaves the chemistry has a closed form. Error is of second order in its length.
"""

from __future__ import annotations

import math

from dfsrt.world.battery.pack import KIBAM, PEUKERT, Cell, Pack, at_hand, emf_v, ocv

# What a draw ends with.
OK = 0
EMPTY = 1  # the terminal voltage reached the cut-off, or no charge is left: an orderly end
BROWN_OUT = 2  # the cell cannot give the power

TAU_SHARE = 0.25
"""Segments are at most this share of the shortest RC time constant, while it relaxes."""
SETTLED_V = 1e-4
"""An RC pair this close to where it goes to at most does not ask for short segments."""
CHARGE_SHARE = 2e-3
"""Segments take at most this share of the capacity."""
LEAST_S = 1e-4
"""Ends are looked for to this time."""


def segment_s(pack: Pack, cell: Cell, power_w: float, left_s: float) -> float:
    """Return how long the next segment may be, of ``left_s`` that are left."""
    charge = at_hand(pack, cell)
    volts, _, knot = ocv(pack, charge)
    amps = drain_a(pack, power_w / max(volts, 1e-3))
    seconds = left_s
    if amps > 0.0:
        to_knot = (charge - knot) * weight(pack) * pack.capacity_c / amps
        if to_knot > LEAST_S:  # else over it: a segment of no length goes nowhere
            seconds = min(seconds, to_knot)
        seconds = min(seconds, CHARGE_SHARE * pack.capacity_c / amps)
    if pack.r1_ohm > 0.0 and abs(power_w / volts * pack.r1_ohm - cell.rc1_v) > SETTLED_V:
        seconds = min(seconds, TAU_SHARE * pack.tau1_s)
    if pack.r2_ohm > 0.0 and abs(power_w / volts * pack.r2_ohm - cell.rc2_v) > SETTLED_V:
        seconds = min(seconds, TAU_SHARE * pack.tau2_s)
    if pack.kind == KIBAM:
        seconds = min(seconds, TAU_SHARE / pack.kibam_k)
    return float(max(seconds, LEAST_S)) if left_s > LEAST_S else left_s


def weight(pack: Pack) -> float:
    """Return the capacity that the voltage follows over all of it."""
    return pack.kibam_c if pack.kind == KIBAM else 1.0


def drain_a(pack: Pack, amps: float) -> float:
    """Return the charge per second that a current takes from the chemistry."""
    if pack.kind == PEUKERT and amps > pack.rated_a:
        return float(amps * (amps / pack.rated_a) ** (pack.peukert - 1))
    return amps


def _mean_share(seconds: float, tau_s: float) -> float:
    """Return the mean of exp(-t/tau) over a segment."""
    return -math.expm1(-seconds / tau_s) * tau_s / seconds


def current_a(pack: Pack, cell: Cell, power_w: float, seconds: float, ohm: float) -> float:
    """Return the constant current whose mean terminal voltage gives the power, or -1."""
    if power_w <= 0.0:
        return 0.0
    volts, slope, _ = ocv(pack, at_hand(pack, cell))
    resistance = ohm + slope * seconds / (2 * pack.capacity_c * weight(pack))
    pairs = (pack.r1_ohm, pack.tau1_s, cell.rc1_v), (pack.r2_ohm, pack.tau2_s, cell.rc2_v)
    for r, tau, over in pairs:
        if r > 0.0:
            share = _mean_share(seconds, tau)
            volts -= share * over
            resistance += (1 - share) * r
    return terminal_a(volts, power_w, resistance)


def terminal_a(volts: float, power_w: float, ohm: float) -> float:
    """Return the current that gives the power behind a resistance, or -1 where none does."""
    under = volts * volts - 4 * ohm * power_w
    if volts <= 0.0 or under < 0.0:
        return -1.0
    # 2P/(E + sqrt) is (E - sqrt)/2R without the cancellation.
    return 2 * power_w / (volts + math.sqrt(under))


def charge_after(pack: Pack, cell: Cell, amps: float, seconds: float) -> tuple[float, float]:
    """Return the charge left and KiBaM's bound charge after a segment, over capacity."""
    left = cell.soc - drain_a(pack, amps) * seconds / pack.capacity_c
    if pack.kind != KIBAM:
        return left, 0.0
    # With d the difference of the wells' levels: dd/dt = i/c - k'·d, in closed form.
    level = cell.bound / (1 - pack.kibam_c) - (cell.soc - cell.bound) / pack.kibam_c
    rate = amps / pack.capacity_c / pack.kibam_c
    gone = math.exp(-pack.kibam_k * seconds)
    later = level * gone + rate / pack.kibam_k * -math.expm1(-pack.kibam_k * seconds)
    return left, (1 - pack.kibam_c) * (left + pack.kibam_c * later)


def end_of(pack: Pack, cell: Cell, power_w: float, amps: float, seconds: float, ohm: float) -> int:
    """Return what a segment would end with; ``amps`` is below 0 where it cannot give the power.

    A cell that rests ends nothing.
    """
    if power_w <= 0.0:
        return OK
    emf = emf_v(pack, cell)
    first = terminal_a(emf, power_w, ohm)
    if amps < 0.0 or first < 0.0 or emf - first * ohm < pack.brownout_v:
        return BROWN_OUT
    left, bound = charge_after(pack, cell, amps, seconds)
    hand = (left - bound) / pack.kibam_c if pack.kind == KIBAM else left
    if hand < pack.ocv_soc[0]:
        return EMPTY
    emf = ocv(pack, hand)[0]
    pairs = (pack.r1_ohm, pack.tau1_s, cell.rc1_v), (pack.r2_ohm, pack.tau2_s, cell.rc2_v)
    for r, tau, over in pairs:
        if r > 0.0:
            gone = math.exp(-seconds / tau)
            emf -= over * gone + r * amps * (1 - gone)
    last = terminal_a(emf, power_w, ohm)
    if last < 0.0:
        return BROWN_OUT
    return EMPTY if emf - last * ohm <= pack.cutoff_v else OK
