"""The Python API: what the command line does, in one call each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from dfsrt.base import defaults
from dfsrt.device import Npu
from dfsrt.governor import Governor
from dfsrt.power.table import LayerTable
from dfsrt.report.layers import LayersReport
from dfsrt.report.result import Comparison, Result
from dfsrt.run.cap import PowerCap
from dfsrt.run.job import make_job
from dfsrt.run.spec import RunSpec

OnDone = Callable[[int], None]
"""Called now and then with the number of requests that have left."""


class Job:
    """A load on a device under a cap: all of a run but its governor.

    ``load`` is a network, a pipeline, a trace or a scenario; ``fields`` are those of ``RunSpec``.
    ``job`` is the run room's own.

    Raises:
        InputError: a value that cannot be used, with what is allowed.
    """

    def __init__(self, load: Any, **fields: Any) -> None:
        self.job = make_job(load, **fields)

    @property
    def kind(self) -> str:
        """What the load is: ``network``, ``pipeline``, ``trace`` or ``scenario``."""
        return self.job.kind

    @property
    def spec(self) -> RunSpec:
        """The complete specification."""
        return self.job.spec

    @property
    def npu(self) -> Npu:
        """The device."""
        return self.job.npu

    @property
    def table(self) -> LayerTable:
        """The layer table, shared by all runs of this job."""
        return self.job.table

    @property
    def power_cap(self) -> PowerCap:
        """The cap with its changes."""
        return self.job.power_cap

    def under(self, cap: str | float | None) -> Job:
        """Return the same job under another cap; network and layer table are shared."""
        raise NotImplementedError

    def run(
        self,
        governor: str | Governor | None = None,
        *,
        log: str | Path | None = None,
        perfetto: str | Path | None = None,
        chrome: str | Path | None = None,
        trans_stat: str | Path | None = None,
        page: str | Path | None = None,
        on_done: OnDone | None = None,
    ) -> Result:
        """Run the job under ``governor``, else its own; files that are named are written as it
        runs: ``log`` is Parquet, a row each layer run, request or sample by ``detail`` and load."""
        raise NotImplementedError

    def compare(
        self,
        governors: str | Governor | Iterable[str | Governor] = defaults.BASELINES,
        on_done: Callable[[int, int], None] | None = None,
    ) -> Comparison:
        """Run the job under each of ``governors``; ``on_done`` is told the number of the governor
        at work and of its requests that have left."""
        raise NotImplementedError

    def layers(self, on_device: bool = True) -> LayersReport:
        """Return a network's layers, with their cost on the device unless told otherwise."""
        raise NotImplementedError


def run(
    load: Any,
    *,
    governor: str | Governor | None = None,
    log: str | Path | None = None,
    perfetto: str | Path | None = None,
    chrome: str | Path | None = None,
    trans_stat: str | Path | None = None,
    page: str | Path | None = None,
    on_done: OnDone | None = None,
    **fields: Any,
) -> Result:
    """Run ``load`` under ``governor``; other keywords are files to write, as in ``Job.run``, and
    the fields of ``RunSpec``."""
    files = {"log": log, "perfetto": perfetto, "chrome": chrome, "trans_stat": trans_stat}
    return Job(load, **fields).run(governor, **files, page=page, on_done=on_done)


def compare(
    load: Any,
    governors: str | Governor | Iterable[str | Governor] = defaults.BASELINES,
    **fields: Any,
) -> Comparison:
    """Run ``load`` under each of ``governors``; keywords are the fields of ``RunSpec``."""
    return Job(load, **fields).compare(governors)
