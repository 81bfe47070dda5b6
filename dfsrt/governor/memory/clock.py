"""A fixed clock of the memory, like ``1560MHz``."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.base.errors import InputError
from dfsrt.governor.memory.governor import BaseMemoryGovernor, BusView


def mhz_text(freq_hz: int) -> str:
    """Return a clock as it is typed."""
    return f"{freq_hz / 1e6:.12g}MHz"


def point_at(view: BusView, freq_hz: int) -> int:
    """Return the memory point of exactly this clock.

    Raises:
        InputError: the device has no such point.
    """
    if freq_hz not in view.freqs_hz:
        clocks = ", ".join(mhz_text(f) for f in view.freqs_hz)
        raise InputError(
            f"memory clock {mhz_text(freq_hz)} is none of device '{view.device}'; "
            f"use one of {clocks}"
        )
    return view.freqs_hz.index(freq_hz)


@dataclass(frozen=True, slots=True)
class FixedClock(BaseMemoryGovernor):
    """One clock of the memory, always: as a board's owner writes it to sysfs."""

    freq_hz: int

    @property
    def label(self) -> str:
        """The clock, as it is typed."""
        return mhz_text(self.freq_hz)

    def choose(self, view: BusView) -> int:
        """Return the point of this clock."""
        return point_at(view, self.freq_hz)
