"""What became of requests: counts, deadlines, and how their times are spread."""

from __future__ import annotations

from dfsrt.report.schema import Deadlines, LatencyBin, RequestCounts, Spread
from dfsrt.run.latencies import Latencies
from dfsrt.run.outcomes import Outcomes


def counts(outcomes: Outcomes) -> RequestCounts:
    """Return how many requests came to which end."""
    return RequestCounts(outcomes.total, outcomes.completed, outcomes.dropped, outcomes.pending)


def deadlines(outcomes: Outcomes) -> Deadlines:
    """Return how deadlines were kept."""
    return Deadlines(outcomes.met, outcomes.missed, outcomes.undecided, outcomes.without)


def spread(times: Latencies) -> Spread | None:
    """Return mean, percentiles and maximum in seconds; None where nothing completed."""
    if not len(times):
        return None
    p50, p90, p95, p99 = times.percentiles_s(50, 90, 95, 99)
    return Spread(mean=times.mean_s, p50=p50, p90=p90, p95=p95, p99=p99, max=times.max_s)


def histogram(times: Latencies) -> list[LatencyBin]:
    """Return the bins of a histogram that are not empty."""
    return [LatencyBin(upto_s, requests) for upto_s, requests in times.histogram()]
