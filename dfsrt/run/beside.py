"""What cannot be asked for beside cores that work in parallel, and whom they do not run under."""

from __future__ import annotations

from collections.abc import Mapping

from dfsrt.base.errors import InputError
from dfsrt.device.at_memory import at_memory_point
from dfsrt.device.npu import Npu
from dfsrt.governor.governor import Governor, reads_power, sees_queue
from dfsrt.governor.registry import label
from dfsrt.run.idle_policy import STAYS_UP
from dfsrt.run.memory_policy import MemoryClock, memory_policy
from dfsrt.run.spec import RunSpec

NOT_BESIDE: Mapping[str, str] = {
    "blind": "lanes are planned at the memory's clock as it stands",
    "correct": "its meter reads one layer at a time",
    "cap_window": "the cap holds for what all cores draw at once",
    "idle": "idle states are the whole NPU's, and cores do not rest together",
    "idle_rail": "the rail is the whole NPU's, and cores do not rest together",
}
"""Fields of a specification that do not go together with ``parallel``, and why."""


def check_beside(spec: RunSpec) -> None:
    """Refuse what does not go together with cores in parallel, where they are asked for.

    Raises:
        InputError: such a field is said.
    """
    if spec.parallel is None:
        return
    for name, why in NOT_BESIDE.items():
        if getattr(spec, name) not in (None, False, 0, "0", STAYS_UP, "hold"):
            raise InputError(f"'{name}' does not go together with 'parallel': {why}; leave one out")


def at_one_memory_clock(npu: Npu, spec: RunSpec) -> Npu:
    """Return a device of cores in parallel with one memory clock: the highest, unless told.

    Raises:
        InputError: a governor of the memory that would change it.
    """
    if spec.parallel is None or not npu.memory.points:
        return npu
    clock = MemoryClock(npu, memory_policy(spec, npu))
    if not (clock.free or clock.fixed):
        raise InputError(
            f"memory '{spec.memory}' does not go together with 'parallel': the memory's clock "
            "stays what it is; give a clock, or leave one out"
        )
    return at_memory_point(npu, clock.target)


def check_plans_for_lanes(governor: Governor) -> None:
    """Refuse a governor that plans for one NPU as a whole.

    Raises:
        InputError: it sees the queue, or reads the power meter.
    """
    if sees_queue(governor) or reads_power(governor):
        what = "the queue of one NPU" if sees_queue(governor) else "the meter layer by layer"
        raise InputError(
            f"governor '{label(governor)}' goes by {what}, and so not with 'parallel'; take "
            "another, like dfs, or leave 'parallel' out"
        )
