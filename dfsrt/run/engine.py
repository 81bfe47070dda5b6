"""When machine code pays: after how many layer runs loading it, or making it, costs less."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

from dfsrt.base.compiled import can_compile, has_machine_code
from dfsrt.base.extras import EXTRAS, need
from dfsrt.base.notice import notice
from dfsrt.base.shipped import shipped
from dfsrt.run.job import Job
from dfsrt.run.lanes import advance_lanes
from dfsrt.run.ticking import loop_of

SHIPPED_RUNS = 5_000
"""Layer runs that plain Python does while shipped machine code is loaded: 15 ms."""
LOADED_RUNS = 200_000
"""Those that it does while numba and machine code from the cache are: half a second."""
MADE_RUNS = 10_000_000
"""Those that it does while the loop is compiled: 30 s of CPU at 3 us each."""
MADE_RUNS_IN_WORLD = 3_000_000
"""Those while the loop of a battery's life is: 30 s, at 8 us each and the ticks between them."""

MADE_RUNS_ON_LANES = 300_000
"""Those while the loop of cores side by side is: 30 s, at 0.1 ms each."""


def paying_runs(job: Job) -> float:
    """Return the layer runs from which on machine code pays: more where it must be made first.

    Infinite where none is shipped and nothing makes it, which is said where it would pay.
    """
    loop = _loop(job)
    if shipped(loop) is not None:
        return SHIPPED_RUNS
    if not can_compile():
        if most_runs(job) > _made_runs(job):
            _say_slow()
        return math.inf
    if has_machine_code(loop):
        return LOADED_RUNS if job.lanes is None else SHIPPED_RUNS
    return _made_runs(job)


def check_machine_code(job: Job) -> None:
    """Check that there is machine code for ``job``, or a compiler that makes it.

    Raises:
        InputError: there is neither; says what to install.
    """
    if shipped(_loop(job)) is None:
        need("compile")


def _loop(job: Job) -> Callable[..., int]:
    return loop_of(job.setting is not None) if job.lanes is None else advance_lanes


def _made_runs(job: Job) -> int:
    if job.lanes is not None:
        return MADE_RUNS_ON_LANES
    return MADE_RUNS if job.setting is None else MADE_RUNS_IN_WORLD


@cache
def _say_slow() -> None:
    command = EXTRAS["compile"].install
    notice(f"numba not installed, so that this runs as plain Python, slowly; run: {command}")


def most_runs(job: Job) -> float:
    """Return about how many layer runs a job has at most; infinite where nobody can say.

    A load without an end has no more than fit one after the other, at the fastest clock, into the
    time until the run ends.
    """
    fastest_ns = float(job.table.duration_ns[:, -1].mean())
    lanes = 1 if job.lanes is None else len(job.lanes)
    fitting = lanes * job.horizon_ns / max(fastest_ns, 1.0)
    asked = float(job.stop.requests) * job.most_runs
    return min(job.layer_runs, fitting, asked)
