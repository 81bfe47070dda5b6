"""Operating points: pairs of a clock and the voltage it needs."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

from dfsrt.base.errors import DeviceError

MAX_HZ = 10**12
MAX_UV = 10**7


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A clock frequency and the lowest rail voltage at which it may run.

    ``pll_group`` names the PLL setting the clock is divided from: a move inside a group is a
    divider change, a move across groups relocks. ``turbo`` marks points above
    what the chip sustains, as a device tree says; nothing treats them apart yet.
    """

    freq_hz: int
    rail_uv: int
    pll_group: int = 0
    turbo: bool = False


@dataclass(frozen=True, slots=True)
class OppTable:
    """Operating points in ascending frequency; level 0 is the slowest.

    Raises:
        DeviceError: no points, a repeated clock, one out of range, or a voltage that falls as
            the clock rises.
    """

    points: tuple[OperatingPoint, ...]

    def __post_init__(self) -> None:
        if not self.points:
            raise DeviceError("the operating-point table is empty; give at least one point")
        for point in self.points:
            _check_range(point)
        for low, high in zip(self.points, self.points[1:], strict=False):
            _check_neighbours(low, high)

    def __len__(self) -> int:
        return len(self.points)

    @property
    def freqs_hz(self) -> tuple[int, ...]:
        """Clock of each level, ascending."""
        return tuple(p.freq_hz for p in self.points)

    @property
    def rails_uv(self) -> tuple[int, ...]:
        """Voltage that each level needs, never falling."""
        return tuple(p.rail_uv for p in self.points)

    @property
    def set_points_uv(self) -> tuple[int, ...]:
        """The distinct voltages of the table, ascending: where a rail may be set."""
        return tuple(sorted(set(self.rails_uv)))

    def level_at_least(self, freq_hz: float) -> int:
        """Return the slowest level with a clock of ``freq_hz`` or more, else the top one."""
        return level_at_least(self.freqs_hz, freq_hz)

    def level_at_most(self, freq_hz: float) -> int:
        """Return the fastest level with a clock of ``freq_hz`` or less, else level 0."""
        return level_at_most(self.freqs_hz, freq_hz)


def _check_range(point: OperatingPoint) -> None:
    if not 0 < point.freq_hz <= MAX_HZ or not 0 < point.rail_uv <= MAX_UV:
        raise DeviceError(
            f"operating point {point.freq_hz} Hz at {point.rail_uv} uV is out of range; "
            "allowed is 1 Hz to 1 THz and 1 uV to 10 V"
        )


def _check_neighbours(low: OperatingPoint, high: OperatingPoint) -> None:
    if high.freq_hz <= low.freq_hz:
        raise DeviceError(
            f"operating point {high.freq_hz} Hz follows {low.freq_hz} Hz; "
            "list each clock once, slowest first"
        )
    if high.rail_uv < low.rail_uv:
        raise DeviceError(
            f"operating point {high.freq_hz} Hz has {high.rail_uv} uV, below its slower "
            f"neighbour's {low.rail_uv} uV; a faster clock needs the same voltage or more"
        )


def level_at_least(freqs_hz: Sequence[int], freq_hz: float) -> int:
    """Return the slowest level of ascending ``freqs_hz`` at ``freq_hz`` or more, else the top."""
    return min(bisect.bisect_left(freqs_hz, freq_hz), len(freqs_hz) - 1)


def level_at_most(freqs_hz: Sequence[int], freq_hz: float) -> int:
    """Return the fastest level of ascending ``freqs_hz`` at ``freq_hz`` or less, else level 0."""
    return max(bisect.bisect_right(freqs_hz, freq_hz) - 1, 0)
