"""The fast replay: the same queue, with the stretches between control events compiled."""

from __future__ import annotations

import math
from typing import Any

from dfsrt.run import queue, queue_kernel
from dfsrt.run.engine import FOR_EVER_NS, RUNS, KernelRuntime
from dfsrt.run.kernel import Stop
from dfsrt.run.metering import no_meter
from dfsrt.run.queue_kernel import QueueDemand
from dfsrt.run.replay import Replay
from dfsrt.run.runtime import Steps


class KernelReplay(Replay, KernelRuntime):
    """A ``Replay`` that hands each stretch between two control events to the kernel."""

    _meter = no_meter()

    def _execute(self) -> Steps:
        self._prepare()
        stop = Stop.FULL
        while stop is not Stop.DONE:
            stop = self._queue_stretch()
            yield from self._catch_up()
            self._tell()
        yield from self._finish()

    def _load_kernel(self) -> Any:
        return queue_kernel.compiled_kernel()

    def _queue_stretch(self) -> Stop:
        """Let the kernel run up to the next control event, and return why it stopped."""
        if self._stale and self.queue.now[queue.CURRENT] != queue.NOBODY:
            self._plan_anew()
        peek = self._env.peek()
        demand = QueueDemand(
            FOR_EVER_NS if math.isinf(peek) else int(peek),
            self._until_ns,
            RUNS,
            self._cap_step,
            self._needs_rows,
            self._stale,
        )
        tables = self._device, self._wish, demand, self.queue, self._out, self._meter
        stop = Stop(self._kernel(self._state, *tables))
        self._take_out()
        self._fold_if_due(stop)
        return stop
