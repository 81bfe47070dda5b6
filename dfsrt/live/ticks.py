"""Ticks of a clock that does not drift: real ones, or those of a rehearsal."""

from __future__ import annotations

import time
from collections.abc import Iterator

LEAST_PERIOD_NS = 10_000_000
"""A write takes effect after 1 to 8 ms: a faster look would see its own doing."""


def real_ticks(period_ns: int, until_ns: int | None) -> Iterator[int]:
    """Yield the time since the beginning, every ``period_ns``, without end or until then.

    What was missed, as in a sleep of the machine, is left out.
    """
    begin_ns = time.monotonic_ns()
    now_ns = 0
    while until_ns is None or now_ns < until_ns:
        yield now_ns
        rest_ns = period_ns - (time.monotonic_ns() - begin_ns) % period_ns
        time.sleep(rest_ns * 1e-9)
        now_ns = time.monotonic_ns() - begin_ns


def rehearsed_ticks(period_ns: int, until_ns: int) -> Iterator[int]:
    """Yield the same times at once."""
    yield from range(0, max(until_ns, 1), period_ns)
