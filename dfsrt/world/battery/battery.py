"""A battery as its file describes it: a cell's numbers, each with its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.base.ranged import Ranged
from dfsrt.world.battery.pack import ECM, KIBAM, PEUKERT, Pack

KINDS = {"ecm": ECM, "kibam": KIBAM, "peukert": PEUKERT}


@dataclass(frozen=True, slots=True)
class RcPair:
    """A resistance in Ω with a capacitance beside it, given by their time constant in s."""

    name: str
    resistance: Ranged
    time_constant: Ranged


@dataclass(frozen=True, slots=True)
class Battery:
    """One cell and the path to its device.

    ``capacity_ah`` and ``resistance`` (Ω) are those of a new cell at ``reference_c``; the
    resistance grows towards the cold with ``activation`` (J/mol). ``ocv_soc`` and ``ocv_v`` are
    the rested voltage. The device goes down in order at ``cutoff`` (V) and fails at once below
    ``brownout``. KiBaM has ``at_hand`` and ``rate`` (1/s), Peukert's law ``exponent`` from
    ``rated_a`` on.

    Raises:
        InputError: numbers that no battery can have.
    """

    name: str
    what: str
    model: Literal["ecm", "kibam", "peukert"]
    capacity_ah: Ranged
    ocv_soc: tuple[float, ...]
    ocv_v: tuple[float, ...]
    ocv_source: str
    reference_c: float
    resistance: Ranged
    activation: Ranged
    path: Ranged
    cutoff: Ranged
    brownout: Ranged
    rc: tuple[RcPair, ...] = ()
    at_hand: Ranged | None = None
    rate: Ranged | None = None
    exponent: Ranged | None = None
    rated_a: Ranged | None = None

    def __post_init__(self) -> None:
        self._check_table()
        if not 0 < self.brownout.value <= self.cutoff.value < self.ocv_v[-1]:
            raise self._wrong(
                f"brown-out {self.brownout.value:g} V, cut-off {self.cutoff.value:g} V and a full "
                f"cell's {self.ocv_v[-1]:g} V do not ascend"
            )
        if len(self.rc) > 2:
            raise self._wrong(f"{len(self.rc)} RC pairs are more than 2")
        if self.rc and self.model != "ecm":
            raise self._wrong(f"model '{self.model}' has no RC pairs")
        if self.model == "kibam" and not (
            self.at_hand and self.rate and 0 < self.at_hand.value < 1
        ):
            raise self._wrong("KiBaM needs at_hand between 0 and 1, and a rate")
        if self.model == "peukert" and not (
            self.exponent and self.rated_a and self.exponent.value >= 1
        ):
            raise self._wrong("Peukert's law needs an exponent of 1 or more, and rated_a")

    def _check_table(self) -> None:
        if len(self.ocv_soc) < 2 or len(self.ocv_soc) != len(self.ocv_v):
            raise self._wrong("the open-circuit table needs two points or more, soc and volts")
        rises = np.all(np.diff(self.ocv_soc) > 0) and np.all(np.diff(self.ocv_v) > 0)
        if not rises or self.ocv_soc[0] != 0 or self.ocv_soc[-1] != 1:
            raise self._wrong("the open-circuit table does not rise from soc 0 to 1, volts with it")

    def _wrong(self, what: str) -> InputError:
        return InputError(f"battery '{self.name}': {what}; correct the numbers")

    def pack(self, health: float = 1.0, growth: float = 1.0) -> Pack:
        """Return the battery's numbers for drawing from it.

        ``health`` is the share of its capacity that age has left, ``growth`` what its resistances
        have grown by.

        Raises:
            InputError: a health outside 5 % to 100 %, a growth under 1.
        """
        if not 0.05 <= health <= 1:
            raise InputError(f"health {health:.0%} is out of range; give 5 % to 100 %")
        if not 1 <= growth <= 20:
            raise InputError(f"resistance growth {growth:g} is out of range; give 1 to 20")
        one, two = (*self.rc, None, None)[:2]
        return Pack(
            kind=KINDS[self.model],
            capacity_c=self.capacity_ah.value * 3600 * health,
            ocv_soc=np.array(self.ocv_soc),
            ocv_v=np.array(self.ocv_v),
            r0_ohm=self.resistance.value * growth,
            r0_ref_c=self.reference_c,
            r0_ea_j=self.activation.value,
            path_ohm=self.path.value,
            r1_ohm=one.resistance.value * growth if one else 0.0,
            tau1_s=one.time_constant.value if one else 1.0,
            r2_ohm=two.resistance.value * growth if two else 0.0,
            tau2_s=two.time_constant.value if two else 1.0,
            cutoff_v=self.cutoff.value,
            brownout_v=self.brownout.value,
            kibam_c=self.at_hand.value if self.at_hand else 1.0,
            kibam_k=self.rate.value if self.rate else 1.0,
            peukert=self.exponent.value if self.exponent else 1.0,
            rated_a=self.rated_a.value if self.rated_a else 1.0,
        )

    def energy_j(self, health: float = 1.0) -> float:
        """Return the energy of a full cell: the integral of its rested voltage over charge."""
        mean_v = float(np.trapezoid(self.ocv_v, self.ocv_soc))
        return mean_v * self.capacity_ah.value * 3600 * health
