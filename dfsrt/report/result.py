"""What a run gives back: its report, its rows, and both as tables, figures, pages and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.base.extras import need
from dfsrt.base.json import Document, Json
from dfsrt.report.bound import energy_bounds, why_none
from dfsrt.report.columns import layer_columns, request_columns
from dfsrt.report.compare_table import compare_grids
from dfsrt.report.figure import write_figure
from dfsrt.report.old_names import document
from dfsrt.report.page.envelope import Envelope
from dfsrt.report.parquet import Columns, about_run, write_columns
from dfsrt.report.regret import regrets
from dfsrt.report.rendered import Drawn
from dfsrt.report.run_names import run_names
from dfsrt.report.run_table import run_grids
from dfsrt.report.schema import ComparisonReport, Regret, Report, to_json
from dfsrt.report.series import series
from dfsrt.report.tables import Grid
from dfsrt.run.log import RunLog
from dfsrt.run.run import MAX_REQUESTS, Run
from dfsrt.run.source import SCENARIO, TRACE

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, repr=False)
class Result(Drawn):
    """A finished run: ``report`` has the figures, ``run`` the book they come from, and rows.

    ``envelope`` is power over time, where somebody kept it.
    """

    report: Report
    run: Run
    envelope: Envelope | None = None

    @property
    def log(self) -> RunLog:
        """Every layer execution or the last frame's, where they were held, else a first pass."""
        return self.run.log

    def to_dict(self) -> Document:
        """Return the report as plain values; names of version 1 stand beside the new ones."""
        return document(self.report)

    def to_json(self) -> bytes:
        """Return the report as JSON."""
        return to_json(self.to_dict())

    def to_dataframe(self) -> pandas.DataFrame:
        """Return a pandas frame: layer runs of networks and pipelines, requests of traces,
        samples over time of scenarios.

        Raises:
            InputError: there is no pandas, or requests were not held.
        """
        return frame(self.columns())

    def columns(self) -> Columns:
        """Return the columns of ``to_dataframe`` by name, ``(n_rows,)`` each, without pandas.

        Raises:
            InputError: requests were not held.
        """
        if self.report.kind == SCENARIO:
            return series(self.run)
        return self.request_columns() if self.report.kind == TRACE else layer_columns(self.log)

    def request_columns(self) -> Columns:
        """Return the requests' columns by name, ``(n_requests,)`` each, in order of number.

        Raises:
            InputError: they were not held.
        """
        ended = self.run.requests
        if ended is None:
            raise InputError(
                "the requests were not held one by one; run with detail 'request', and more than "
                f"{MAX_REQUESTS:,} with a log, too, to which they are written as they come"
            )
        return request_columns(self.run.job, ended.where(np.argsort(ended.number, kind="stable")))

    def grids(self) -> Sequence[Grid]:
        """Return the tables of ``dfsrt run``."""
        return run_grids(self.report)

    def save_log(self, path: str | Path) -> None:
        """Write the rows of ``to_dataframe`` as Parquet.

        Raises:
            InputError: requests were not held.
            OutputError: ``path`` cannot be written.
        """
        write_columns(self.columns(), self._about, Path(path))

    def save_requests(self, path: str | Path) -> None:
        """Write a row for each request as Parquet.

        Raises:
            InputError: they were not held.
            OutputError: ``path`` cannot be written.
        """
        write_columns(self.request_columns(), self._about, Path(path))

    @property
    def _about(self) -> Mapping[str, object]:
        return about_run(self.run.job, self.run.governor)

    def save_figure(self, path: str | Path) -> None:
        """Write the figure of clock, power and cap over layers.

        Raises:
            InputError: neither ``.svg`` nor ``.png``.
            OutputError: ``path`` cannot be written.
        """
        write_figure([(self.report.governor, self.log)], Path(path))

    def save_page(self, path: str | Path) -> None:
        """Write the report as one HTML page.

        Raises:
            InputError: a name without ``.html``.
            OutputError: ``path`` cannot be written.
        """
        from dfsrt.report.page.page import write_page
        from dfsrt.report.page.report import report_page

        write_page(report_page(self.report, self.run, self.envelope), Path(path))


@dataclass(frozen=True, repr=False)
class Comparison(Drawn):
    """Runs of several governors on one job, or of one load on several devices."""

    report: ComparisonReport
    runs: tuple[Result, ...]

    def to_dict(self) -> Document:
        """Return all reports as plain values; names of version 1 stand beside the new ones."""
        return document(self.report)

    def to_json(self) -> bytes:
        """Return all reports as JSON."""
        return to_json(self.to_dict())

    def to_dataframe(self) -> pandas.DataFrame:
        """Return a pandas frame with a row for each run and a column for each plain figure.

        Raises:
            InputError: there is no pandas.
        """
        rows = [_plain(msgspec.to_builtins(report)) for report in self.report.runs]
        names = dict.fromkeys(name for row in rows for name in row)
        return frame({name: [row.get(name) for row in rows] for name in names})

    def grids(self) -> Sequence[Grid]:
        """Return the tables of ``dfsrt compare``."""
        return compare_grids(self.report)

    def save_figure(self, path: str | Path) -> None:
        """Write one figure with every run in it, of several devices with where their energy goes.

        Raises:
            InputError: neither ``.svg`` nor ``.png``.
            OutputError: ``path`` cannot be written.
        """
        logs = [run.log for run in self.runs]
        if self.report.devices:
            from dfsrt.report.devices_figure import write_devices_figure

            write_devices_figure(self.report, logs, Path(path))
            return
        names = run_names(self.report.runs)
        write_figure(list(zip(names, logs, strict=True)), Path(path))

    def save_page(self, path: str | Path) -> None:
        """Write all reports side by side as one HTML page.

        Raises:
            InputError: a name without ``.html``.
            OutputError: ``path`` cannot be written.
        """
        from dfsrt.report.page.comparison import comparison_page
        from dfsrt.report.page.page import write_page

        runs = [result.run for result in self.runs]
        write_page(comparison_page(self.report, runs), Path(path))


def comparison(results: Sequence[Result], bound: bool = False) -> Comparison:
    """Return finished runs of one job side by side, with regret and energy bound.

    With ``bound`` that is the tightest there is, however long it takes.

    Raises:
        InputError: no run at all.
    """
    if not results:
        raise InputError("no governor given; name at least one, like 'dfs'")
    runs = [result.run for result in results]
    reports = [
        msgspec.structs.replace(result.report, regret=regret, bound=least)
        for result, regret, least in zip(
            results, _regrets(results), energy_bounds(runs, bound), strict=True
        )
    ]
    first = reports[0]
    report = ComparisonReport(
        load=first.load,
        kind=first.kind,
        network=first.network,
        device=first.device,
        cap_w=first.cap_w,
        runs=reports,
        no_bound=why_none(runs, bound) if bound or first.kind == TRACE else None,
    )
    pairs = zip(reports, results, strict=True)
    return Comparison(report, tuple(Result(r, done.run, done.envelope) for r, done in pairs))


def _regrets(results: Sequence[Result]) -> list[Regret | None]:
    """The regret of each run, by what its idle time takes: those alike share their optimum."""
    by_idle: dict[tuple[str, str] | None, list[int]] = {}
    for number, result in enumerate(results):
        idle = result.report.idle
        key = None if idle is None else (idle.governor, idle.rail)
        by_idle.setdefault(key, []).append(number)
    known = {
        number: regret
        for numbers in by_idle.values()
        for number, regret in zip(numbers, regrets([results[k].run for k in numbers]), strict=True)
    }
    return [known[number] for number in range(len(results))]


def frame(columns: Columns | Mapping[str, list[Json]]) -> pandas.DataFrame:
    """Return columns as a pandas frame.

    Raises:
        InputError: there is no pandas.
    """
    need("pandas")
    pandas = import_module("pandas")
    return pandas.DataFrame(dict(columns))


def _plain(report: Mapping[str, Json], above: str = "") -> Document:
    """Return the figures of a report by path, lists left out."""
    figures: Document = {}
    for name, value in report.items():
        if isinstance(value, Mapping):
            figures |= _plain(value, f"{above}{name}.")
        elif not isinstance(value, list):
            figures[above + name] = value
    return figures
