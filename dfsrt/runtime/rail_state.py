"""The rail as it moves: one transition at a time, by rule 3."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from dfsrt.device import rules
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
        self.rail = rail
        self.move = RailMove(0, 0, 0, 0, start_uv, start_uv)
        self.moves: list[RailMove] = []

    def is_settled(self, now_ns: int) -> bool:
        """Whether the last move is over."""
        return now_ns >= self.move.settled_ns

    def guaranteed_uv(self, now_ns: int) -> int:
        """Return the voltage the rail keeps from now until it has settled (rule 1)."""
        if self.is_settled(now_ns):
            return self.move.to_uv
        return rules.guaranteed_uv(self.move.from_uv, self.move.to_uv)

    def command(self, now_ns: int, to_uv: int) -> None:
        """Start a move to ``to_uv``; the rail must have settled."""
        ramp_start = now_ns + self.rail.command_ns
        ramp = int(rules.ramp_ns(self.move.to_uv, to_uv, self.rail.slew_uv_per_us))
        settled = ramp_start + ramp + self.rail.settle_ns
        self.move = RailMove(now_ns, ramp_start, ramp_start + ramp, settled, self.move.to_uv, to_uv)
        self.moves.append(self.move)
