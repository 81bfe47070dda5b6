"""Metrics: what a trial is judged by, of one run and over all runs together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dfsrt.report.schema import Report

Direction = Literal["minimize", "maximize"]
"""Which way an objective is better, in Optuna's words."""
Figures = Mapping[str, float]
"""One run's value of every metric."""


@dataclass(frozen=True, slots=True)
class Metric:
    """How a metric is read from a run's report, and how runs are taken together.

    ``ratio``: geometric mean of each run over the baseline governor's run of the same network,
    cap and seed; 1 is as good as the baseline. ``mean`` and ``max`` are of the runs themselves.
    """

    text: str
    unit: str
    how: Literal["ratio", "mean", "max"]
    of: Callable[[Report], float]
    maximise: bool = False


def _energy_j(report: Report) -> float:
    """Joules of an inference; infinite where none finished."""
    each = report.energy_per_inference_j
    return math.inf if each is None else each


def _latency_s(report: Report) -> float:
    """The median; infinite where nothing finished."""
    return math.inf if report.latency_s is None else report.latency_s.p50


METRICS: dict[str, Metric] = {
    "energy_j": Metric("energy per inference", "J", "ratio", _energy_j),
    "latency_s": Metric("median latency", "s", "ratio", _latency_s),
    "latency_p99_s": Metric(
        "99th percentile of latency",
        "s",
        "ratio",
        lambda r: r.latency_s.p99 if r.latency_s else math.inf,
    ),
    "fps": Metric("inferences per second", "1/s", "ratio", lambda r: r.fps, maximise=True),
    "edp_js": Metric(
        "energy per inference times median latency",
        "J·s",
        "ratio",
        lambda r: _energy_j(r) * _latency_s(r),
    ),
    "cap_excess": Metric(
        "share of the time above the cap", "", "mean", lambda r: r.cap.excess_time_s / r.time_s
    ),
    "cap_excess_w": Metric("most watts above the cap", "W", "max", lambda r: r.cap.excess_max_w),
}


def figures(report: Report) -> dict[str, float]:
    """Return one run's value of every metric."""
    return {name: metric.of(report) for name, metric in METRICS.items()}


def together(name: str, runs: Sequence[Figures], baseline: Sequence[Figures]) -> float:
    """Return the metric ``name`` over ``runs``; ``baseline`` is of the same cells."""
    metric = METRICS[name]
    values = [run[name] for run in runs]
    if metric.how == "max":
        return max(values)
    if metric.how == "mean":
        return math.fsum(values) / len(values)
    pairs = zip(values, baseline, strict=True)
    return geometric_mean([value / base[name] for value, base in pairs])


def geometric_mean(values: Sequence[float]) -> float:
    """Return the geometric mean of numbers above 0."""
    return math.exp(math.fsum(math.log(value) for value in values) / len(values))


def violation(name: str, value: float, limit: float) -> float:
    """Return by how much ``value`` breaks ``limit``; 0 or less where it keeps it.

    The limit of a metric that is to be high is its lowest value, of all others the highest.
    """
    return limit - value if METRICS[name].maximise else value - limit
