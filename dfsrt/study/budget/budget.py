"""Budgets of a scenario: the NPU's cap for each target, components to cut, what is assumed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Unpack, cast

from dfsrt.base.errors import InputError
from dfsrt.governor import make_governor
from dfsrt.governor.registry import label
from dfsrt.run.fields import RunFields
from dfsrt.run.job import Job, make_job
from dfsrt.run.source import SCENARIO, Runnable
from dfsrt.run.stop import MOST_NS, Stop
from dfsrt.study.assumed import assumptions
from dfsrt.study.budget.caps import (
    TOLERANCE,
    cap_answer,
    cap_search,
    curve,
    figures,
    finite,
    scanned_caps,
)
from dfsrt.study.budget.cuts import component_cuts, ranking
from dfsrt.study.budget.life import Life
from dfsrt.study.budget.lives import Lives, open_lives
from dfsrt.study.budget.notes import budget_notes
from dfsrt.study.budget.ranges import cap_ranges
from dfsrt.study.budget.schema import BudgetReport, CapRange, TargetBudget
from dfsrt.study.budget.search import Search, search
from dfsrt.study.budget.target import UNITS, Target
from dfsrt.study.budget.trial import Trial
from dfsrt.study.budget.words import answer_text
from dfsrt.study.pool import usable_cores

ALONE = 3
"""Assumed numbers that get caps of their own where nobody says how many."""
BEYOND = 1.02
"""Lives are followed for so much longer than the target."""


def find_budget(
    load: Runnable,
    targets: Sequence[Target],
    numbers: int | None = ALONE,
    workers: int | None = None,
    on_run: Callable[[int], None] | None = None,
    dask: str | None = None,
    **fields: Unpack[RunFields],
) -> BudgetReport:
    """Return what the NPU may draw for ``targets``, and what each component must give for them.

    ``numbers`` of the assumed numbers get caps of their own beside all of them together; None
    leaves assumed numbers as they are. ``workers`` processes run lives, one a core unless told, or
    with ``dask`` the workers of the scheduler at that address; the result does not depend on them.
    ``fields`` are those of ``RunSpec``.

    Raises:
        InputError: no target, no scenario, a scenario that ends before its battery where a life is
            the target, no scheduler, or a value that cannot be used.
    """
    if not targets:
        raise InputError("no target given; see dfsrt.study.budget.parse_targets")
    if numbers is not None and numbers < 0:
        raise InputError(f"{numbers} assumed numbers are out of range; give 0 or more")
    job = make_job(load, **fields)
    if job.kind != SCENARIO:
        raise InputError(
            f"'{load}' is no scenario and has no battery: use a scenario; for a network see dfsrt "
            "levers"
        )
    stop = _followed(job, targets)
    job, fields = job.changed(until=stop), cast("RunFields", {**fields, "until": stop})
    workers = usable_cores() if workers is None else workers
    with open_lives(load, fields, job, workers, on_run, dask) as lives:
        return _report(job, lives, targets, numbers)


def _followed(job: Job, targets: Sequence[Target]) -> Stop:
    """Return a stop that is later than every life that is asked for, else the job's own.

    Raises:
        InputError: the scenario ends with something else than its battery.
    """
    asked_ns = max((round(t.value * BEYOND * 1e9) for t in targets if t.kind == "life"), default=0)
    if not asked_ns:
        return job.stop
    if not job.stop.empty:
        raise InputError(
            f"a life is the target, and '{job.spec.name}' ends at '{job.stop.text}', not with its "
            "battery; leave --until out, or say at = 'empty' under [stop]"
        )
    return replace(job.stop, at_ns=min(max(job.stop.at_ns, asked_ns), MOST_NS))


def _report(job: Job, lives: Lives, targets: Sequence[Target], numbers: int | None) -> BudgetReport:
    present, caps_w = lives.sure(Trial()), scanned_caps(job)
    searches = [cap_search(target, lives, caps_w) for target in targets]
    search(lives, searches)
    cuts = component_cuts(lives, present, targets)
    ranges: Sequence[CapRange | None] = [None] * len(targets)
    if numbers is not None:
        ranges = cap_ranges(lives, assumptions(job), targets, searches, numbers)
    least_w, most_w, together = _window(searches)
    return BudgetReport(
        scenario=job.spec.name,
        governor=label(make_governor(job.spec.governor or "dfs")),
        device=job.npu.name,
        cap_domain=job.cap_domain,
        present=figures(job.power_cap.first_w, present),
        targets=[
            _target(job, lives, one, present, spread)
            for one, spread in zip(searches, ranges, strict=True)
        ],
        together=together,
        least_w=least_w,
        most_w=most_w,
        curve=curve(searches),
        ranked_by=ranking(present, targets),
        cuts=cuts,
        tolerance=TOLERANCE,
        runs=lives.runs,
        notes=budget_notes(job, searches, present),
    )


def _target(
    job: Job, lives: Lives, one: Search, present: Life, spread: CapRange | None
) -> TargetBudget:
    target, cap = one.target, cap_answer(one)
    at_rest = cap.verdict == "never" and not target.more_with_watts and job.trace is None
    rest = lives.of(Trial(at_rest=True)) if at_rest else None
    return TargetBudget(
        target=target.text,
        kind=target.kind,
        value=target.value,
        unit=UNITS[target.kind],
        at_present=target.of(present),
        met=target.met(present),
        cap=cap,
        one_way=one.uneven() is None,
        range=spread,
        says=answer_text(target, cap, one, present, rest),
    )


def _window(searches: Sequence[Search]) -> tuple[float | None, float | None, bool]:
    """Return the least and the most cap that meet all targets, and whether there are any."""
    answers = [(one.target, cap_answer(one)) for one in searches]
    least = [a.cap_w for t, a in answers if t.more_with_watts and a.cap_w is not None]
    most = [a.cap_w for t, a in answers if not t.more_with_watts and a.cap_w is not None]
    least_w, most_w = max(least, default=None), min(most, default=None)
    possible = all(a.verdict != "never" for _, a in answers)
    crossed = least_w is not None and most_w is not None and least_w > most_w
    if not possible or crossed:
        return None, None, False
    return finite(least_w), finite(most_w), True
