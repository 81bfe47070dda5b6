"""Stretches of idle time walked one after the other, and the least that they could take.

Nothing here but plain arithmetic: only the choices come from outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

NEVER_NS = 2**62


@dataclass(frozen=True)
class Depth:
    """A state: watts in it, nanoseconds and joules to enter and to leave it."""

    watts: float
    entry_ns: int
    exit_ns: int
    entry_j: float
    exit_j: float

    @property
    def moving_ns(self):
        return self.entry_ns + self.exit_ns

    @property
    def moving_j(self):
        return self.entry_j + self.exit_j

    def pays_ns(self, up_w):
        """The shortest gap in which it takes no more than staying up, searched for by halves."""
        low, high = self.moving_ns, 2**50
        if self.watts >= up_w:
            return NEVER_NS
        while low < high:
            middle = (low + high) // 2
            if self.in_time_j(middle) <= up_w * middle * 1e-9 * (1 + 1e-12):
                high = middle
            else:
                low = middle + 1
        return high

    def in_time_j(self, gap_ns):
        return self.moving_j + self.watts * (gap_ns - self.moving_ns) * 1e-9

    def late_j(self, gap_ns):
        return self.moving_j + self.watts * max(0, gap_ns - self.entry_ns) * 1e-9


def walk(choose, up_w, depths, gap_ns):
    """Energy of one gap, what the request waits, and the deepest state.

    ``choose(state, idle_ns)`` gives the next state, when to enter it and when to leave it.
    """
    now, joules, state, wake = 0, 0.0, -1, NEVER_NS
    deeper, enter, leave = choose(state, now)
    while True:
        if deeper > state:
            wake = leave
        else:
            wake, enter = min(wake, leave), NEVER_NS
        watts = up_w if state < 0 else depths[state].watts
        due = max(now, wake) if state >= 0 else NEVER_NS
        if state >= 0 and due <= gap_ns and due <= max(enter, now):
            joules += watts * (due - now) * 1e-9 + depths[state].exit_j
            up_from = due + depths[state].exit_ns
            joules += up_w * max(0, gap_ns - up_from) * 1e-9
            return joules, max(0, up_from - gap_ns), state
        enter = max(enter, now)
        if enter >= gap_ns:
            joules += watts * (gap_ns - now) * 1e-9
            if state < 0:
                return joules, 0, -1
            return joules + depths[state].exit_j, depths[state].exit_ns, state
        joules += watts * (enter - now) * 1e-9
        before_ns = 0 if state < 0 else depths[state].entry_ns
        before_j = 0.0 if state < 0 else depths[state].entry_j
        joules += max(0.0, depths[deeper].entry_j - before_j)
        now = enter + max(0, depths[deeper].entry_ns - before_ns)
        state = deeper
        if now > gap_ns:
            return joules + depths[state].exit_j, now + depths[state].exit_ns - gap_ns, state
        deeper, enter, leave = choose(state, now)


def least_of_one(up_w, depths, gap_ns):
    """The least that a gap takes whose end is known, with nobody delayed."""
    asleep = [d.in_time_j(gap_ns) for d in depths if gap_ns >= d.moving_ns]
    return min([up_w * gap_ns * 1e-9, *asleep])


def least_of_all(up_w, depths, gaps_ns):
    """The least that gaps take one after the other, by trying everything.

    A delay that is left at the end is worth what the cheapest state takes in it.
    """
    end_w = min([up_w, *(d.watts for d in depths)])

    @cache
    def least(number, delay_ns):
        if number == len(gaps_ns):
            return -end_w * delay_ns * 1e-9
        gap_ns = gaps_ns[number] - delay_ns
        if gap_ns <= 0:
            return least(number + 1, -gap_ns)
        ways = [up_w * gap_ns * 1e-9 + least(number + 1, 0)]
        for depth in depths:
            if gap_ns >= depth.moving_ns:
                ways.append(depth.in_time_j(gap_ns) + least(number + 1, 0))
            waits_ns = depth.exit_ns + max(0, depth.entry_ns - gap_ns)
            ways.append(depth.late_j(gap_ns) + least(number + 1, waits_ns))
        return min(ways)

    return least(0, 0)
