"""Replay: requests of several networks share the NPU, layer by layer in simulated time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dfsrt.governor.governor import Governor
from dfsrt.power.table import LayerTable
from dfsrt.run import queue
from dfsrt.run.cap import PowerCap
from dfsrt.run.queue import NEVER_NS, NOBODY, Queue, Status
from dfsrt.run.runtime import Runtime, Steps

IDLE_REQUEST = -1
"""Request number of rows in which nothing runs."""


class Replay(Runtime):
    """A ``Runtime`` whose layers come from a queue of requests; it changes ``_execute`` alone.

    ``table`` holds the layers of all networks, a section each. The run lasts to ``least_ns`` at
    least, even if nothing is left to do, and stops at the first layer boundary at or after
    ``until_ns``. The ``frame`` of a row is the request's place in the queue. The queue is used
    up: it says afterwards what became of every request.
    """

    def __init__(
        self,
        table: LayerTable,
        governor: Governor,
        cap: PowerCap,
        requests: Queue,
        least_ns: int = 0,
        until_ns: int = NEVER_NS,
        on_request: Callable[[int], None] | None = None,
    ) -> None:
        super().__init__(table, governor, cap, len(requests.status), on_frame=on_request)
        self.queue = requests
        self._least_ns, self._until_ns = min(least_ns, until_ns), until_ns
        self._told = 0

    def _execute(self) -> Steps:
        yield from self._serve()
        yield from self._finish()

    def _serve(self) -> Steps:
        """Serve requests until ``until_ns``, or until nothing is left to come."""
        q, env = self.queue, self._env
        while env.now_ns < self._until_ns:
            request = queue.choose(q, env.now_ns)
            if request == NOBODY:
                event_ns = queue.next_event_ns(q)
                if event_ns == NEVER_NS:
                    break
                yield from self._idle(IDLE_REQUEST, min(event_ns, self._until_ns))
                continue
            if self._stale:
                self._make_plan()
            begin = env.now_ns
            self._sampler.busy_since_ns = begin
            yield self._start_layer(request, int(q.at_layer[request]))
            self._sampler.end_busy(env.now_ns - begin)
            queue.advance(q, request, env.now_ns)
            self._tell()

    def _finish(self) -> Steps:
        yield from self._idle(IDLE_REQUEST, self._least_ns)
        self._book_requests()

    def _tell(self) -> None:
        """Say how many requests have left, and close the books if they are full."""
        left = int(self.queue.now[queue.N_DONE] + self.queue.now[queue.N_DROPPED])
        if self._on_frame is not None and left > self._told:
            self._on_frame(left)
        self._told = left
        self._flush_if_full()

    def _book_requests(self) -> None:
        """Book all requests that were served, in order of their end."""
        q = self.queue
        (done,) = np.nonzero(q.status == Status.DONE)
        done = done[np.argsort(q.finish_ns[done], kind="stable")]
        times = np.stack([q.arrival_ns[done], q.admit_ns[done], q.finish_ns[done]], axis=1)
        none = np.empty((0, 0), dtype=np.int64)
        self._recorder.add_many(none, none, times)
