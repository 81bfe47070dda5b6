"""What happens first when several things happen in the same nanosecond (rule 8)."""

from __future__ import annotations

from enum import IntEnum

import simpy


class Order(IntEnum):
    """Same-nanosecond order, first to last. SimPy's own bookkeeping (0 and 1) comes before."""

    # A new limit holds from its own nanosecond on, so the layer that starts then sees it.
    CAP_CHANGE = 10
    # Telemetry closes its period before the layer that starts now is counted.
    TELEMETRY = 20
    # The NPU decides last, with everything of this nanosecond known. A layer that ends now was
    # booked with the clock, rail and cap it ran under.
    LAYER_BOUNDARY = 40


class Timeline(simpy.Environment):
    """SimPy's environment with whole nanoseconds for a clock."""

    @property
    def now_ns(self) -> int:
        """Simulated time; whole, because every delay is."""
        return self._now  # type: ignore[return-value]


class Moment(simpy.Event):
    """A timeout with a place in the same-nanosecond order."""

    def __init__(self, env: Timeline, delay_ns: int, order: Order) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        env.schedule(self, order, delay_ns)  # type: ignore[arg-type]
