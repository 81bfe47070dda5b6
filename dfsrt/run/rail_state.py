"""The rail as it moves: one transition at a time, by rule 3."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.device import boundary, ramp
from dfsrt.device.rail import Rail

MOVE_COLUMNS = ("command_ns", "ramp_start_ns", "ramp_end_ns", "settled_ns", "from_uv", "to_uv")
"""What is written down of a move."""


@dataclass(frozen=True, slots=True)
class RailMove:
    """One voltage transition: from command to settled, in ns and µV; ``MOVE_COLUMNS``."""

    command_ns: int
    ramp_start_ns: int
    ramp_end_ns: int
    settled_ns: int
    from_uv: int
    to_uv: int

    def volts_at(self, now_ns: int) -> float:
        """Return the rail's voltage at ``now_ns``, linear during the ramp."""
        return ramp.volts_at(now_ns, self.ramp_start_ns, self.ramp_end_ns, self.from_uv, self.to_uv)


class RailState:
    """A rail that holds a voltage or makes one move.

    A regulator takes a command only when the move before has settled, as Linux's
    ``regulator_set_voltage`` waits out its ramp delay.
    """

    def __init__(self, rail: Rail, start_uv: int) -> None:
        self.times = boundary.rail_times(rail)
        self.move = RailMove(0, 0, 0, 0, start_uv, start_uv)

    def guaranteed_uv(self, now_ns: int) -> int:
        """Return the voltage the rail keeps from now until it has settled (rule 1)."""
        move = self.move
        return boundary.guaranteed_at(now_ns, move.from_uv, move.to_uv, move.settled_ns)

    def command(self, now_ns: int, to_uv: int) -> tuple[int, ...]:
        """Start a move to ``to_uv`` and return its ``MOVE_COLUMNS``; the rail must have settled."""
        from_uv = self.move.to_uv
        times = boundary.move_ns(now_ns, from_uv, to_uv, self.times)
        self.move = RailMove(now_ns, *times, from_uv, to_uv)
        return (now_ns, *times, from_uv, to_uv)
