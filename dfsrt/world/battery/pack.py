"""A battery under power control: scalar functions over arrays, plain Python or compiled.

Three models share one book of energy. ``ECM`` is an equivalent circuit: open-circuit voltage by
state of charge, a series resistance, one or two RC pairs. ``KIBAM`` is the kinetic battery model:
charge at hand and charge bound, which flows after. ``PEUKERT`` takes more charge than flows at
high currents. The last two have the same series resistance and no RC pairs.

A draw is cut into segments in which the open-circuit voltage is linear in charge. In a segment
the current is constant and chosen so that the mean terminal voltage times it is the power asked
for: a quadratic, so the energy delivered is exactly power times time, and everything else that
leaves the chemistry has a closed form. Error is of second order in the segment's length.

Source of the circuit and its closed form: Plett, Battery Management Systems I, ch. 2 (Thevenin
model); KiBaM: Manwell and McGowan, Solar Energy 50 (1993); Peukert's law: Peukert 1897.
Limits: discharge only; one temperature; R and C do not depend on charge.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from dfsrt.base.arrays import Floats

ECM, KIBAM, PEUKERT = 0, 1, 2
# What a draw ends with.
OK = 0
EMPTY = 1  # the terminal voltage reached the cut-off, or no charge is left: an orderly end
BROWN_OUT = 2  # the cell cannot give the power

# Places in the state.
SOC = 0  # charge left over capacity; with KiBaM, of both wells
V1 = 1  # voltage over the first RC pair
V2 = 2
VOLTAGE_V = 3  # at the terminals, at the end of the last segment
CURRENT_A = 4  # of the last segment
USED_S = 5  # of the last draw
BOUND = 6  # KiBaM's bound charge over capacity
STATE_SIZE = 7

# Places in the book, joules.
CHEMICAL_J = 0  # what left the chemistry: the integral of the open-circuit voltage over charge
DELIVERED_J = 1
OHMIC_J = 2  # lost in the series resistance
RC_J = 3  # lost in the RC pairs; with Peukert, with the charge that never flowed
STORED_J = 4  # held in the RC pairs' capacitances, or given back
BOOK_SIZE = 5

GAS_CONSTANT = 8.314462618
ZERO_C_K = 273.15
TAU_SHARE = 0.25
"""Segments are at most this share of the shortest RC time constant, while it relaxes."""
SETTLED_V = 1e-4
"""An RC pair this close to where it goes to at most does not ask for short segments."""
CHARGE_SHARE = 2e-3
"""Segments take at most this share of the capacity."""
LEAST_S = 1e-4
"""Ends are found to this time."""


class Pack(NamedTuple):
    """A battery's numbers; ``ocv_soc`` and ``ocv_v`` ``(k,)`` ascend.

    ``r0_ohm`` is the cell's series resistance at ``r0_ref_c``, ``r0_ea_j`` its activation energy
    in J/mol (Arrhenius), ``path_ohm`` what lies between cell and PMIC. ``kibam_c`` is the share
    of the capacity at hand, ``kibam_k`` the rate in 1/s at which the wells even out (k' of the
    paper). ``peukert`` is the exponent, from ``rated_a`` on.
    """

    kind: int
    capacity_c: float
    ocv_soc: Floats
    ocv_v: Floats
    r0_ohm: float
    r0_ref_c: float
    r0_ea_j: float
    path_ohm: float
    r1_ohm: float
    tau1_s: float
    r2_ohm: float
    tau2_s: float
    cutoff_v: float
    brownout_v: float
    kibam_c: float
    kibam_k: float
    peukert: float
    rated_a: float


def start_state(pack: Pack, soc: float) -> Floats:
    """Return the state of a rested battery at a share of its charge."""
    state = np.zeros(STATE_SIZE)
    state[SOC] = soc
    state[BOUND] = soc * (1 - pack.kibam_c) if pack.kind == KIBAM else 0.0
    state[VOLTAGE_V] = ocv(pack, soc)[0]
    return state


def new_book() -> Floats:
    """Return a book in which nothing has been booked."""
    return np.zeros(BOOK_SIZE)


def series_ohm(pack: Pack, temp_c: float) -> float:
    """Return the series resistance at a temperature, the path included."""
    kelvin, reference = temp_c + ZERO_C_K, pack.r0_ref_c + ZERO_C_K
    scale = math.exp(pack.r0_ea_j / GAS_CONSTANT * (1 / kelvin - 1 / reference))
    return pack.r0_ohm * scale + pack.path_ohm


def ocv(pack: Pack, soc: float) -> tuple[float, float, float]:
    """Return the open-circuit voltage, its slope per unit of charge and the knot below ``soc``.

    At a knot the slope is that of the side towards empty: charge only falls.
    """
    k = len(pack.ocv_soc) - 1
    while k > 1 and pack.ocv_soc[k - 1] >= soc:
        k -= 1
    low, high = pack.ocv_soc[k - 1], pack.ocv_soc[k]
    slope = (pack.ocv_v[k] - pack.ocv_v[k - 1]) / (high - low)
    return pack.ocv_v[k - 1] + slope * (soc - low), slope, low


def at_hand(pack: Pack, state: Floats) -> float:
    """Return the charge that the voltage follows: all of it, or KiBaM's well at hand, filled."""
    if pack.kind == KIBAM:
        return float((state[SOC] - state[BOUND]) / pack.kibam_c)
    return float(state[SOC])


def max_power_w(pack: Pack, state: Floats, temp_c: float) -> float:
    """Return the most that the battery can give at this moment, not falling under brown-out."""
    emf = ocv(pack, at_hand(pack, state))[0] - state[V1] - state[V2]
    ohm = series_ohm(pack, temp_c)
    volts = max(pack.brownout_v, emf / 2)  # at half the voltage the power peaks
    return float(max(volts * (emf - volts) / ohm, 0.0))


def draw(
    pack: Pack, state: Floats, book: Floats, power_w: float, duration_s: float, temp_c: float
) -> int:
    """Draw ``power_w`` for ``duration_s`` and return ``OK``, ``EMPTY`` or ``BROWN_OUT``.

    At an end, state and book stand there, and ``USED_S`` says how much of the time was used.
    """
    state[USED_S] = 0.0
    ohm = series_ohm(pack, temp_c)
    while state[USED_S] < duration_s:
        left = duration_s - state[USED_S]
        seconds = _segment_s(pack, state, power_w, left)
        amps = _current(pack, state, power_w, seconds, ohm)
        end = _end_of(pack, state, power_w, amps, seconds, ohm)
        if end != OK:
            return _close_in(pack, state, book, power_w, seconds, ohm, end)
        _advance(pack, state, book, power_w, amps, seconds, ohm)
        if seconds >= left:
            state[USED_S] = duration_s
    return OK


def _segment_s(pack: Pack, state: Floats, power_w: float, left_s: float) -> float:
    """Return how long the next segment may be."""
    charge = at_hand(pack, state)
    volts, _, knot = ocv(pack, charge)
    amps = _drain(pack, power_w / max(volts, 1e-3))
    seconds = left_s
    if amps > 0.0:
        to_knot = (charge - knot) * _weight(pack) * pack.capacity_c / amps
        if to_knot > LEAST_S:  # else over it: a segment of no length goes nowhere
            seconds = min(seconds, to_knot)
        seconds = min(seconds, CHARGE_SHARE * pack.capacity_c / amps)
    if pack.r1_ohm > 0.0 and abs(power_w / volts * pack.r1_ohm - state[V1]) > SETTLED_V:
        seconds = min(seconds, TAU_SHARE * pack.tau1_s)
    if pack.r2_ohm > 0.0 and abs(power_w / volts * pack.r2_ohm - state[V2]) > SETTLED_V:
        seconds = min(seconds, TAU_SHARE * pack.tau2_s)
    if pack.kind == KIBAM:
        seconds = min(seconds, TAU_SHARE / pack.kibam_k)
    return float(max(seconds, LEAST_S)) if left_s > LEAST_S else left_s


def _weight(pack: Pack) -> float:
    """Return the capacity that the voltage follows over all of it."""
    return pack.kibam_c if pack.kind == KIBAM else 1.0


def _drain(pack: Pack, amps: float) -> float:
    """Return the charge per second that a current takes from the chemistry."""
    if pack.kind == PEUKERT and amps > pack.rated_a:
        return float(amps * (amps / pack.rated_a) ** (pack.peukert - 1))
    return amps


def _mean_share(seconds: float, tau_s: float) -> float:
    """Return the mean of exp(-t/tau) over a segment."""
    return -math.expm1(-seconds / tau_s) * tau_s / seconds


def _current(pack: Pack, state: Floats, power_w: float, seconds: float, ohm: float) -> float:
    """Return the constant current whose mean terminal voltage gives the power, or -1."""
    if power_w <= 0.0:
        return 0.0
    volts, slope, _ = ocv(pack, at_hand(pack, state))
    resistance = ohm + slope * seconds / (2 * pack.capacity_c * _weight(pack))
    for r, tau, place in ((pack.r1_ohm, pack.tau1_s, V1), (pack.r2_ohm, pack.tau2_s, V2)):
        if r > 0.0:
            share = _mean_share(seconds, tau)
            volts -= share * state[place]
            resistance += (1 - share) * r
    under = volts * volts - 4 * resistance * power_w
    if volts <= 0.0 or under < 0.0:
        return -1.0
    # 2P/(E + sqrt) is (E - sqrt)/2R without the cancellation.
    return float(2 * power_w / (volts + math.sqrt(under)))


def _charge_after(pack: Pack, state: Floats, amps: float, seconds: float) -> tuple[float, float]:
    """Return the charge left and KiBaM's bound charge after a segment, over capacity."""
    taken = _drain(pack, amps) * seconds / pack.capacity_c
    if pack.kind != KIBAM:
        return state[SOC] - taken, 0.0
    # With d the difference of the wells' levels: dd/dt = i/c - k'·d, in closed form.
    level = state[BOUND] / (1 - pack.kibam_c) - (state[SOC] - state[BOUND]) / pack.kibam_c
    rate = amps / pack.capacity_c / pack.kibam_c
    gone = math.exp(-pack.kibam_k * seconds)
    later = level * gone + rate / pack.kibam_k * -math.expm1(-pack.kibam_k * seconds)
    left = state[SOC] - taken
    return left, (1 - pack.kibam_c) * (left + pack.kibam_c * later)


def _end_of(
    pack: Pack, state: Floats, power_w: float, amps: float, seconds: float, ohm: float
) -> int:
    """Return what a segment would end with; ``amps`` is below 0 where it cannot give the power.

    A cell that rests ends nothing.
    """
    if power_w <= 0.0:
        return OK
    emf = ocv(pack, at_hand(pack, state))[0] - state[V1] - state[V2]
    first = _at_terminals(emf, power_w, ohm)
    if amps < 0.0 or first < 0.0 or emf - first * ohm < pack.brownout_v:
        return BROWN_OUT
    left, bound = _charge_after(pack, state, amps, seconds)
    hand = (left - bound) / pack.kibam_c if pack.kind == KIBAM else left
    if hand < pack.ocv_soc[0]:
        return EMPTY
    emf = ocv(pack, hand)[0]
    for r, tau, place in ((pack.r1_ohm, pack.tau1_s, V1), (pack.r2_ohm, pack.tau2_s, V2)):
        if r > 0.0:
            gone = math.exp(-seconds / tau)
            emf -= state[place] * gone + r * amps * (1 - gone)
    last = _at_terminals(emf, power_w, ohm)
    if last < 0.0:
        return BROWN_OUT
    return EMPTY if emf - last * ohm <= pack.cutoff_v else OK


def _at_terminals(emf: float, power_w: float, ohm: float) -> float:
    """Return the current of this moment that gives the power, or -1."""
    under = emf * emf - 4 * ohm * power_w
    if emf <= 0.0 or under < 0.0:
        return -1.0
    return 2 * power_w / (emf + math.sqrt(under))


def terminal_v(pack: Pack, state: Floats, amps: float, ohm: float) -> float:
    """Return the terminal voltage of this moment at a current."""
    return float(ocv(pack, at_hand(pack, state))[0] - state[V1] - state[V2] - amps * ohm)


def _close_in(
    pack: Pack,
    state: Floats,
    book: Floats,
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
        amps = _current(pack, state, power_w, middle, ohm)
        found = _end_of(pack, state, power_w, amps, middle, ohm)
        if found == OK:
            low = middle
        else:
            high, end = middle, found
    if low > 0.0:
        amps = _current(pack, state, power_w, low, ohm)
        _advance(pack, state, book, power_w, amps, low, ohm)
    return end


def _advance(
    pack: Pack,
    state: Floats,
    book: Floats,
    power_w: float,
    amps: float,
    seconds: float,
    ohm: float,
) -> None:
    """Let a segment pass and book its energy."""
    volts, slope, _ = ocv(pack, at_hand(pack, state))
    left, bound = _charge_after(pack, state, amps, seconds)
    # The mean over the segment as _current took it, so that the book closes exactly.
    mean_v = volts - slope * amps * seconds / (2 * pack.capacity_c * _weight(pack))
    through = mean_v * amps * seconds
    wasted = mean_v * (_drain(pack, amps) - amps) * seconds
    book[CHEMICAL_J] += through + wasted
    book[DELIVERED_J] += power_w * seconds
    book[OHMIC_J] += amps * amps * ohm * seconds
    book[RC_J] += wasted
    for r, tau, place in ((pack.r1_ohm, pack.tau1_s, V1), (pack.r2_ohm, pack.tau2_s, V2)):
        if r > 0.0:
            _relax(state, book, r, tau, place, amps, seconds)
    state[SOC], state[BOUND] = left, bound
    state[CURRENT_A] = amps
    state[VOLTAGE_V] = terminal_v(pack, state, amps, ohm)
    state[USED_S] += seconds


def _relax(
    state: Floats, book: Floats, r: float, tau_s: float, place: int, amps: float, seconds: float
) -> None:
    """Let an RC pair follow the current; book what it lost and what it holds more."""
    before, gone = state[place], math.exp(-seconds / tau_s)
    after = before * gone + r * amps * (1 - gone)
    # The integral of V²/R over V = end + (before - end)·exp(-t/tau).
    end = r * amps
    over = before - end
    lost = end * end * seconds - 2 * end * over * tau_s * math.expm1(-seconds / tau_s)
    lost -= over * over * tau_s / 2 * math.expm1(-2 * seconds / tau_s)
    book[RC_J] += lost / r
    book[STORED_J] += tau_s / r * (after * after - before * before) / 2
    state[place] = after


HELPERS = (
    series_ohm,
    ocv,
    at_hand,
    max_power_w,
    draw,
    _segment_s,
    _weight,
    _drain,
    _mean_share,
    _current,
    _charge_after,
    _end_of,
    _at_terminals,
    terminal_v,
    _close_in,
    _advance,
    _relax,
)
