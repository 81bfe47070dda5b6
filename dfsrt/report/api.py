"""The Python API: what the command line does, in one call each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar, Unpack

from dfsrt.base import defaults
from dfsrt.base.errors import InputError
from dfsrt.cost import cost_network
from dfsrt.device import Npu
from dfsrt.governor import Governor, make_governor
from dfsrt.governor.governor import sees_cap, sees_queue
from dfsrt.governor.idle import IdleGovernor
from dfsrt.power.table import LayerTable
from dfsrt.report.bound import check_bound
from dfsrt.report.core import report_of
from dfsrt.report.exports import Exports, OnDone
from dfsrt.report.layers import LayersReport, layers_report
from dfsrt.report.page.envelope import Envelope
from dfsrt.report.page.page import check_page_path
from dfsrt.report.result import Comparison, Result, comparison
from dfsrt.report.together import Together
from dfsrt.run.cap import PowerCap
from dfsrt.run.fields import JobFields, RunFields
from dfsrt.run.job import make_job
from dfsrt.run.run import MAX_ROWS
from dfsrt.run.source import NETWORK, SCENARIO, Runnable
from dfsrt.run.spec import RunSpec

__all__ = ["Comparison", "Job", "Result", "run"]

Chosen = TypeVar("Chosen")


class Job:
    """A load on a device under a cap: all of a run but its governor.

    ``load`` is a network, a pipeline, a trace or a scenario; ``fields`` are those of ``RunSpec``.
    ``job`` is the run room's own.

    Raises:
        InputError: a value that cannot be used, with what is allowed.
    """

    def __init__(self, load: Runnable, **fields: Unpack[RunFields]) -> None:
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
        return self.changed(cap=cap)

    def changed(self, **fields: Unpack[RunFields]) -> Job:
        """Return the same job with other ``fields`` of its specification.

        Only those that do not change load, device and power model, which are shared.
        """
        other = Job.__new__(Job)
        other.job = self.job.changed(**fields)
        return other

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
        runs: ``log`` is Parquet, a row each layer run, request or sample by ``detail`` and load.

        Raises:
            InputError: a governor, a file's name or a detail that cannot be used.
            OutputError: a file cannot be written.
        """
        if page is not None:
            check_page_path(Path(page))
        envelope = Envelope() if page is not None and self._rows_fit else None
        lanes = self.job.lanes
        watch = envelope if envelope is None or lanes is None else Together(envelope, len(lanes))
        exports = Exports(
            _path(log), _path(perfetto), _path(chrome), _path(trans_stat), watch=watch
        )
        done = exports.run(self.job, governor, on_done)
        result = Result(report_of(done), done, envelope)
        if page is not None:
            result.save_page(page)
        return result

    @property
    def _rows_fit(self) -> bool:
        """Whether every layer run may be a row."""
        return self.job.setting is None and self.job.layer_runs <= MAX_ROWS

    @property
    def usual_governors(self) -> tuple[str, ...]:
        """The governors that are compared where none is named."""
        return defaults.LIFE_BASELINES if self.kind == SCENARIO else defaults.BASELINES

    def governors_beside(self, idles: object | None) -> tuple[str | Governor, ...]:
        """Return the governors to compare where none is named: the usual ones, or the job's own
        where ``idles`` are compared."""
        if idles is None:
            return self.usual_governors
        return (self.spec.governor or defaults.GOVERNOR,)

    def compare(
        self,
        governors: str | Governor | Iterable[str | Governor] | None = None,
        on_done: Callable[[int, int], None] | None = None,
        bound: bool = False,
        idles: str | IdleGovernor | Iterable[str | IdleGovernor] | None = None,
    ) -> Comparison:
        """Run the job under each of ``governors``, the usual ones of such a load without any.

        With ``idles`` each of them puts the idle NPU to sleep in turn; without governors the job's
        own then runs alone. Where somebody sets the memory's clock, governors that plan by power
        or time run ``blind`` to it, too: what knowing it is worth. Names may stand in one text with
        commas between them. ``on_done`` is
        told the number of the run at work and of its requests that have left. With ``bound`` the
        energy bound is the tightest there is, however long that takes.

        Raises:
            InputError: no governor, or one that cannot be used; a load that has no bound.
        """
        if bound:
            check_bound(self.job)
        pairs = self.pairs(governors, idles)

        def one(number: int, governor: Governor, job: Job) -> Result:
            told = None if on_done is None else partial(on_done, number)
            return job.run(governor, on_done=told)

        return comparison([one(number, *pair) for number, pair in enumerate(pairs)], bound)

    def pairs(
        self,
        governors: str | Governor | Iterable[str | Governor] | None = None,
        idles: str | IdleGovernor | Iterable[str | IdleGovernor] | None = None,
    ) -> list[tuple[Governor, Job]]:
        """Return the governors that ``compare`` runs, each with its job.

        Raises:
            InputError: a governor that cannot be used.
        """
        usual = self.governors_beside(idles)
        chosen = [make_governor(g) for g in _listed(usual if governors is None else governors)]
        jobs = [self] if idles is None else [self.changed(idle=idle) for idle in _listed(idles)]
        for job in jobs:
            job.job.checked()
        return [pair for governor in chosen for job in jobs for pair in _seeing(governor, job)]

    def layers(self, on_device: bool = True) -> LayersReport:
        """Return a network's layers, with their cost on the device unless told otherwise.

        Raises:
            InputError: a load that is not one network.
        """
        if self.kind != NETWORK:
            raise InputError(f"a {self.kind} has no layers of its own; name one of its networks")
        deployment = self.job.deployment
        if not on_device:
            return layers_report(deployment.raw_network())
        network, npu = deployment.network(), self.npu
        told = deployment.cycles(network)
        if told is None:
            return layers_report(network, npu.name, cost_network(network, npu))
        costs, notes = cost_network(network, npu, array=told.cycles), told.notes(network, npu)
        return layers_report(network, npu.name, costs, str(told.report), notes)


def _seeing(governor: Governor, job: Job) -> list[tuple[Governor, Job]]:
    """A governor with its job, and blind to the memory's clock where it matters."""
    plans = sees_cap(governor) or sees_queue(governor)
    stays = job.job.memory.governor is None or job.spec.parallel is not None
    if stays or job.spec.blind or not plans:
        return [(governor, job)]
    return [(governor, job), (governor, job.changed(blind=True))]


def _path(file: str | Path | None) -> Path | None:
    return None if file is None else Path(file)


def _listed(those: str | Chosen | Iterable[str | Chosen]) -> Iterable[str | Chosen]:
    if isinstance(those, str):
        return [name.strip() for name in those.split(",") if name.strip()]
    return those if isinstance(those, Iterable) else [those]


def run(
    load: Runnable,
    *,
    governor: str | Governor | None = None,
    log: str | Path | None = None,
    perfetto: str | Path | None = None,
    chrome: str | Path | None = None,
    trans_stat: str | Path | None = None,
    page: str | Path | None = None,
    on_done: OnDone | None = None,
    **fields: Unpack[JobFields],
) -> Result:
    """Run ``load`` under ``governor``; other keywords are files to write, as in ``Job.run``, and
    the fields of ``RunSpec``."""
    return Job(load, **fields).run(
        governor,
        log=log,
        perfetto=perfetto,
        chrome=chrome,
        trans_stat=trans_stat,
        page=page,
        on_done=on_done,
    )
