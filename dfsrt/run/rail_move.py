"""A move of the rail, as a run's log has it."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.device import ramp


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
