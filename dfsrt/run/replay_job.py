"""Replaying a trace: requests of many networks and pipelines on one device under one cap."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from dfsrt.base import defaults
from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.base.names import unknown_name
from dfsrt.base.units import parse_time_ns
from dfsrt.governor import Governor, make_governor
from dfsrt.report.exports import Exports, LastLevel, Served
from dfsrt.report.replay_schema import ReplayReport
from dfsrt.report.replay_summary import summarize_replay
from dfsrt.report.schema import to_json
from dfsrt.report.stages import StageTotals
from dfsrt.report.totals import Totals
from dfsrt.run import CapStep, PowerCap
from dfsrt.run.api import KERNEL_ROWS, Job
from dfsrt.run.mix import Mix, make_mix
from dfsrt.run.queue import NEVER_NS, Discipline, Drop, Queue, Status
from dfsrt.run.replay_runtime import make_runtime, served, stream
from dfsrt.run.requests import Requests, Rules, make_queue
from dfsrt.run.runtime import Consumer
from dfsrt.trace import Trace
from dfsrt.trace.load import load_trace
from dfsrt.trace.transform import repeated, scaled

LOOPS = ("open", "closed")
DISCIPLINES = tuple(d.name.lower() for d in Discipline)


@dataclass(frozen=True)
class ReplayJob:
    """A trace on a device under a cap: everything of a replay but its governor.

    ``trace`` is a name on the shelf, a folder, a file or a ``Trace``. ``discipline`` says who has
    the NPU: ``fifo``, ``priority`` or ``edf``, the last two taking it at layer boundaries.
    ``drop`` is ``none``, ``late``, ``newest=N`` or ``oldest=N``. In a ``closed`` loop a session's
    next request comes when the one before has left. The trace runs ``repeat`` times, its times
    multiplied by ``time_scale``, and stops at ``until``. ``base`` holds device, cap, power model
    and the like; its cap stands in place of the trace's own where it is given.

    Raises, on use:
        InputError: a value that cannot be used, with what is allowed.
    """

    trace: str | Path | Trace
    base: Job
    discipline: str = "fifo"
    drop: str = "none"
    loop: str = "open"
    repeat: int = 1
    time_scale: float = 1.0
    until: str | float | None = None

    @cached_property
    def loaded(self) -> Trace:
        """The trace as it is replayed."""
        trace = self.trace if isinstance(self.trace, Trace) else load_trace(self.trace)
        return repeated(scaled(trace, self.time_scale), self.repeat)

    @cached_property
    def mix(self) -> Mix:
        """The trace's networks and pipelines on the device."""
        return make_mix(self.loaded.workloads, self.base)

    @cached_property
    def rules(self) -> Rules:
        """How requests share the NPU."""
        if self.loop not in LOOPS:
            raise InputError(unknown_name("loop", self.loop, LOOPS))
        return parse_rules(self.discipline, self.drop, self.loop == "closed")

    @cached_property
    def power_cap(self) -> PowerCap:
        """The cap: the given one, else the trace's, else the device's own."""
        given = self.base.power_cap
        steps = self.loaded.card.cap_steps
        if self.base.cap is not None or not steps:
            return given
        merged = {
            0: given.first_w,
            **dict(steps),
            **{s.start_ns: s.limit_w for s in given.steps[1:]},
        }
        return replace(given, steps=tuple(CapStep(t, w) for t, w in sorted(merged.items())))

    @cached_property
    def until_ns(self) -> int:
        """When to stop at the latest."""
        if self.until is None:
            return NEVER_NS
        until_ns = parse_time_ns(self.until, "until")
        if until_ns == 0:
            raise InputError("until '0' leaves no time to replay anything; give a time above 0")
        return until_ns

    def run(
        self,
        governor: str | Governor = defaults.GOVERNOR,
        on_request: Callable[[int], None] | None = None,
        log: str | Path | None = None,
        exports: Exports | None = None,
    ) -> Replayed:
        """Replay under ``governor`` and return the report and what became of every request.

        ``exports`` are files for other tools. With ``log``, rows go to that Parquet file: one for
        each request, or each layer execution where the job's ``detail`` is ``layer``.
        """
        chosen, mix, layers = make_governor(governor), self.mix, self.base.detail == "layer"
        queue = make_queue(_requests(self.loaded), mix.plots, self.rules)
        exports = exports or Exports()
        runtime = make_runtime(
            mix.table, chosen, self.power_cap, queue, self._least_ns, self.until_ns, on_request,
            self._step, every_row=exports.every_row or (layers and log is not None),
        )  # fmt: skip
        totals, stages = Totals(mix.table, self.power_cap), StageTotals(mix.table)

        def run(consumers: tuple[Consumer, ...]) -> Served:
            last = LastLevel()
            kept: tuple[Consumer, ...] = (totals, stages, last, *consumers)
            stream(runtime, kept, log if layers else None, self.base, chosen)
            return served(queue, totals, self.loaded.workloads, last.level)

        exports.write(mix.table, run)
        report = summarize_replay(self, chosen, queue, totals, stages)
        done = Replayed(report, queue, self.loaded)
        if log is not None and not layers:
            done.save_requests(log)
        return done

    @property
    def _least_ns(self) -> int:
        """An open loop lasts as long as its trace does; a closed one until all have left."""
        return 0 if self.rules.closed else self.loaded.card.duration_ns

    @property
    def _step(self) -> str:
        """The kernel pays, but for a short trace."""
        if self.base.step != "auto":
            return self.base.step
        most = max(len(plot.first) for plot in self.mix.plots) * len(self.mix.table.load.names)
        return "kernel" if len(self.loaded) * most > KERNEL_ROWS else "layer"


@dataclass(frozen=True)
class Replayed:
    """A finished replay: ``report`` has the figures, ``queue`` says what became of each request."""

    report: ReplayReport
    queue: Queue
    trace: Trace

    def to_json(self) -> bytes:
        """Return the report as JSON."""
        return to_json(self.report)

    def request_columns(self) -> Mapping[str, Any]:
        """Return the requests' columns by name, in the trace's order; -1 ns is never."""
        q, names = self.queue, np.array([s.name.lower() for s in Status])
        done = q.finish_ns >= 0
        return {
            "request": np.arange(len(q.status)),
            "workload": np.array(self.trace.workloads)[q.workload],
            "session": self.trace.session,
            "priority": q.priority,
            "arrival_ns": q.arrival_ns,
            "start_ns": q.admit_ns,
            "finish_ns": q.finish_ns,
            "latency_ns": np.where(done, q.finish_ns - q.arrival_ns, -1),
            "deadline_ns": self.trace.deadline_ns,
            "status": names[q.status],
        }

    def save_requests(self, path: str | Path) -> None:
        """Write a row for each request as Parquet."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.table(dict(self.request_columns()))
        write_atomically(Path(path), lambda p: pq.write_table(table, p, compression="zstd"))


def replay(
    trace: str | Path | Trace,
    *,
    governor: str | Governor = defaults.GOVERNOR,
    discipline: str = "fifo",
    drop: str = "none",
    loop: str = "open",
    repeat: int = 1,
    time_scale: float = 1.0,
    until: str | float | None = None,
    **job: Any,
) -> Replayed:
    """Replay ``trace`` under ``governor``; other keywords are those of ``Job``."""
    base = Job("", **job)
    return ReplayJob(trace, base, discipline, drop, loop, repeat, time_scale, until).run(governor)


def parse_rules(discipline: str, drop: str, closed: bool) -> Rules:
    """Return the rules of a queue from a discipline's name and a drop policy as typed.

    Raises:
        InputError: an unknown discipline or policy.
    """
    if discipline not in DISCIPLINES:
        raise InputError(unknown_name("discipline", discipline, DISCIPLINES))
    policy, limit = parse_drop(drop)
    return Rules(Discipline[discipline.upper()], policy, limit, closed)


def parse_drop(text: str) -> tuple[Drop, int]:
    """Return a drop policy and its limit from ``none``, ``late``, ``newest=2`` or ``oldest=2``.

    Raises:
        InputError: anything else.
    """
    name, equals, limit = text.partition("=")
    if name in ("none", "late") and not equals:
        return Drop[name.upper()], 0
    if name in ("newest", "oldest") and limit.isascii() and limit.isdigit() and int(limit) >= 1:
        return Drop[name.upper()], min(int(limit), 2**31)
    raise InputError(
        f"drop '{text}' is unknown; use none, late, newest=N or oldest=N, N being how many may wait"
    )


def _requests(trace: Trace) -> Requests:
    return Requests(
        trace.arrival_ns, trace.workload, trace.deadline_ns, trace.priority, trace.session
    )
