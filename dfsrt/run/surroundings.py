"""Surroundings: a world around a run, and the meter that it reads."""

from __future__ import annotations

import numpy as np

from dfsrt.run.job import Job
from dfsrt.run.meter import Meter, make_meter
from dfsrt.world.build import build_world
from dfsrt.world.setting import Setting
from dfsrt.world.tick import tell_meter
from dfsrt.world.world import World, for_compiled


class Surroundings:
    """A setting's world at its start and an empty meter for the layers of a run in it."""

    def __init__(self, setting: Setting, world: World, meter: Meter) -> None:
        self.setting, self.world, self.meter = setting, world, meter
        tell_meter(world, meter)


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
