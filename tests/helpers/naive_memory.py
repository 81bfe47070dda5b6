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
    """A walk of frames; ``core[m][layer]`` and ``asks[m][layer]`` are the wishes while at ``m``.

    With ``poll`` a monitor is read so often, and ``choose(bytes)`` says which point to ask for. It
    leaves layer runs and idle time, changes, and how many nobody saw.
    """

    duration: list
    stall: list
    core: list
    asks: list | None
    delay: int
    moved: list
    home: int
    poll: int | None = None
    choose: object = None
    wants: list | None = None
    rows: list = field(default_factory=list)
    changes: int = 0
    unseen: int = 0

    def __post_init__(self):
        self.n_core = len(self.duration[0]) // len(self.core)
        self.point = self.to = self.target = self.home
        self.level = self.home * self.n_core + self.core[self.home][0]
        self.at = NEVER
        self.total = self.counted = 0
        self.next_poll = self.poll or NEVER

    def frames(self, frames, period=None):
        """Walk so many frames, back to back or every so often."""
        now = 0
        for frame in range(frames):
            now = self.idle(now, frame * period if period else now)
            for layer in range(len(self.duration)):
                now = self.layer(now, layer)
        if period:
            self.idle(now, frames * period)
        return self

    def ask(self, point, now):
        if point != self.to and self.at == NEVER:
            self.to, self.at = point, now + self.delay

    def take_effect(self):
        self.point, self.at = self.to, NEVER
        self.changes += 1

    def read(self, total):
        self.target = self.choose(total - self.counted)
        self.counted = total
        self.ask(self.target, self.next_poll)
        self.next_poll += self.poll

    def layer(self, now, layer):
        # A change waits for the layer that it was planned for.
        waits = self.wants and self.delay and self.wants[layer] != self.asks[self.point][layer - 1]
        if self.at <= now and not waits:
            self.take_effect()
        due = self.at
        self.ask(self.target if self.poll else self.asks[self.point][layer], now)
        if self.at <= now and self.at != due:
            self.take_effect()
        new = self.point * self.n_core + self.core[self.point][layer]
        start = now + self.stall[self.level][new]
        end = start + self.duration[layer][new]
        self.rows.append((layer, start, end, start - now, new))
        self.total += self.moved[layer]
        while self.next_poll <= end:
            self.read(self.total - self.moved[layer] * (end - self.next_poll) // (end - now))
        self.level = new
        return end

    def idle(self, now, end):
        while now < end:
            until = min(end, self.next_poll, self.at)
            if until > now:
                self.rows.append((-1, now, until, 0, self.level))
            now = max(now, until)
            if self.next_poll == now:
                self.read(self.total)
            elif now < end:
                self.take_effect()
                self.unseen += 1
                self.level = self.point * self.n_core + self.level % self.n_core
        return max(now, end)


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
