"""The JSON of a replay: what became of every request, and what it cost."""

from __future__ import annotations

import msgspec

from dfsrt.report.schema import (
    SCHEMA_VERSION,
    CapChange,
    CapKept,
    Power,
    Residency,
    StageReport,
    Transitions,
)


class RequestCounts(msgspec.Struct, frozen=True):
    """What became of the requests: ``completed + dropped + pending`` is ``total``."""

    total: int
    completed: int
    dropped: int
    pending: int


class Deadlines(msgspec.Struct, frozen=True):
    """Deadlines met and missed; ``missed`` counts late, dropped and overdue pending requests.

    ``undecided`` have a deadline after the run's end, ``without`` have none.
    """

    met: int
    missed: int
    undecided: int
    without: int


class Spread(msgspec.Struct, frozen=True):
    """How a time is spread over the completed requests, in seconds."""

    mean: float
    p50: float
    p90: float
    p99: float
    max: float


class WorkloadReport(msgspec.Struct, frozen=True, kw_only=True):
    """One workload of a trace.

    ``energy_j`` is of its layers in the capped domain, idle time left out; it is null for what
    completed requests cost where none completed. ``wait_s`` is from arrival to the first work.
    """

    name: str
    requests: RequestCounts
    deadlines: Deadlines
    completed_per_s: float
    latency_s: Spread | None
    wait_s: Spread | None
    energy_j: float
    energy_per_request_j: float | None


class TraceInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Which trace ran, and what was made of it."""

    name: str
    kind: str
    duration_s: float
    repeat: int
    time_scale: float


class ReplayReport(msgspec.Struct, frozen=True, kw_only=True):
    """One replay of a trace under one governor; energy and power are those of the capped domain.

    ``busy_share`` is the share of time in which the NPU worked, stalls included. ``idle_j`` is
    the energy of the time in which nothing ran.
    """

    schema_version: int = SCHEMA_VERSION
    trace: TraceInfo
    device: str
    bin: str
    rail: str
    governor: str
    power_model: str
    seed: int
    cap_w: float | None
    cap_changes: list[CapChange]
    discipline: str
    drop: str
    loop: str
    time_s: float
    requests: RequestCounts
    deadlines: Deadlines
    latency_s: Spread | None
    wait_s: Spread | None
    preemptions: int
    busy_share: float
    energy_j: float
    idle_j: float
    power_w: Power
    cap: CapKept
    transitions: Transitions
    residency: list[Residency]
    workloads: list[WorkloadReport]
    stages: list[StageReport]
    energy_breakdown_j: dict[str, float]
    outside_domain_j: dict[str, float]
    unknown_ops: dict[str, int]
    notes: list[str]
    assumed: list[str]
