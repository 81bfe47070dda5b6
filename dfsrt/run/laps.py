"""Laps: finds out when a run repeats, and then multiplies instead of walking."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.base.arrays import Ints
from dfsrt.run.ended import Ended, Repeated, joined_requests
from dfsrt.run.lap import Shift, laps_begun, move_on, position, signature
from dfsrt.run.machine import Machine, Out
from dfsrt.run.queue_state import Queue
from dfsrt.run.stream import NEVER_NS
from dfsrt.run.tally import Tally, add_again, tally

MOST_WATCHED = 512
"""Laps that are looked at from one control event to the next: more pay only for very long runs."""
MOST_SEEN = 2**17
"""Requests that all of these looks together may meet: in a queue that grows, no lap repeats."""
WORTH_IT = 4
"""Laps that are left from which on it pays to look."""


@dataclass(slots=True)
class _Beginning:
    """A lap's beginning that later ones are held against."""

    at: Shift
    signature: tuple[int, ...]
    tally: Tally
    ended: list[Ended]


class Laps:
    """Watches a run lap by lap, until one begins as an earlier one did.

    After Brent: the beginning that is held is renewed at every power of two, so that a cycle of any
    length is found, however late it begins, and one state is kept. What has repeated once does so
    until the next control event, so the laps up to there need not be walked.
    """

    def __init__(self, queue: Queue) -> None:
        self._per_lap, self._closed = len(queue.stream), bool(queue.state.closed)
        self._held: _Beginning | None = None
        self._watched = self._seen = 0
        self.forget(queue)

    def forget(self, queue: Queue) -> None:
        """Begin anew: something has changed what the run does."""
        self._held, self._watched, self._seen = None, 0, 0
        self._stop_after(queue, laps_begun(queue))

    def _stop_after(self, queue: Queue, lap: int) -> None:
        left = int(queue.state.copies) - lap
        watching = left > WORTH_IT and self._watched < MOST_WATCHED and self._seen < MOST_SEEN
        after = (lap + 1) * (self._per_lap if self._closed else 1)
        self.next = after if watching else NEVER_NS

    def left(self, ended: Ended) -> None:
        """Take note of requests that have left."""
        if self._held is not None and len(ended):
            self._held.ended.append(ended)

    def begin(
        self, m: Machine, q: Queue, out: Out, until_ns: int, last: int, memory: Ints
    ) -> Repeated | None:
        """Look at a lap's beginning; where it repeats an earlier one, multiply what lies between.

        The run has then got close to ``until_ns``, to the request with number ``last``, or to its
        end, whichever comes first. ``memory`` ``(n,)`` is an idle governor's. Returns the requests
        of which more have left.
        """
        at = position(m, q)
        self._seen += int(q.state.n_waiting + q.state.n_ready + q.state.n_asleep)
        now, held = signature(m, q, at, memory), self._held
        if held is not None and held.signature == now:
            return self._multiply(held, m, q, out, at, until_ns, last)
        if self._watched & (self._watched - 1) == 0:  # the first, and at every power of two
            self._held = _Beginning(at, now, tally(m, q, out), [])
        self._watched += 1
        self._stop_after(q, at.laps)
        return None

    def _multiply(
        self, held: _Beginning, m: Machine, q: Queue, out: Out, at: Shift, until_ns: int, last: int
    ) -> Repeated | None:
        once = at.since(held.at)
        times = _times(q, at, once, int(m.now_ns), until_ns, last, held.tally.done)
        self._held, self.next = None, NEVER_NS
        if times <= 0:
            return None
        add_again(m, q, out, held.tally, times)
        move_on(m, q, once.times(times))
        return Repeated(joined_requests(held.ended), times)


def _times(
    q: Queue, at: Shift, once: Shift, now_ns: int, until_ns: int, last: int, done_before: int
) -> int:
    """Return how many more cycles surely fit; what is left over is walked."""
    s = q.state
    bounds = [
        (int(s.copies) - at.laps - 2) // once.laps - 1,
        (until_ns - now_ns) // max(once.time_ns, 1) - 1,
        (last - at.requests) // once.requests - 2,
    ]
    done = int(s.done) - done_before
    if done > 0:
        bounds.append((int(s.stop_done) - int(s.done)) // done - 1)
    return min(bounds)
