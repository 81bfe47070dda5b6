"""How many clocks a run of addresses takes in one channel, in the long run."""

from __future__ import annotations

import math

from dfsrt.cost.dram.walk import Walk
from dfsrt.device.dram import Dram, Timing

QUEUE = 32
"""Requests that a controller looks at, and from which it takes what is ready first."""
GATHERED = QUEUE // 2
"""Bursts of one direction that it gathers at least before it turns the bus."""


def run_clocks(dram: Dram, walk: Walk, same_bank: float, reads: float) -> float:
    """Return the clocks of a run that is followed by more such runs, of which ``reads`` are read.

    In a share ``same_bank`` of the cases the next run begins in the bank that this one ends in,
    else in the next one.

    Source: the bounds of bus, activates and bank cycle, one of which holds; refresh on top. Turning
    the bus: ``turn_clocks``. Within 3 % of a cycle simulator for reads and for writes where bank
    groups don't bind; for both in turns within 20 % (decision 0056).
    Limits: within 15 % where they bind, 17 % at the worst: how far two groups overlap is the
    queue's. No penalty of changing ranks; refreshes are of all banks.
    """
    t, steps = dram.timing, walk.visits / walk.side_by_side
    same = walk.again * (steps - 1) + same_bank
    follows = same < steps
    burst = _burst_clocks(dram, walk, follows, reads) + _turning(t, walk.bursts, reads)
    bus = walk.bursts * burst / steps
    activates = walk.side_by_side * max(_rrd(t, walk, follows), t.tfaw / 4)
    cycle = bank_cycle(t, walk.bursts / walk.visits, reads)
    fastest = max(bus, activates)
    in_turns = max(fastest, walk.side_by_side * cycle / walk.banks)
    clocks = same * max(fastest, cycle) + (steps - same) * in_turns
    return clocks / (1 - t.refreshing)


def bank_cycle(t: Timing, bursts: float, reads: float) -> float:
    """Return the clocks from an activate to the next one of a bank, ``bursts`` in between."""
    first = t.trcd + (bursts - 1) * t.tccd_l
    read = max(t.trc, first + t.trtp + t.trp)
    write = max(t.trc, first + t.cwl + t.tccd_s + t.twr + t.trp)
    return reads * read + (1 - reads) * write


def turn_clocks(t: Timing) -> float:
    """Return what the bus loses for each turn from reads to writes and back.

    Source: read latency and write-to-read time are the standards' (the write latency cancels); a
    burst and a clock more fit two simulated copies of 16 reads, 16 writes (82 % and 78 % of peak),
    whose rows lie in the same banks.
    Limits: where reads and writes never meet in a bank, a simulator gets up to 12 % more.
    """
    return t.cl + t.twtr_l + t.tccd_s + 1


def turns(bursts: float, run_bursts: float) -> float:
    """Return how often the bus turns for ``bursts`` of the rarer direction, in such runs."""
    return bursts / max(run_bursts, GATHERED)


def _turning(t: Timing, run_bursts: float, reads: float) -> float:
    """Clocks a burst that turning the bus costs."""
    return turns(min(reads, 1 - reads), run_bursts) * turn_clocks(t)


def _burst_clocks(dram: Dram, walk: Walk, follows: bool, reads: float) -> float:
    """Mean clocks from a burst to the next: bursts of two bank groups overlap while both wait."""
    t, stretch = dram.timing, walk.stretch
    if t.tccd_l == t.tccd_s or math.isinf(stretch) or not follows:
        return t.tccd_l
    alike = 1.0 if stretch < walk.bursts else abs(2 * reads - 1)
    after_next = _overlap(t, walk, walk.bursts) if dram.organisation.bank_groups > 2 else 0.0
    overlap = alike * _overlap(t, walk, 0.0) + (1 - alike) * after_next
    paired = max(2 * t.tccd_s, t.tccd_l) / 2
    return ((stretch - 2 * overlap) * t.tccd_l + 2 * overlap * paired) / stretch


def _overlap(t: Timing, walk: Walk, between: float) -> float:
    """Bursts that go side by side with those of another group, ``between`` which others wait.

    The queue sees the other group's bursts when so many of this one's are left as it has room for;
    their row has to be opened first. Runs that read never overlap with runs that write: then it is
    the run after the next one, in another group where there are more than two.
    """
    opening = 0.0 if walk.in_row else t.trcd
    return min(max(QUEUE - between - opening / t.tccd_l, 0.0), walk.stretch / 2)


def _rrd(t: Timing, walk: Walk, follows: bool) -> float:
    return t.trrd_s if follows and not math.isinf(walk.stretch) else t.trrd_l
