"""Traces of requests for a language model with the statistics of a stream."""

from __future__ import annotations

from dfsrt.base.errors import InputError
from dfsrt.trace.asked_tokens import of_model
from dfsrt.trace.generate import stream
from dfsrt.trace.token_stream import load_stream
from dfsrt.trace.trace import NO_DEADLINE, Trace


def stream_trace(
    text: str,
    workload: str,
    duration_ns: int,
    seed: int,
    *,
    rate_hz: float | None = None,
    deadline_ns: int = NO_DEADLINE,
    priority: int = 0,
    name: str,
) -> Trace:
    """Return requests for ``workload`` by a stream of a name or a file, at its rate or another.

    Raises:
        InputError: no such stream, one that does not say when requests come, a rate that is not
            above 0, or no request in this time.
    """
    found = load_stream(text)
    arrivals, lengths = found.arrivals, of_model(found.lengths, workload)
    if arrivals is None:
        raise InputError(f"'{text}' does not say when requests come; give its file [arrivals]")
    if rate_hz is not None:
        if not 0 < rate_hz < float("inf"):
            raise InputError(f"rate {rate_hz:g} Hz is out of range; give a rate above 0, like 0.1")
        arrivals = arrivals.at_rate(rate_hz)
    arrival = arrivals.draw(duration_ns, seed)
    return stream(
        arrival,
        workload,
        duration_ns,
        deadline_ns,
        priority,
        tokens=lengths.draw(len(arrival), [seed]),
        name=name,
        description=f"{found.description}; {workload}, {arrivals.rate_hz:.4g} a second",
        source=f"synthetic, by dfsrt's own generator, with {found.source}",
    )
