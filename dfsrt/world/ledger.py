"""What the world reads of the NPU's meter, and what it lets the meter know."""

from __future__ import annotations

from typing import Protocol

from dfsrt.base.arrays import Floats


class Reading(Protocol):
    """What a meter has seen besides joules; ``busy_ns`` is time in layers since the start.

    ``peak_w`` is the most that one layer run drew in all domains since the world looked last.
    The world sets ``heat``, leakage over that at the reference temperature, and the limits of the
    moment: ``cap_w`` in the cap's domain, ``npu_limit_w`` in watts of the NPU's own.
    """

    busy_ns: int
    peak_w: float
    heat: float
    cap_w: float
    npu_limit_w: float


class Ledger(Protocol):
    """The NPU's meter: its ``Reading`` of now, and joules by component."""

    @property
    def now(self) -> Reading:
        """What it has seen so far."""
        ...

    @property
    def tick_j(self) -> Floats:
        """Joules since the world's books were closed last, ``(n_components,)``; it clears them."""
        ...
