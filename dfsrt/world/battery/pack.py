"""A battery's numbers and its state: scalar functions of them, plain Python or compiled.

Three models share one book of energy. ``ECM`` is an equivalent circuit: open-circuit voltage by
state of charge, a series resistance, one or two RC pairs. ``KIBAM`` is the kinetic battery model:
charge at hand and charge bound, which flows after. ``PEUKERT`` takes more charge than flows at
high currents. The last two have the same series resistance and no RC pairs.

Source of the circuit: Plett, Battery Management Systems I, ch. 2 (Thevenin model); KiBaM: Manwell
and McGowan, Solar Energy 50 (1993); Peukert's law: Peukert 1897.
Limits: one temperature; R and C do not depend on charge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from dfsrt.base.arrays import Floats

ECM, KIBAM, PEUKERT = 0, 1, 2
GAS_CONSTANT = 8.314462618
ZERO_C_K = 273.15


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


@dataclass(slots=True)
class Cell:
    """Where a battery stands.

    ``soc`` is the charge left over capacity, with KiBaM that of both wells, ``bound`` KiBaM's
    bound charge over capacity. ``rc1_v`` and ``rc2_v`` are the voltages over the RC pairs,
    ``voltage_v`` at the terminals at the end of the last segment, ``current_a`` of that segment.
    ``used_s`` is how much of the last draw's time was used.
    """

    soc: float
    bound: float
    rc1_v: float
    rc2_v: float
    voltage_v: float
    current_a: float
    used_s: float


@dataclass(slots=True)
class CellBook:
    """Joules of a battery: what left the chemistry is the sum of all the others.

    ``chemical_j`` is the integral of the open-circuit voltage over charge, ``ohmic_j`` lost in the
    series resistance, ``rc_j`` in the RC pairs or, with Peukert, with the charge that never
    flowed; ``stored_j`` is held in the RC pairs' capacitances, or given back.
    """

    chemical_j: float = 0.0
    delivered_j: float = 0.0
    ohmic_j: float = 0.0
    rc_j: float = 0.0
    stored_j: float = 0.0


def rested_cell(pack: Pack, soc: float) -> Cell:
    """Return the state of a rested battery at a share of its charge."""
    bound = soc * (1 - pack.kibam_c) if pack.kind == KIBAM else 0.0
    return Cell(soc, bound, 0.0, 0.0, float(ocv(pack, soc)[0]), 0.0, 0.0)


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


def at_hand(pack: Pack, cell: Cell) -> float:
    """Return the charge that the voltage follows: all of it, or KiBaM's well at hand, filled."""
    if pack.kind == KIBAM:
        return float((cell.soc - cell.bound) / pack.kibam_c)
    return float(cell.soc)


def emf_v(pack: Pack, cell: Cell) -> float:
    """Return the voltage behind the series resistance at this moment."""
    return float(ocv(pack, at_hand(pack, cell))[0] - cell.rc1_v - cell.rc2_v)


def max_power_w(pack: Pack, cell: Cell, temp_c: float) -> float:
    """Return the most that the battery can give at this moment, not falling under brown-out."""
    emf, ohm = emf_v(pack, cell), series_ohm(pack, temp_c)
    volts = max(pack.brownout_v, emf / 2)  # at half the voltage the power peaks
    return float(max(volts * (emf - volts) / ohm, 0.0))
