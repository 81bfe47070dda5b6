"""What is worth saying of a budget beside its answers."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.base.units import format_si
from dfsrt.report.battery_table import hours
from dfsrt.run.job import Job
from dfsrt.study.assumed import setting_of
from dfsrt.study.budget.caps import cap_answer
from dfsrt.study.budget.life import Life
from dfsrt.study.budget.search import Search


def budget_notes(job: Job, searches: Sequence[Search], present: Life) -> list[str]:
    """Return a line for each thing that a reader of the answers must know."""
    return [
        *(text for one in searches for text in _uneven(one)),
        *_together(searches),
        *_limits(job),
        *_cut_off(job, present),
    ]


def _uneven(one: Search) -> list[str]:
    places = one.uneven()
    if places is None:
        return []
    low, high = (format_si(cap_w, "W") for cap_w in sorted(places))
    name, worse = one.target.kind, "less" if one.target.more_with_watts else "more"
    which = "smallest" if one.target.more_with_watts else "largest"
    way = (
        f"{name} does not go one way with the cap: between {low} and {high} {worse} watts are the "
        "better"
    )
    if one.verdict == "never":
        return [f"{way}; a cap between those that were tried may come nearer"]
    return [
        f"{way}; the answer is the {which} cap of those that were tried that meets the target, "
        "and others on its far side may miss it"
    ]


def _together(searches: Sequence[Search]) -> list[str]:
    """Say where each target can be met, but not all at once."""
    answers = [(one.target, cap_answer(one)) for one in searches]
    least = [(a.cap_w, t) for t, a in answers if t.more_with_watts and a.cap_w is not None]
    most = [(a.cap_w, t) for t, a in answers if not t.more_with_watts and a.cap_w is not None]
    return [
        f"no cap meets '{fast.text}' and '{kept.text}' together: one needs at least "
        f"{format_si(low_w, 'W')}, the other at most {format_si(high_w, 'W')}"
        for low_w, fast in least
        for high_w, kept in most
        if low_w > high_w
    ]


def _limits(job: Job) -> list[str]:
    notes = []
    caps = setting_of(job).soc_caps
    if caps:
        said = ", ".join(f"{limit_w:g} W from {charge:.0%} down" for charge, limit_w in caps)
        notes.append(f"caps by charge hold at every cap: {said}")
    if len(job.power_cap.steps) > 1:
        notes.append(
            "the present cap changes with time; the caps that were tried hold from start to end"
        )
    return notes


def _cut_off(job: Job, present: Life) -> list[str]:
    if not job.stop.empty or present.end_cause != "time":
        return []
    return [f"lives are followed for {hours(job.stop.at_ns * 1e-9)} at most, and may be longer"]
