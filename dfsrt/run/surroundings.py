"""Surroundings: a world around a run, and the meter that it reads."""

from __future__ import annotations

import numpy as np

from dfsrt.run.ended import Ended, joined_requests, no_requests
from dfsrt.run.job import Job
from dfsrt.run.meter import Meter, make_meter
from dfsrt.world.build import build_world
from dfsrt.world.setting import Setting
from dfsrt.world.tick import tell_meter
from dfsrt.world.world import World, for_compiled


class Surroundings:
    """A setting's world at its start and an empty meter for the layers of a run in it.

    A battery may end within a tick that the loop has already gone through: what became of requests
    is known only when the books are closed over them.
    """

    def __init__(self, setting: Setting, world: World, meter: Meter) -> None:
        self.setting, self.world, self.meter = setting, world, meter
        self._later = no_requests()
        tell_meter(world, meter)

    @property
    def closed_ns(self) -> int:
        """Up to when the books are closed; after the last tick, when the world ended."""
        return int(self.world.state.now_ns)

    def take_left(self, ended: Ended) -> Ended:
        """Return requests that had left when the books were closed last; hold the others back."""
        every = joined_requests([self._later, ended] if len(self._later) else [ended])
        known = every.finish_ns <= self.closed_ns
        if known.all():
            self._later = no_requests()
            return every
        self._later = every.where(~known)
        return every.where(known)

    def take_rest(self, here: Ended) -> Ended:
        """Return what is held back, and those still ``here``, as they stood at the world's end."""
        return joined_requests([self._later, here]).at(self.closed_ns)


def surroundings_of(job: Job, compiled: bool) -> Surroundings | None:
    """Return what surrounds a job's NPU, laid out for compiled code or not; None for nothing.

    Raises:
        InputError: a battery that cannot even carry what rests.
    """
    if job.setting is None:
        return None
    table = job.table
    world = build_world(
        job.setting,
        table.npu,
        float(table.predicted_w[np.isfinite(table.predicted_w)].max()),
        [(step.start_ns, step.limit_w) for step in job.power_cap.steps],
        stop_ns=job.stop.at_ns,
        stop_requests=job.stop.requests,
        horizon_ns=job.horizon_ns,
    )
    meter = make_meter(table, job.cap_domain, compiled)
    return Surroundings(job.setting, for_compiled(world) if compiled else world, meter)
