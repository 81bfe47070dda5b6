"""A day: many uses of one NPU over 24 hours, as a file says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.trace.day_file import DAY_NS, Day, Use, Window, load_day
from dfsrt.trace.generate import periodic, poisson, stream
from dfsrt.trace.trace import MAX_REQUESTS, Trace, TraceCard
from dfsrt.trace.transform import mixed

DAY = "phone"


def day(seed: int = 0, file: str = DAY) -> Trace:
    """Return 24 hours of mixed use, as ``file`` or a day on the shelf says; midnight ends a use.

    Raises:
        InputError: no such file, a key or a value that does not fit, or too many requests.
    """
    file_day = load_day(file)
    card = TraceCard(
        "day",
        "synthetic",
        file_day.description,
        "; ".join(("synthetic, by dfsrt's own generator", file_day.source, *_of_tokens(file_day))),
        DAY_NS,
        file_day.cap_steps,
    )
    at_random = iter(range(seed, seed + len(file_day.uses)))
    traces = []
    for number, use in enumerate(file_day.uses):
        arrivals = _arrivals(use, 0 if use.per_day is None else next(at_random))
        traces.append(_trace(use, *arrivals, seed=[seed, number]))
    return mixed(traces, card)


def _of_tokens(file_day: Day) -> list[str]:
    """Where lengths of prompts and answers are from, each source once."""
    sources = (use.lengths.source for use in file_day.uses if use.lengths is not None)
    return [f"tokens {source}" for source in dict.fromkeys(sources) if source]


def _trace(use: Use, arrival_ns: Ints, session: Ints, seed: Sequence[int]) -> Trace:
    name = use.workload
    tokens = None if use.lengths is None else use.lengths.draw(len(arrival_ns), seed)
    about = {"name": name, "description": ""}
    due_ns, priority = use.deadline_ns, use.priority
    trace = stream(arrival_ns, name, DAY_NS, due_ns, priority, tokens=tokens, **about)
    return replace(trace, session=session)


def _arrivals(use: Use, seed: int) -> tuple[Ints, Ints]:
    """Return arrivals within uses, and the use of each: a session of its own."""
    if use.per_day is None:
        times = np.concatenate([a + periodic(use.rate_hz, b - a) for a, b in use.windows])
        return times, np.zeros_like(times)
    open_ns = sum(b - a for a, b in use.windows)
    begins = poisson(use.per_day / (open_ns * 1e-9), open_ns, seed)
    if len(begins) == 0:  # a day without one would leave the workload out
        begins = np.array([open_ns // 2])
    draw = np.random.Generator(np.random.PCG64([seed, 1])).random(len(begins))
    asked = np.maximum(1, (-np.log1p(-draw) * use.lasts_s * use.rate_hz))
    if asked.sum() > MAX_REQUESTS:
        raise InputError(
            f"{use.per_day:g} uses of '{use.workload}' a day ask for {asked.sum():,.0f} requests; "
            f"allowed is {MAX_REQUESTS:,}: give a lower rate, or shorter and fewer uses"
        )
    period_ns = round(1e9 / use.rate_hz)
    first_ns = _of_day(begins, use.windows)
    uses = [b + period_ns * np.arange(n) for b, n in zip(first_ns, asked.astype(int), strict=True)]
    times = np.unique(np.concatenate(uses))
    times = times[times < DAY_NS]
    return times, np.searchsorted(first_ns, times, side="right") - 1


def _of_day(open_ns: Ints, windows: tuple[Window, ...]) -> Ints:
    """Return times of the day, ``(n_times,)``, of times counted within the windows alone."""
    lengths = np.array([b - a for a, b in windows])
    ends = np.cumsum(lengths)
    window = np.searchsorted(ends, open_ns, side="right")
    starts = np.array([a for a, _ in windows])
    return np.asarray(starts[window] + open_ns - (ends - lengths)[window])
