"""Running a pipeline: frame after frame, as users see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from dfsrt import defaults
from dfsrt.api import KERNEL_ROWS, Job
from dfsrt.errors import InputError
from dfsrt.files import write_atomically
from dfsrt.governor import Governor, make_governor
from dfsrt.governor.registry import label
from dfsrt.replay.engine import make_runtime
from dfsrt.replay.mix import Mix, make_mix
from dfsrt.replay.summary import host_calls
from dfsrt.report.figure import write_figure
from dfsrt.report.parquet import ParquetLog, about_run
from dfsrt.report.schema import RunReport, to_json
from dfsrt.report.stages import StageTotals, stage_reports
from dfsrt.report.summary import summarize
from dfsrt.report.totals import Totals
from dfsrt.runtime import RunLog
from dfsrt.runtime.first_pass import FirstPass
from dfsrt.runtime.queue import Queue
from dfsrt.runtime.requests import NO_DEADLINE, Requests, Rules, make_queue


@dataclass(frozen=True)
class PipelineRun:
    """A finished run of a pipeline: ``report``, and ``log`` with each layer's first execution."""

    report: RunReport
    log: RunLog

    def to_json(self) -> bytes:
        """Return the report as JSON."""
        return to_json(self.report)

    def save_figure(self, path: str | Path) -> None:
        """Write the figure of clock, power and cap over the first frame's layers."""
        write_figure([(self.report.governor, self.log)], Path(path))


def run_pipeline(
    pipeline: str,
    *,
    governor: str | Governor = defaults.GOVERNOR,
    on_frame: Callable[[int], None] | None = None,
    log: str | Path | None = None,
    **job: Any,
) -> PipelineRun:
    """Run the frames of one session of ``pipeline``; keywords are the fields of ``Job``.

    With ``log``, a row each layer execution is streamed to that Parquet file.

    Raises:
        InputError: a value that cannot be used, with what is allowed.
    """
    base = Job(pipeline, **job)
    _check(base)
    mix = make_mix([pipeline], base)
    chosen = make_governor(governor)
    totals, stages, first = Totals(mix.table, base.power_cap), StageTotals(mix.table), FirstPass()
    queue = _queue(mix, base)
    # The first frame in full, for the figure and the table of layers; all frames follow.
    make_runtime(mix.table, chosen, base.power_cap, _queue(mix, replace(base, frames=1))).stream(
        first
    )
    runtime = make_runtime(
        mix.table, chosen, base.power_cap, queue, _least_ns(base), on_request=on_frame,
        step=_step(base, mix), every_row=log is not None,
    )  # fmt: skip
    _stream(runtime, (totals, stages), log, base, chosen, mix)
    detail = "layer" if log is not None else "summary"
    report = _report(base, chosen, mix, totals, stages, queue, detail)
    return PipelineRun(report, first.log)


def _check(base: Job) -> None:
    if base.correct:
        raise InputError("a corrector learns from equal frames; leave --correct out for pipelines")
    if base.dims:
        raise InputError(
            "a pipeline's sizes are its own parameters; write them like infinite-zoom:image=768"
        )
    if base.detail == "request":
        raise InputError("a pipeline run keeps 'layer' or 'summary'; for requests use replay")


def _queue(mix: Mix, base: Job) -> Queue:
    """Frames of one session, one after another or at a period."""
    n, period_ns = base.frames, base.period_ns
    zero = np.zeros(n, dtype=np.int64)
    arrival = zero if period_ns is None else np.arange(n) * period_ns
    requests = Requests(arrival, zero, zero + NO_DEADLINE, zero, zero)
    return make_queue(requests, mix.plots, Rules(closed=period_ns is None))


def _least_ns(base: Job) -> int:
    """The last period belongs to the run, or speed would be one period too high."""
    return 0 if base.period_ns is None else base.frames * base.period_ns


def _step(base: Job, mix: Mix) -> str:
    steps = max(len(plot.key) for plot in mix.plots)
    rows = base.frames * steps * len(mix.table.load.names)
    return base.step if base.step != "auto" else ("kernel" if rows > KERNEL_ROWS else "layer")


def _stream(
    runtime: Any, consumers: Any, log: str | Path | None, base: Job, governor: Governor, mix: Mix
) -> None:
    if log is None:
        runtime.stream(*consumers)
        return
    about = about_run(mix.table, label(governor), base.seed, str(base.power_cap.domain))

    def write(beside: Path) -> None:
        with ParquetLog(beside, about) as parquet:
            runtime.stream(*consumers, parquet)

    write_atomically(Path(log), write)


def _report(
    base: Job,
    governor: Governor,
    mix: Mix,
    totals: Totals,
    stages: StageTotals,
    queue: Queue,
    detail: str,
) -> RunReport:
    keys = mix.stage_keys
    report = summarize(
        totals, mix.unknown_ops, governor, base.seed, base.period_ns, detail, stages.macs(keys)
    )
    return msgspec.structs.replace(
        report,
        stages=stage_reports(keys, stages, host_calls(mix, queue), mix.table),
        shown_fps=report.fps,
        energy_per_shown_frame_j=report.energy_per_inference_j,
        assumed=[*report.assumed, *mix.assumed],
    )
