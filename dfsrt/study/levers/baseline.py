"""A baseline: where levers begin, as far as this load and device have a say in it."""

from __future__ import annotations

import msgspec

from dfsrt.base.errors import InputError
from dfsrt.device import Npu
from dfsrt.study.levers.applies import Ground
from dfsrt.study.levers.lever import Lever


def fitted(baseline: Lever, ground: Ground) -> Lever:
    """Return what of a baseline this load and device have a say in."""
    run = baseline.run
    if len(ground.npu.memory.points) < 2:
        run = msgspec.structs.replace(run, memory=None)
    here = {n: v for n, v in baseline.load.items() if n in ground.parameters}
    load = {n: v for n, v in here.items() if n not in ground.typed}
    return msgspec.structs.replace(baseline, run=run, load=load)


def computable(baseline: Lever, npu: Npu) -> Lever:
    """Return a baseline in the device's own precision where the device lacks the baseline's."""
    precision = baseline.run.precision
    if precision is None or precision in npu.array.cycles_per_step:
        return baseline
    what = baseline.what.replace(precision, f"{npu.precision} ({npu.name} has no {precision})")
    run = msgspec.structs.replace(baseline.run, precision=npu.precision)
    return msgspec.structs.replace(baseline, run=run, what=what)


def check_baseline(own: Lever, ground: Ground) -> None:
    """Check that all of a baseline of one's own holds here, but what is typed with the load.

    Raises:
        InputError: what of it this load or device has not.
    """
    load = {name: value for name, value in own.load.items() if name not in ground.typed}
    if why := ground.why_not(msgspec.structs.replace(own, load=load)):
        raise InputError(f"the baseline cannot be had here: {why}")
