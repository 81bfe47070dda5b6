"""The rail as it moves: one transition at a time, by rule 3."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from dfsrt.device import boundary, rules
from dfsrt.device.rail import Rail


@dataclass(frozen=True, slots=True)
class RailMove:
    """One voltage transition: from command to settled, in ns and µV."""

    command_ns: int
    ramp_start_ns: int
    ramp_end_ns: int
    settled_ns: int
    from_uv: int
    to_uv: int

    def volts_at(self, now_ns: int) -> float:
        """Return the rail's voltage at ``now_ns``, linear during the ramp."""
        if now_ns <= self.ramp_start_ns:
            return self.from_uv * 1e-6
        if now_ns >= self.ramp_end_ns:
            return self.to_uv * 1e-6
        share = (now_ns - self.ramp_start_ns) / (self.ramp_end_ns - self.ramp_start_ns)
        return (self.from_uv + share * (self.to_uv - self.from_uv)) * 1e-6

    def mean_of_power(self, exponent: float, start_ns: int, end_ns: int) -> float:
        """Return the time average of V^exponent from ``start_ns`` to ``end_ns``, exactly."""
        if end_ns == start_ns:
            return float(self.volts_at(start_ns) ** exponent)
        corners = [start_ns, *self._corners_between(start_ns, end_ns), end_ns]
        total = 0.0
        for left, right in pairwise(corners):
            mean = rules.mean_power_of_voltage(exponent, self.volts_at(left), self.volts_at(right))
            total += mean * (right - left)
        return total / (end_ns - start_ns)

    def _corners_between(self, start_ns: int, end_ns: int) -> list[int]:
        corners = (self.ramp_start_ns, self.ramp_end_ns)
        return [c for c in corners if start_ns < c < end_ns]


class RailState:
    """A rail that holds a voltage or makes one move.

    A regulator takes a command only when the move before has settled, as Linux's
    ``regulator_set_voltage`` waits out its ramp delay.
    """

    def __init__(self, rail: Rail, start_uv: int) -> None:
        self.times = boundary.rail_times(rail)
        self.move = RailMove(0, 0, 0, 0, start_uv, start_uv)
        self.moves: list[RailMove] = []

    def guaranteed_uv(self, now_ns: int) -> int:
        """Return the voltage the rail keeps from now until it has settled (rule 1)."""
        move = self.move
        return boundary.guaranteed_at(now_ns, move.from_uv, move.to_uv, move.settled_ns)

    def command(self, now_ns: int, to_uv: int) -> None:
        """Start a move to ``to_uv``; the rail must have settled."""
        from_uv = self.move.to_uv
        times = boundary.move_ns(now_ns, from_uv, to_uv, self.times)
        self.move = RailMove(now_ns, *times, from_uv, to_uv)
        self.moves.append(self.move)
