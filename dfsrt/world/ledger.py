"""What the world reads of the NPU's meter, and what it lets the meter know."""

from __future__ import annotations

from typing import Protocol


class Reading(Protocol):
    """A meter's joules and seconds since the start.

    ``peak_w`` is the most that one layer run drew in all domains since the world looked last.
    The world sets ``heat``, leakage over that at the reference temperature, and the limits of the
    moment: ``cap_w`` in the cap's domain, ``npu_limit_w`` in watts of the NPU's own.
    """

    switching_j: float
    clock_j: float
    leakage_j: float
    regulator_loss_j: float
    dram_j: float
    uncore_j: float
    busy_ns: int
    peak_w: float
    heat: float
    cap_w: float
    npu_limit_w: float


class Ledger(Protocol):
    """The NPU's meter: its ``Reading`` of now."""

    @property
    def now(self) -> Reading:
        """What it has booked so far."""
        ...
