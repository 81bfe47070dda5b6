"""The Python API: what the command line does, in one call each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import msgspec

from dfsrt.base import defaults
from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.base.units import parse_period_ns, parse_power_w, parse_time_ns
from dfsrt.cost import at_device_precision, cost_network
from dfsrt.cost.cycles import Matched, load_cycles, match
from dfsrt.device import Domain, Npu, load_device
from dfsrt.governor import Governor, make_governor
from dfsrt.governor.registry import label
from dfsrt.network import Network, load_network
from dfsrt.network.pipeline import is_pipeline
from dfsrt.power import PowerModel
from dfsrt.power.choose import choose_model, parse_confidence
from dfsrt.power.table import LayerTable, build_table
from dfsrt.report.exports import EXPORT_CHUNK, Exports, LastLevel, Requests, Served
from dfsrt.report.figure import write_figure
from dfsrt.report.layers import layers_report
from dfsrt.report.parquet import ParquetLog, about_run, write_log
from dfsrt.report.regret import regrets
from dfsrt.report.schema import CompareReport, LayersReport, RunReport, to_json
from dfsrt.report.summary import summarize
from dfsrt.report.totals import Totals, totals_of
from dfsrt.run import (
    Arrivals,
    CapStep,
    Corrector,
    KernelRuntime,
    PowerCap,
    RunLog,
    Runtime,
)
from dfsrt.run.kept import LastFrame
from dfsrt.run.runtime import CHUNK, Consumer

MAX_ROWS = 2_000_000
"""Layer executions that one run may keep; they take about 1 GB while the books are closed."""
KERNEL_ROWS = 200_000
"""Layer executions from which on loading the compiled kernel pays: it takes half a second."""
MAX_FRAMES = 10**12
DETAILS = ("layer", "request", "summary")
STEPS = ("auto", "kernel", "layer")

OnFrame = Callable[[int], None]


@dataclass(frozen=True)
class Job:
    """A network on a device under a cap: everything of a run but its governor.

    ``cap`` is watts, a text like ``"800 mW"``, or ``"none"``; None means the device's own cap.
    ``cap_changes`` maps times to later limits. ``period`` lets a frame arrive at that interval;
    without it frames follow back to back. ``seed`` picks the plant's hidden activity. ``correct``
    lets a meter's readings correct the predictions from frame to frame. With ``confidence``,
    like ``"99%"``, governors plan with the power model's upper bound. ``detail`` is what is kept:
    each ``layer`` execution, each ``request``, or the ``summary`` and the last frame; None keeps
    layers as long as they fit in memory. ``step`` is the engine: ``layer`` by layer in SimPy,
    the compiled ``kernel``, or ``auto``, the kernel where it pays; their results are the same.
    ``cycles`` takes the array's cycles from another simulator's report, as ``scalesim:FILE``,
    ``zigzag:FILE``, ``zigzag:FOLDER`` or ``maestro:FILE``; None is dfsrt's own array model.

    Raises, on use:
        InputError: a value that cannot be used, with what is allowed.
    """

    network: str | Path | Network
    device: str | Path | Npu = defaults.DEVICE
    cap: str | float | None = None
    cap_changes: Mapping[str, str | float] = field(default_factory=dict)
    cap_domain: str = defaults.CAP_DOMAIN
    cap_window: str | float = 0
    frames: int = defaults.FRAMES
    period: str | float | None = None
    power_model: str | Path | PowerModel = defaults.POWER_MODEL
    precision: str = defaults.PRECISION
    dims: Mapping[str, int] = field(default_factory=dict)
    fuse: bool = True
    unknown_ops: Literal["error", "memory"] = "error"
    seed: int = 0
    correct: bool = False
    confidence: str | float | None = None
    detail: str | None = None
    step: str = "auto"
    cycles: str | None = None

    @cached_property
    def npu(self) -> Npu:
        """The device."""
        if isinstance(self.device, Npu):
            return self.device
        if not isinstance(self.device, str | Path):
            raise InputError(f"device {self.device!r} is no device; give a name, a path or an Npu")
        return load_device(self.device)

    @cached_property
    def lowered(self) -> Network:
        """The network's layers in the precision that the device runs."""
        return at_device_precision(self._network(), self.npu, self.precision)

    @cached_property
    def table(self) -> LayerTable:
        """The layer table, shared by all runs of this job."""
        bound = None if self.confidence is None else parse_confidence(self.confidence)
        if bound is not None and self.correct:
            raise InputError(
                "a confidence and a corrector do not go together: it would learn the bound's "
                "margin away; leave out one of them"
            )
        model = choose_model(self.power_model, self.npu, bound)
        return build_table(
            self.lowered, self.npu, model, check_seed(self.seed), self._reported_cycles()
        )

    def _reported_cycles(self) -> Matched | None:
        return None if self.cycles is None else match(load_cycles(self.cycles), self.lowered)

    def under(self, cap: str | float | None) -> Job:
        """Return the same job under another cap; network and layer table are shared."""
        other = replace(self, cap=cap)
        # Where cached_property keeps what has been worked out.
        other.__dict__.update(npu=self.npu, lowered=self.lowered, table=self.table)
        return other

    @cached_property
    def power_cap(self) -> PowerCap:
        """The cap with its changes."""
        first = CapStep(0, self.npu.default_cap_w if self.cap is None else _limit_w(self.cap))
        later = sorted(
            (parse_time_ns(when, "cap change"), _limit_w(limit))
            for when, limit in self.cap_changes.items()
        )
        steps = (first, *(CapStep(start, limit) for start, limit in later))
        return PowerCap(steps, _domain(self.cap_domain), parse_time_ns(self.cap_window, "window"))

    @property
    def period_ns(self) -> int | None:
        """Time from one arrival to the next, or None."""
        return None if self.period is None else parse_period_ns(self.period)

    def run(
        self,
        governor: str | Governor = defaults.GOVERNOR,
        on_frame: OnFrame | None = None,
        log: str | Path | None = None,
        exports: Exports | None = None,
    ) -> Run:
        """Run all frames under ``governor`` and return log and report.

        With ``log``, a row each layer execution, or each request by ``detail``, is written to
        that Parquet file; it is streamed where it is too long to keep. ``exports`` are files for
        other tools.
        """
        chosen = make_governor(governor)
        if exports:
            return self._run_exported(chosen, on_frame, log, exports)
        detail = self._detail(log is not None)
        if detail == "layer" and self._rows <= MAX_ROWS:
            done = self._run_whole(chosen, on_frame)
            if log is not None:
                done.save_log(log)
            return done
        if log is None:
            return self._run_streamed(chosen, on_frame, detail, None)
        found: list[Run] = []
        write_atomically(
            Path(log), lambda p: found.append(self._run_streamed(chosen, on_frame, detail, p))
        )
        return found[0]

    @property
    def _rows(self) -> int:
        """Layer executions of the whole run."""
        return check_frames(self.frames) * len(self.table.load.names)

    def _detail(self, log: bool, streams: bool = False) -> str:
        """What is kept of the run; raise InputError where that is too much, or has no log."""
        streams = streams or log
        if self.detail not in (None, *DETAILS):
            raise InputError(f"detail '{self.detail}' is unknown; use one of {', '.join(DETAILS)}")
        fits = self._rows <= MAX_ROWS
        if self.detail is None:
            return "layer" if fits or streams else "summary"
        if self.detail == "summary" and log:
            raise InputError(
                "detail 'summary' keeps no rows to log; ask for detail 'layer' or 'request', or "
                "leave out the log"
            )
        if self.detail == "layer" and not (fits or streams):
            raise InputError(
                f"{self._rows:,} layer executions are too many to keep; allowed is {MAX_ROWS:,}: "
                "write them to a file (log), or ask for detail 'request' or 'summary'"
            )
        return self.detail

    def _runtime(self, governor: Governor, on_frame: OnFrame | None, every_row: bool) -> Runtime:
        if self.step not in STEPS:
            raise InputError(f"step '{self.step}' is unknown; use one of {', '.join(STEPS)}")
        kernel = self.step == "kernel" or (self.step == "auto" and self._rows > KERNEL_ROWS)
        corrector = Corrector(self.table.typical_w) if self.correct else None
        made = KernelRuntime if kernel else Runtime
        arrivals = Arrivals(self.period_ns)
        runtime = made(
            self.table, governor, self.power_cap, self.frames, arrivals, on_frame, corrector
        )
        runtime.every_row = every_row
        return runtime

    def _run_whole(self, governor: Governor, on_frame: OnFrame | None) -> Run:
        log = self._runtime(governor, on_frame, every_row=True).run()
        return Run(self._report(totals_of(log), governor, "layer"), log)

    def _run_exported(
        self, governor: Governor, on_frame: OnFrame | None, log: str | Path | None, exports: Exports
    ) -> Run:
        """Run with all that the files need streamed to them, and to ``log`` where there is one."""
        found: list[Run] = []
        detail = self._detail(log is not None, streams=exports.every_row)

        def run(consumers: tuple[Consumer, ...], path: Path | None = None) -> Served:
            requests = Requests() if exports.every_row else LastLevel()
            totals = Totals(self.table, self.power_cap)
            kept: tuple[Consumer, ...] = (requests, *consumers)
            done = self._run_streamed(governor, on_frame, detail, path, kept, totals, exports)
            found.append(done)
            return requests.served(totals, self.table.network)

        if log is None:
            exports.write(self.table, run)
        else:
            write_atomically(Path(log), lambda p: exports.write(self.table, lambda c: run(c, p)))
        return found[0]

    def _run_streamed(
        self,
        governor: Governor,
        on_frame: OnFrame | None,
        detail: str,
        path: Path | None,
        consumers: tuple[Consumer, ...] = (),
        totals: Totals | None = None,
        exports: Exports | None = None,
    ) -> Run:
        """Run piece by piece; ``consumers`` are given all that is written down."""
        exported = exports is not None and exports.every_row
        runtime = self._runtime(governor, on_frame, every_row=exported or detail == "layer")
        totals = totals or Totals(self.table, self.power_cap)
        last = LastFrame(check_frames(self.frames) - 1)
        chunk = EXPORT_CHUNK if exported else CHUNK
        if path is None:
            runtime.stream(totals, last, *consumers, chunk=chunk)
        else:
            domain = str(self.power_cap.domain)
            about = about_run(self.table, label(governor), self.seed, domain)
            with ParquetLog(path, about, detail) as parquet:
                runtime.stream(totals, last, parquet, *consumers, chunk=chunk)
        return Run(self._report(totals, governor, detail), last.log)

    def _report(self, totals: Totals, governor: Governor, detail: str) -> RunReport:
        unknown = dict(self.lowered.unknown_ops)
        return summarize(totals, unknown, governor, self.seed, self.period_ns, detail)

    def layers(self, on_device: bool = True) -> LayersReport:
        """Return the layers, with their cost on the device unless told otherwise."""
        if not on_device:
            return layers_report(self._network())
        told = self._reported_cycles()
        if told is None:
            return layers_report(self.lowered, self.npu.name, cost_network(self.lowered, self.npu))
        costs = cost_network(self.lowered, self.npu, array=told.cycles)
        notes = told.notes(self.lowered, self.npu)
        return layers_report(self.lowered, self.npu.name, costs, str(told.report), notes)

    def _network(self) -> Network:
        if isinstance(self.network, Network):
            return self.network
        if not isinstance(self.network, str | Path):
            raise InputError(f"network {self.network!r} is no network; give a name or a path")
        if is_pipeline(str(self.network)):
            raise InputError(
                f"'{self.network}' is a pipeline, not one network; run it with 'dfsrt run', or in "
                "Python with dfsrt.run.replay_front.run_pipeline"
            )
        return load_network(
            self.network, dims=self.dims, fuse=self.fuse, unknown_ops=self.unknown_ops
        )


@dataclass(frozen=True)
class Run:
    """A finished run: ``report`` has the figures, ``log`` every layer, or the last frame's."""

    report: RunReport
    log: RunLog

    def to_json(self) -> bytes:
        """Return the report as JSON."""
        return to_json(self.report)

    def save_log(self, path: str | Path) -> None:
        """Write the per-layer log as Parquet."""
        write_log(self.log, self.report, Path(path))

    def save_figure(self, path: str | Path) -> None:
        """Write the figure of clock, power and cap over layers, ``.svg`` or ``.png``."""
        write_figure([(self.report.governor, self.log)], Path(path))


@dataclass(frozen=True)
class Comparison:
    """Runs of several governors on one job."""

    report: CompareReport
    runs: tuple[Run, ...]

    def to_json(self) -> bytes:
        """Return all reports as JSON."""
        return to_json(self.report)

    def save_figure(self, path: str | Path) -> None:
        """Write one figure with every run in it, ``.svg`` or ``.png``."""
        write_figure([(run.report.governor, run.log) for run in self.runs], Path(path))


def run(
    network: str | Path | Network, *, governor: str | Governor = defaults.GOVERNOR, **job: Any
) -> Run:
    """Run ``network`` under ``governor``; keywords are the fields of ``Job``."""
    return Job(network, **job).run(governor)


def compare(
    network: str | Path | Network,
    governors: Iterable[str | Governor] = defaults.BASELINES,
    **job: Any,
) -> Comparison:
    """Run ``network`` under each of ``governors``; keywords are the fields of ``Job``."""
    shared = Job(network, **job)
    governors = [governors] if isinstance(governors, str) else governors
    chosen = [make_governor(governor) for governor in governors]
    return comparison([shared.run(governor) for governor in chosen], chosen, shared.period_ns)


def comparison(
    runs: Sequence[Run], governors: Sequence[Governor], period_ns: int | None = None
) -> Comparison:
    """Return finished runs of one job under these governors as a comparison, regret included.

    Raises:
        InputError: no run at all.
    """
    if not runs:
        raise InputError("no governor given; name at least one, like 'dfs'")
    first = runs[0].report
    found = regrets([run.log for run in runs], list(governors), period_ns)
    runs = [
        replace(run, report=msgspec.structs.replace(run.report, regret=regret))
        for run, regret in zip(runs, found, strict=True)
    ]
    reports = [run.report for run in runs]
    report = CompareReport(
        network=first.network, device=first.device, cap_w=first.cap_w, runs=reports
    )
    return Comparison(report, tuple(runs))


def _limit_w(cap: str | float) -> float:
    return math.inf if str(cap).strip().lower() == "none" else parse_power_w(cap, "cap")


def _domain(name: str) -> Domain:
    if name not in list(Domain):
        raise InputError(f"cap domain '{name}' is unknown; use one of {', '.join(Domain)}")
    return Domain(name)


def check_frames(frames: int) -> int:
    """Return ``frames`` if it is a whole number in range; raise InputError otherwise."""
    if not _is_whole(frames) or not 1 <= frames <= MAX_FRAMES:
        raise InputError(f"frames {frames} is out of range; allowed is 1 to {MAX_FRAMES:,}")
    return frames


def check_seed(seed: int) -> int:
    """Return ``seed`` if it is a whole number of 0 or more; raise InputError otherwise."""
    if not _is_whole(seed) or seed < 0:
        raise InputError(f"seed {seed} is no whole number of 0 or more; give one like 7")
    return seed


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
