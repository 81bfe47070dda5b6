"""Running a pipeline: frame after frame, as users see them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from dfsrt.base import defaults
from dfsrt.base.errors import InputError
from dfsrt.governor import Governor, make_governor
from dfsrt.report.exports import Exports, LastLevel, Served
from dfsrt.report.figure import write_figure
from dfsrt.report.replay_summary import host_calls
from dfsrt.report.schema import CompareReport, RunReport, to_json
from dfsrt.report.stages import StageTotals, stage_reports
from dfsrt.report.summary import summarize
from dfsrt.report.totals import Totals
from dfsrt.run import RunLog
from dfsrt.run.api import KERNEL_ROWS, Job, check_frames
from dfsrt.run.first_pass import FirstPass
from dfsrt.run.mix import Mix, make_mix
from dfsrt.run.queue import Queue
from dfsrt.run.replay_runtime import make_runtime, served, stream
from dfsrt.run.requests import NO_DEADLINE, Requests, Rules, make_queue
from dfsrt.run.runtime import Consumer


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


@dataclass(frozen=True)
class PipelineJob:
    """One session of a pipeline's frames, back to back or at a period: all but the governor.

    ``base`` names the pipeline as its network, and holds device, cap, frames and the like.

    Raises:
        InputError: an option that pipelines do not have.
    """

    base: Job

    def __post_init__(self) -> None:
        check_frames(self.base.frames)
        if self.base.correct:
            raise InputError(
                "a corrector learns from frames that are alike; leave --correct out for pipelines"
            )
        if self.base.dims:
            raise InputError(
                "a pipeline's sizes are its parameters; write them like infinite-zoom:image=768"
            )
        if self.base.detail == "request":
            raise InputError(
                "a pipeline run keeps 'layer' or 'summary'; for requests make a trace and replay it"
            )

    @cached_property
    def mix(self) -> Mix:
        """The pipeline's networks on the device."""
        return make_mix([str(self.base.network)], self.base)

    def run(
        self,
        governor: str | Governor = defaults.GOVERNOR,
        on_frame: Callable[[int], None] | None = None,
        log: str | Path | None = None,
        exports: Exports | None = None,
    ) -> PipelineRun:
        """Run all frames under ``governor``.

        With ``log``, a row each layer execution is streamed to that Parquet file; ``exports``
        are files for other tools.
        """
        base, mix, exports = self.base, self.mix, exports or Exports()
        chosen, queue = make_governor(governor), self._queue(base.frames)
        totals, stages = Totals(mix.table, base.power_cap), StageTotals(mix.table)
        runtime = make_runtime(
            mix.table, chosen, base.power_cap, queue, self._least_ns, on_request=on_frame,
            step=self._step, every_row=log is not None or exports.every_row,
        )  # fmt: skip

        def run(consumers: tuple[Consumer, ...]) -> Served:
            last = LastLevel()
            stream(runtime, (totals, stages, last, *consumers), log, base, chosen)
            return served(queue, totals, [str(base.network)], last.level)

        exports.write(mix.table, run)
        detail = "layer" if log is not None else "summary"
        report = self._report(chosen, totals, stages, queue, detail)
        return PipelineRun(report, self._first_pass(chosen))

    def _first_pass(self, governor: Governor) -> RunLog:
        """The first frame once more, row by row, for the figure and the table of layers."""
        first, cap = FirstPass(), self.base.power_cap
        make_runtime(self.mix.table, governor, cap, self._queue(1)).stream(first)
        return first.log

    def _queue(self, frames: int) -> Queue:
        period_ns, zero = self.base.period_ns, np.zeros(frames, dtype=np.int64)
        arrival = zero if period_ns is None else np.arange(frames) * period_ns
        requests = Requests(arrival, zero, zero + NO_DEADLINE, zero, zero)
        return make_queue(requests, self.mix.plots, Rules(closed=period_ns is None))

    @property
    def _least_ns(self) -> int:
        """The last period belongs to the run, or speed would be one period too high."""
        return 0 if self.base.period_ns is None else self.base.frames * self.base.period_ns

    @property
    def _step(self) -> str:
        if self.base.step != "auto":
            return self.base.step
        most = max(len(plot.key) for plot in self.mix.plots) * len(self.mix.table.load.names)
        return "kernel" if self.base.frames * most > KERNEL_ROWS else "layer"

    def _report(
        self, governor: Governor, totals: Totals, stages: StageTotals, queue: Queue, detail: str
    ) -> RunReport:
        base, mix, keys = self.base, self.mix, self.mix.stage_keys
        macs = stages.macs(keys)
        report = summarize(
            totals, mix.unknown_ops, governor, base.seed, base.period_ns, detail, macs
        )
        return msgspec.structs.replace(
            report,
            stages=stage_reports(keys, stages, host_calls(mix, queue), mix.table),
            shown_fps=report.fps,
            energy_per_shown_frame_j=report.energy_per_inference_j,
            assumed=[*report.assumed, *mix.assumed],
        )


def run_pipeline(
    pipeline: str, *, governor: str | Governor = defaults.GOVERNOR, **job: Any
) -> PipelineRun:
    """Run ``pipeline`` under ``governor``; other keywords are the fields of ``dfsrt.run.api.Job``.

    Raises:
        InputError: a value that cannot be used, with what is allowed.
    """
    return PipelineJob(Job(pipeline, **job)).run(governor)


@dataclass(frozen=True)
class PipelineComparison:
    """Runs of several governors on one pipeline."""

    report: CompareReport
    runs: tuple[PipelineRun, ...]

    def to_json(self) -> bytes:
        """Return all reports as JSON."""
        return to_json(self.report)

    def save_figure(self, path: str | Path) -> None:
        """Write one figure with every run's first frame in it."""
        write_figure([(run.report.governor, run.log) for run in self.runs], Path(path))


def compare_runs(runs: Sequence[PipelineRun]) -> PipelineComparison:
    """Return finished runs of one pipeline side by side; there is no regret for pipelines.

    Raises:
        InputError: no run at all.
    """
    if not runs:
        raise InputError("no governor given; name at least one, like 'dfs'")
    first = runs[0].report
    report = CompareReport(
        network=first.network,
        device=first.device,
        cap_w=first.cap_w,
        runs=[run.report for run in runs],
    )
    return PipelineComparison(report, tuple(runs))
