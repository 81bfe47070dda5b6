"""The report of levers: every rung with the core of its run."""

from __future__ import annotations

import msgspec

from dfsrt.report.brief import Brief
from dfsrt.report.schema import SCHEMA_VERSION


class Rung(Brief, frozen=True, kw_only=True):
    """The core of one run, and the lever that makes it: last on, alone, or left out.

    ``changes`` is what the lever changes, as people type it. ``fidelity`` is what it does to
    answers: ``same``, a measurement, or ``not measured``. ``energy_change`` and ``fps_change`` are
    shares of what the lever does here: against the rung before, alone against the baseline, left
    out against all levers on; null where nothing is to be divided by.
    """

    lever: str
    what: str
    changes: str
    fidelity: str
    energy_change: float | None
    fps_change: float | None


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """A lever that cannot be pulled here, and why."""

    lever: str
    why: str


class LeversReport(msgspec.Struct, frozen=True, kw_only=True):
    """A ladder of levers: in order, each alone, all but one, and others on top of all.

    ``load`` is as it was typed, before any lever.
    ``rungs`` begin with the baseline, each has the levers of all before it, too. ``alone`` is the
    baseline with one lever, ``without`` all levers but one, ``beyond`` all and one that was not
    picked. ``scenario`` is what surrounds the load, null where nothing does: hours, joules of the
    battery and skin are null then. ``limits`` are lines on what limits the last rung, ``next`` the
    next best lever in words, ``notes`` are of the run with all levers on. ``joules`` says what
    joules changes are of: battery or all domains.
    """

    schema_version: int = SCHEMA_VERSION
    load: str
    device: str
    scenario: str | None
    cap: str
    baseline: str
    joules: str
    rungs: list[Rung]
    alone: list[Rung]
    without: list[Rung]
    beyond: list[Rung]
    left_out: list[LeftOut]
    limits: list[str]
    next: list[str]
    notes: list[str]
