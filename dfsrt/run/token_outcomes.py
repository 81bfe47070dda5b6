"""Token outcomes: when language models' requests had their first token, and how fast the others."""

from __future__ import annotations

from dfsrt.run.ended import Ended
from dfsrt.run.latencies import Latencies


class TokenOutcomes:
    """Sums over requests of language models that have finished.

    They have read ``prompt`` tokens and ``written`` some. ``first`` is the time from arrival to the
    first, ``each`` a request's mean time from one to the next, where it wrote several;
    ``longest_ns`` the longest time between two.
    """

    def __init__(self) -> None:
        self.prompt = self.written = self.longest_ns = 0
        self.first, self.each = Latencies(), Latencies()

    def add(self, done: Ended, times: int = 1) -> None:
        """Take in requests that have finished; each stands for ``times`` like it."""
        if not done.tokens.any():
            return
        own = done.where(done.tokens > 0)
        self.prompt += int(own.prompt.sum()) * times
        self.written += int(own.tokens.sum()) * times
        self.longest_ns = max(self.longest_ns, int(own.gap_ns.max()))
        self.first.add(own.first_ns - own.arrival_ns, times)
        more = own.where(own.tokens > 1)
        self.each.add((more.finish_ns - more.first_ns) // (more.tokens - 1), times)
