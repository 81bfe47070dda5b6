"""The Python API: what the command line does, in one call each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import msgspec

from dfsrt import defaults
from dfsrt.cost import at_device_precision, cost_network
from dfsrt.device import Domain, Npu, load_device
from dfsrt.errors import InputError
from dfsrt.governor import Governor, make_governor
from dfsrt.network import Network, load_network
from dfsrt.power import PowerModel
from dfsrt.power.choose import choose_model, parse_confidence
from dfsrt.report.figure import write_figure
from dfsrt.report.layers import layers_report
from dfsrt.report.parquet import write_log
from dfsrt.report.regret import regrets
from dfsrt.report.schema import CompareReport, LayersReport, RunReport, to_json
from dfsrt.report.summary import summarize
from dfsrt.runtime import CapStep, Corrector, LayerTable, PowerCap, RunLog, Runtime, build_table
from dfsrt.units import parse_period_ns, parse_power_w, parse_time_ns

MAX_ROWS = 10_000_000
"""Layer executions that one run may keep; they take about 1 GB."""

OnFrame = Callable[[int], None]


@dataclass(frozen=True)
class Job:
    """A network on a device under a cap: everything of a run but its governor.

    ``cap`` is watts, a text like ``"800 mW"``, or ``"none"``; None means the device's own cap.
    ``cap_changes`` maps times to later limits. ``period`` lets a frame arrive at that interval;
    without it frames follow back to back. ``seed`` picks the plant's hidden activity. ``correct``
    lets a meter's readings correct the predictions from frame to frame. With ``confidence``,
    like ``"99%"``, governors plan with the power model's upper bound.

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
        model = choose_model(self.power_model, self.npu, bound)
        return build_table(self.lowered, self.npu, model, check_seed(self.seed))

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
        self, governor: str | Governor = defaults.GOVERNOR, on_frame: OnFrame | None = None
    ) -> Run:
        """Run all frames under ``governor`` and return log and report."""
        chosen = make_governor(governor)
        frames = _frames(self.frames, len(self.table.costs))
        corrector = Corrector(self.table.typical_w) if self.correct else None
        runtime = Runtime(
            self.table, chosen, self.power_cap, frames, self.period_ns, on_frame, corrector
        )
        log = runtime.run()
        report = summarize(log, self.lowered, chosen, self.seed, self.period_ns)
        return Run(report, log)

    def layers(self, on_device: bool = True) -> LayersReport:
        """Return the layers, with their cost on the device unless told otherwise."""
        if not on_device:
            return layers_report(self._network())
        return layers_report(self.lowered, self.npu.name, cost_network(self.lowered, self.npu))

    def _network(self) -> Network:
        if isinstance(self.network, Network):
            return self.network
        if not isinstance(self.network, str | Path):
            raise InputError(f"network {self.network!r} is no network; give a name or a path")
        return load_network(
            self.network, dims=self.dims, fuse=self.fuse, unknown_ops=self.unknown_ops
        )


@dataclass(frozen=True)
class Run:
    """A finished run: ``report`` has the figures, ``log`` every layer."""

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


def _frames(frames: int, n_layers: int) -> int:
    most = MAX_ROWS // n_layers
    if not _is_whole(frames) or not 1 <= frames <= most:
        raise InputError(
            f"frames {frames} is out of range; allowed is 1 to {most:,} for a network of "
            f"{n_layers} layers, since every layer execution is kept"
        )
    return frames


def check_seed(seed: int) -> int:
    """Return ``seed`` if it is a whole number of 0 or more; raise InputError otherwise."""
    if not _is_whole(seed) or seed < 0:
        raise InputError(f"seed {seed} is no whole number of 0 or more; give one like 7")
    return seed


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
