"""A person's day with a phone: many uses of one NPU over 24 hours. All numbers are assumed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.trace.generate import periodic, poisson, stream
from dfsrt.trace.trace import NO_DEADLINE, Trace, TraceCard
from dfsrt.trace.transform import mixed

HOUR_NS = 3_600 * 10**9
DAY_NS = 24 * HOUR_NS


@dataclass(frozen=True, slots=True)
class Activity:
    """Something a person does: how often, from when to when, for how long, and what it asks for.

    ``per_day`` uses begin at random between hours ``start`` and ``stop``; each lasts ``length_s``
    in the mean, exponentially, and asks for ``workload`` at ``rate_hz``. Source: assumed.
    """

    workload: str
    per_day: float
    start: float
    stop: float
    length_s: float
    rate_hz: float
    deadline_s: float | None
    priority: int


ACTIVITIES = (
    Activity("squeezenet", 14, 8, 22, 60, 30, 1 / 30, 2),  # objects in the camera's view
    Activity("sd2-text-encoder", 30, 7, 23, 4, 0.5, 1.0, 3),  # a question to the assistant
    Activity("resnet50", 1, 1, 1.5, 7_200, 1, None, 0),  # the day's photos, while charging
    Activity("infinite-zoom", 2, 18, 22, 60, 1, None, 1),
)
KEYWORD = Activity("shufflenet", 1, 0, 0, 86_400, 10, 0.1, 3)
"""Listens for the keyword all day."""


def day(seed: int = 0, saver_w: float = 0.18, normal_w: float = 0.26) -> Trace:
    """Return 24 hours of mixed use, with a lower cap from 20 to 23 h.

    Source: assumed, all of it: uses, rates, hours and caps.
    """
    card = TraceCard(
        "day",
        "synthetic",
        "24 hours of a phone: keyword spotting, camera, assistant, photos at night, zoom",
        "synthetic, by dfsrt's own generator; all uses, rates, hours and caps are assumed",
        DAY_NS,
        ((0, normal_w), (20 * HOUR_NS, saver_w), (23 * HOUR_NS, normal_w)),
    )
    uses = [_trace(a, *_arrivals(a, seed + i)) for i, a in enumerate(ACTIVITIES)]
    listens = periodic(KEYWORD.rate_hz, DAY_NS)
    return mixed([_trace(KEYWORD, listens, np.zeros_like(listens)), *uses], card)


def _trace(activity: Activity, arrival_ns: Ints, session: Ints) -> Trace:
    deadline = activity.deadline_s
    deadline_ns = NO_DEADLINE if deadline is None else round(deadline * 1e9)
    name, priority = activity.workload, activity.priority
    trace = stream(arrival_ns, name, DAY_NS, deadline_ns, priority, name=name, description="")
    return replace(trace, session=session)


def _arrivals(activity: Activity, seed: int) -> tuple[Ints, Ints]:
    """Return arrivals within uses, and the use of each: a session of its own."""
    window_ns = round((activity.stop - activity.start) * HOUR_NS)
    begins = poisson(activity.per_day / (window_ns * 1e-9), window_ns, seed)
    if len(begins) == 0:  # a day without one would leave the workload out
        begins = np.array([window_ns // 2])
    draw = np.random.Generator(np.random.PCG64([seed, 1])).random(len(begins))
    lengths = np.maximum(1, (-np.log1p(-draw) * activity.length_s * activity.rate_hz)).astype(int)
    period_ns = round(1e9 / activity.rate_hz)
    first_ns = round(activity.start * HOUR_NS)
    uses = [first_ns + b + period_ns * np.arange(n) for b, n in zip(begins, lengths, strict=True)]
    times = np.unique(np.concatenate(uses))
    times = times[times < DAY_NS]
    return times, np.searchsorted(first_ns + begins, times, side="right") - 1
