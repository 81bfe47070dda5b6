"""Traces made from traces: repeated, stretched, mixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.network.reading import Reading
from dfsrt.trace.trace import MAX_REQUESTS, Trace, TraceCard

FAR_NS = 9 * 10**18
ALIKE = ("deadline_ns", "priority", "prompt_tokens", "output_tokens")
"""Columns that no transform changes."""


def repeated(trace: Trace, times: int) -> Trace:
    """Return ``trace`` ``times`` over as one trace, to be written to a file.

    Each copy comes a duration after the one before. Sessions go on through all copies. Cap changes
    repeat with their copy; to run a trace again and again takes no copies: see ``cap_steps_of``.

    Raises:
        InputError: less than one copy, or more requests or time than can be.
    """
    card = trace.card
    if times < 1 or times * len(trace) > MAX_REQUESTS or times * card.duration_ns > FAR_NS:
        raise InputError(
            f"repeat {times} is out of range; give 1 or more, and at most {MAX_REQUESTS:,} "
            f"requests in all (the trace has {len(trace):,})"
        )
    if times == 1:
        return trace
    shift = np.repeat(np.arange(times) * card.duration_ns, len(trace))
    same = ("workload", "session", *ALIKE)
    others = {column: np.tile(getattr(trace, column), times) for column in same}
    steps = tuple((t + k * card.duration_ns, w) for k in range(times) for t, w in card.cap_steps)
    whole = _card(card, card.duration_ns * times, steps)
    arrival = np.tile(trace.arrival_ns, times) + shift
    return Trace(whole, trace.workloads, arrival, **others)


def scaled(trace: Trace, factor: float) -> Trace:
    """Return ``trace`` with its times multiplied by ``factor``; deadlines stay as they are.

    Raises:
        InputError: a factor that is not above 0, or takes the trace beyond 290 years.
    """
    card = trace.card
    if not 0 < factor < float("inf") or card.duration_ns * factor > FAR_NS:
        raise InputError(f"time scale {factor:g} is out of range; give a number like 0.5 or 2")
    if factor == 1:
        return trace
    steps = tuple((round(t * factor), w) for t, w in card.cap_steps)
    arrival = np.rint(trace.arrival_ns * factor).astype(np.int64)
    duration = max(round(card.duration_ns * factor), int(arrival.max(initial=0)))
    return replace(trace, card=_card(card, duration, steps), arrival_ns=arrival)


def mixed(traces: Sequence[Trace], card: TraceCard) -> Trace:
    """Return all requests of ``traces`` in order of arrival, under ``card``.

    Sessions of different traces stay apart; at the same time the earlier trace comes first.

    Raises:
        InputError: traces that read a network in different ways.
    """
    names = tuple(dict.fromkeys(w for trace in traces for w in trace.workloads))
    workload = [np.array([names.index(w) for w in t.workloads])[t.workload] for t in traces]
    base = np.cumsum([0, *(int(t.session.max(initial=-1)) + 1 for t in traces)])
    session = [t.session + first for t, first in zip(traces, base, strict=False)]
    arrival = np.concatenate([t.arrival_ns for t in traces])
    order = np.argsort(arrival, kind="stable")
    return Trace(
        replace(card, readings=_readings(traces)),
        names,
        arrival[order],
        np.concatenate(workload)[order],
        session=np.concatenate(session)[order],
        **{name: np.concatenate([getattr(t, name) for t in traces])[order] for name in ALIKE},
    )


def _readings(traces: Sequence[Trace]) -> dict[str, Reading]:
    """How all traces read their networks, which must be in one way each."""
    readings: dict[str, Reading] = {}
    for trace in traces:
        for name in trace.workloads:
            reading = trace.card.readings.get(name, Reading())
            if readings.setdefault(name, reading) != reading:
                raise InputError(
                    f"trace '{trace.card.name}' reads '{name}' in another way than one before it; "
                    "mix traces that give it the same sizes and values"
                )
    return readings


def _card(card: TraceCard, duration_ns: int, steps: tuple[tuple[int, float], ...]) -> TraceCard:
    """Two cap changes that fall on one time leave the later one."""
    return replace(card, duration_ns=duration_ns, cap_steps=tuple(sorted(dict(steps).items())))
