"""The JSON that ``dfsrt sweep`` writes; the same bytes for the same study, wherever it ran."""

from __future__ import annotations

import msgspec

from dfsrt.report.brief import Brief
from dfsrt.report.schema import SCHEMA_VERSION
from dfsrt.study.sweep.study import Shared


class SweepPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One point: its place, what it varies as text, its said fields, and the core of its report.

    ``brief`` is null where it could not run; ``error`` then says why.
    """

    number: int
    varied: dict[str, str]
    spec: dict[str, Shared]
    brief: Brief | None
    notes: list[str]
    error: str


class SweepCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Points by how they ended; ``alike`` were drawn twice and stand once."""

    complete: int
    failed: int
    alike: int


class SweepReport(msgspec.Struct, frozen=True, kw_only=True):
    """A finished sweep.

    ``vary`` has the values of what is varied in their order, of a range its ends. ``best`` names
    the point that is best by each metric, ``failures`` counts why points could not run.
    """

    schema_version: int = SCHEMA_VERSION
    study: str
    sampler: str
    seed: int
    vary: dict[str, list[str]]
    counts: SweepCounts
    best: dict[str, int]
    failures: dict[str, int]
    points: list[SweepPoint]


class SweepTiming(msgspec.Struct, frozen=True, kw_only=True):
    """Where the time of one session went, in seconds; it differs from machine to machine.

    ``engine_s`` and ``tables_s`` are summed over the workers: runs with their reports, and
    networks with layer tables. ``overhead_s`` is ``wall_s`` less the workers' time shared evenly
    among them, ``overhead_per_point_s`` the same for each of the session's ``points``; with
    ``workers`` they are null where a Dask scheduler has them.
    """

    schema_version: int = SCHEMA_VERSION
    wall_s: float
    engine_s: float
    tables_s: float
    overhead_s: float | None
    overhead_per_point_s: float | None
    workers: int | None
    points: int
    resumed: int
