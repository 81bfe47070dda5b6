"""Trials: a scenario with another cap, other assumed numbers or smaller components."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dfsrt.run.job import Job
from dfsrt.run.stop import MOST_NS
from dfsrt.study.assumed import setting_of, with_assumptions
from dfsrt.world.setting import Setting

Pairs = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """What is changed in a scenario; nothing that is not said.

    ``cap_w`` holds from the start, infinite is no cap. ``numbers`` are assumed ones with their
    values, ``shares`` components with the share of their own power that is left. ``at_rest``: the
    NPU serves one request and then no more.
    """

    cap_w: float | None = None
    numbers: Pairs = ()
    shares: Pairs = ()
    at_rest: bool = False


def job_of_trial(job: Job, trial: Trial) -> Job:
    """Return the job as the trial changes it, on the same deployment."""
    if trial.numbers:
        job = with_assumptions(job, dict(trial.numbers))
    if trial.shares:
        job = job.changed(world=with_shares(setting_of(job), trial.shares))
    if trial.at_rest:
        return job.changed(period=f"{MOST_NS} ns")
    return job if trial.cap_w is None else job.changed(cap=trial.cap_w, cap_changes={})


def with_shares(setting: Setting, shares: Sequence[tuple[str, float]]) -> Setting:
    """Return the setting with all states and events of components at a share of what they take."""
    values: dict[str, float] = {}
    left = dict(shares)
    for use in setting.uses:
        share, path = left.get(use.name, 1.0), f"uses.{use.name}.component"
        states = {f"{path}.states.{n}": w for n, w in use.component.states.items()}
        events = {f"{path}.events.{n}": j for n, j in use.component.events.items()}
        if share != 1.0:
            values |= {name: n.value * share for name, n in {**states, **events}.items()}
    return setting.at(**values)
