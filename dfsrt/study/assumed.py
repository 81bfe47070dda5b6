"""Assumptions of a scenario's run: numbers of its setting, its device's idle power, its policy."""

from __future__ import annotations

from collections.abc import Mapping

from dfsrt.base.errors import InputError
from dfsrt.base.ranged import Ranged
from dfsrt.device.idle_numbers import idle_numbers, with_idle_numbers
from dfsrt.device.npu import Npu
from dfsrt.governor.idle.rule import NONE, TIMEOUT
from dfsrt.run.job import Job
from dfsrt.world.setting import Setting

DEVICE, IDLE_AFTER = "device.", "idle.after"
"""How names of a device's numbers begin, and that of a timeout's wait."""
_STATES = "idle.states."


def setting_of(job: Job) -> Setting:
    """Return a scenario's surroundings.

    Raises:
        InputError: the job is of no scenario.
    """
    if job.setting is None:
        raise InputError(f"'{job.spec.load}' has no battery; name a scenario")
    return job.setting


def assumptions(job: Job) -> dict[str, Ranged]:
    """Return the numbers of a run that nobody has measured, each under its name.

    Of a device's idle states those that its policy may enter; none of a device that was given as
    an object, which does not know its ranges.
    """
    device = job.spec.device
    of_device = {} if isinstance(device, Npu) else idle_numbers(str(device))
    entered = _entered(job)
    mine = {
        f"{DEVICE}{key}": number
        for key, number in of_device.items()
        if number.assumed and number.low < number.high and _matters(key, entered)
    }
    return {**setting_of(job).assumed(), **mine, **_policy(job)}


def with_assumptions(job: Job, values: Mapping[str, float]) -> Job:
    """Return the job with numbers set to other values; see ``assumptions`` for names.

    The device's are those of the chip itself: governors of clocks go by the power model as before.
    """
    own = {name.removeprefix(DEVICE): v for name, v in values.items() if name.startswith(DEVICE)}
    if own:
        job = job.on_die(with_idle_numbers(job.npu, own), job.spec.seed or 0)
    if IDLE_AFTER in values:
        job = job.changed(idle=f"timeout={round(values[IDLE_AFTER] * 1e9)} ns")
    around = {n: v for n, v in values.items() if not n.startswith(DEVICE) and n != IDLE_AFTER}
    return job.changed(world=setting_of(job).at(**around)) if around else job


def _entered(job: Job) -> frozenset[str]:
    """The idle states that may be entered: of a timeout the deepest alone, and those ordered."""
    states = [state.name for state in job.npu.idle]
    ordered = {states[state] for _, state in job.idle.orders if state >= 0}
    chosen = {NONE: [], TIMEOUT: states[-1:]}.get(job.idle.kind, states)
    return frozenset({*ordered, *chosen})


def _matters(key: str, entered: frozenset[str]) -> bool:
    name = key.removeprefix(_STATES).rpartition(".")[0]
    return not key.startswith(_STATES) or name in entered


def _policy(job: Job) -> dict[str, Ranged]:
    """A timeout's wait, where the run has the scenario's own policy and that has a range."""
    scenario = job.scenario
    if scenario is None or scenario.idle_after is None or job.spec.idle != scenario.spec.idle:
        return {}
    return {IDLE_AFTER: scenario.idle_after} if scenario.idle_after.assumed else {}
