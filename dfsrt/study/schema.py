"""The JSON that ``dfsrt tune`` writes; the same bytes for the same study, wherever it ran."""

from __future__ import annotations

import msgspec

from dfsrt.report.schema import SCHEMA_VERSION


class TunedPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One trial's point. ``governor`` is as it is typed; ``parameters`` are what was drawn.

    ``idle`` is who puts the idle NPU to sleep, ``memory`` the memory's clock or who sets it; null
    where nothing was said.
    ``metrics`` are over all cells as ``TuneReport.metrics`` says; ``means`` are geometric means of
    those in units, in the names' units. ``feasible``: it keeps all limits.
    """

    trial: int
    governor: str
    device: str
    confidence: str | float | None
    idle: str | None
    memory: str | None
    parameters: dict[str, str]
    metrics: dict[str, float]
    means: dict[str, float]
    feasible: bool


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Trials by how they ended; ``feasible`` of the complete ones keep all limits."""

    complete: int
    pruned: int
    failed: int
    feasible: int


class TuneReport(msgspec.Struct, frozen=True, kw_only=True):
    """A finished study.

    ``metrics`` says what each metric is; ``search`` what was varied; ``baseline`` is the point
    that ratios are against. ``best`` is the least or highest of one objective, or of several the
    one on the Pareto set that is nearest to the ideal, each objective scaled to the set's range.
    ``failures`` counts why trials failed.
    """

    schema_version: int = SCHEMA_VERSION
    study: str
    sampler: str
    seed: int
    batch: int
    objectives: list[str]
    limits: dict[str, float]
    metrics: dict[str, str]
    search: dict[str, str]
    networks: list[str]
    caps: list[str | float | None]
    seeds: list[int]
    baseline: TunedPoint
    trials: Counts
    best: TunedPoint
    pareto: list[TunedPoint]
    failures: dict[str, int]


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Where the time of one session went, in seconds; it differs from machine to machine.

    ``engine_s`` and ``tables_s`` are summed over the workers: runs, and building layer tables.
    ``ask_s`` and ``tell_s`` are the sampler's. ``overhead_s`` is ``wall_s`` less the workers'
    ``engine_s`` shared evenly among them. ``trials`` counts those closed in this session.
    """

    schema_version: int = SCHEMA_VERSION
    wall_s: float
    engine_s: float
    tables_s: float
    ask_s: float
    tell_s: float
    overhead_s: float
    workers: int
    trials: int
