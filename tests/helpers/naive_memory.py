"""A plain walk of frames while the memory's clock changes; it shares no function with the runtime.

Of one nanosecond the monitor is read first, then a layer begins, and only where none does a change
takes effect unseen.
"""

from __future__ import annotations

from dataclasses import dataclass, field

NEVER = 10**30


def naive_asks(memory, spent_ns, delay_ns, period_ns):
    """Which point each layer asks for: frame after frame, at the last boundary early enough."""
    n, frame_ns = len(memory), max(sum(spent_ns), period_ns or 0)
    times = [k // n * frame_ns + sum(spent_ns[: k % n]) for k in range(7 * n)]
    said = {}
    for k in range(n, 7 * n):
        if memory[k % n] != memory[(k - 1) % n]:
            early = [b for b in range(k - n, k + 1) if times[b] <= times[k] - delay_ns]
            said[max(early, default=k - n)] = memory[k % n]
    if not said:
        return list(memory)
    return [said[max(b for b in said if b <= k)] for k in range(3 * n, 4 * n)]


@dataclass
class Walk:
    """What a walk leaves: layer runs and idle time, changes, and how many nobody saw."""

    rows: list = field(default_factory=list)
    changes: int = 0
    unseen: int = 0
    late: int = 0


@dataclass
class Memory:
    """Where the memory stands."""

    point: int
    to: int
    at: int = NEVER


def naive_walk(
    duration, stall, core, asks, n_core, delay, frames, period=None, *, home=0, poll=None,
    choose=None, moved=None, deadline=NEVER,
):  # fmt: skip
    """Walk frames; ``core[m][layer]`` and ``asks[m][layer]`` are the wishes while at point ``m``.

    With ``poll`` a monitor is read so often, and ``choose(bytes)`` says which point to ask for.
    """
    walk, memory = Walk(), Memory(home, home)
    now, level, total, counted, k = 0, home * n_core + core[home][0], 0, 0, 1
    target = home

    def read(at, sum_now):
        nonlocal target, counted
        target = choose(sum_now - counted)
        counted = sum_now
        if target != memory.to and memory.at == NEVER:
            memory.to, memory.at = target, at + delay

    def effect():
        memory.point, memory.at = memory.to, NEVER
        walk.changes += 1

    def idle(begin, end):
        nonlocal k, level
        at = begin
        while True:
            next_ns = min(end, k * poll if poll else NEVER, memory.at)
            if next_ns > at:
                walk.rows.append((-1, at, next_ns, 0, level))
            at = max(at, next_ns)
            if poll and k * poll == at:
                read(at, total)
                k += 1
                continue
            if at == end:
                return
            effect()
            walk.unseen += 1
            level = memory.point * n_core + level % n_core

    for frame in range(frames):
        arrival = frame * period if period else now
        if now < arrival:
            idle(now, arrival)
            now = arrival
        for layer in range(len(duration)):
            if memory.at <= now:
                effect()
            wish = target if poll else asks[memory.point][layer]
            if wish != memory.to and memory.at == NEVER:
                memory.to, memory.at = wish, now + delay
                if delay == 0:
                    effect()
            new = memory.point * n_core + core[memory.point][layer]
            start = now + stall[level][new]
            end = start + duration[layer][new]
            walk.rows.append((layer, start, end, start - now, new))
            total += moved[layer] if moved else 0
            while poll and k * poll <= end:
                ahead = moved[layer] * (end - k * poll) // (end - now)
                read(k * poll, total - ahead)
                k += 1
            now, level = end, new
        walk.late += now > arrival + deadline
    if period and now < frames * period:
        idle(now, frames * period)
    return walk


def joined(rows):
    """Rows with idle time that goes on at the same level in one piece."""
    whole = []
    for layer, start, end, stall, level in rows:
        last = whole[-1] if whole else None
        if last and layer == -1 and last[0] == -1 and last[4] == level and last[2] == start:
            whole[-1] = (-1, last[1], end, 0, level)
        else:
            whole.append((layer, start, end, stall, level))
    return whole
