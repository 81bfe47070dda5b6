"""An NPU that sleeps, as a plain walk over its gaps; shares nothing with the product.

Requests come at given times, one after the other, each takes ``work_ns``, and nothing else moves.
Who chooses is a function of the stretch's number, the state (-1 up) and the idle time so far.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    entry_ns: int
    exit_ns: int
    entry_j: float
    exit_j: float
    rest_w: float  # at the wall of the NPU's regulator


@dataclass
class Day:
    """What was done: pieces ``(what, begin, end)``, joules of the rail while idle, and counts."""

    pieces: list
    idle_j: float = 0.0
    entries: int = 0
    waited_ns: int = 0

    def add(self, what, begin, end, joules=0.0):
        if end > begin:
            self.pieces.append((what, begin, end))
            self.idle_j += joules


def naive_day(arrivals, work_ns, states, standing_w, choose, until_ns):
    """Walk through all gaps and busy times; the last gap ends at ``until_ns``."""
    day, now, place = Day([]), 0, 0
    for stretch in range(len(arrivals) + 1):
        while place < len(arrivals) and arrivals[place] <= now:
            day.add("work", now, now + work_ns)
            now, place = now + work_ns, place + 1
        last = place == len(arrivals)
        if last and now >= until_ns:
            break
        come = until_ns if last else arrivals[place]

        def chosen(state, idle_ns, stretch=stretch):
            return choose(stretch, state, idle_ns)

        now = gap(day, now, come, last, states, standing_w, chosen)
        if last:
            break
    return day


def gap(day, begin, come, last, states, standing_w, choose):
    """Spend the time from ``begin`` until a request that comes at ``come`` can run."""
    now, state = begin, -1
    while True:
        deeper, after = choose(state, now - begin)
        enter = max(begin + after, now)
        if deeper <= state or enter >= come:
            break
        rest(day, state, now, enter, states, standing_w)
        down, joules = states[deeper].entry_ns, states[deeper].entry_j
        if state >= 0:
            joules = max(joules - states[state].entry_j, 0.0)
            down = max(down - states[state].entry_ns, 1 if joules > 0 else 0)
        now, day.entries = enter + down, day.entries + 1
        cut = min(now, come) if last else now
        day.add(f"enter {deeper}", enter, cut, joules * (cut - enter) / down if down else 0.0)
        state = deeper
        if last and now >= come:
            return come
        if now >= come:
            break
    if now < come:
        rest(day, state, now, come, states, standing_w)
        now = come
    if last or state < 0:
        return now
    up = now + states[state].exit_ns
    day.add(f"leave {state}", now, up, states[state].exit_j)
    day.waited_ns += up - come
    return up


def rest(day, state, begin, end, states, standing_w):
    watts = standing_w if state < 0 else states[state].rest_w
    day.add("up" if state < 0 else f"in {state}", begin, end, watts * (end - begin) * 1e-9)
