"""What a run gives back: its report, its rows, and both as tables, figures, pages and files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dfsrt.report.schema import ComparisonReport, Report
from dfsrt.run.log import RunLog
from dfsrt.run.run import Run


@dataclass(frozen=True)
class Result:
    """A finished run: ``report`` has the figures, ``run`` the book they come from, and rows."""

    report: Report
    run: Run

    @property
    def log(self) -> RunLog:
        """Every layer execution or the last frame's, where they were held, else a first pass."""
        return self.run.log

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        raise NotImplementedError

    def to_json(self) -> bytes:
        """Return the report as JSON."""
        raise NotImplementedError

    def to_dataframe(self) -> Any:
        """Return a pandas frame: layer runs of networks and pipelines, requests of traces,
        samples over time of scenarios."""
        raise NotImplementedError

    def save_log(self, path: str | Path) -> None:
        """Write the rows of ``to_dataframe`` as Parquet."""
        raise NotImplementedError

    def save_requests(self, path: str | Path) -> None:
        """Write a row for each request as Parquet."""
        raise NotImplementedError

    def save_figure(self, path: str | Path) -> None:
        """Write the figure of clock, power and cap over layers, ``.svg`` or ``.png``."""
        raise NotImplementedError

    def save_page(self, path: str | Path) -> None:
        """Write the report as one HTML page."""
        raise NotImplementedError


@dataclass(frozen=True)
class Comparison:
    """Runs of several governors on one job."""

    report: ComparisonReport
    runs: tuple[Result, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return all reports as plain values."""
        raise NotImplementedError

    def to_json(self) -> bytes:
        """Return all reports as JSON."""
        raise NotImplementedError

    def to_dataframe(self) -> Any:
        """Return a pandas frame with a row for each governor and the figures that all have."""
        raise NotImplementedError

    def save_figure(self, path: str | Path) -> None:
        """Write one figure with every run in it, ``.svg`` or ``.png``."""
        raise NotImplementedError

    def save_page(self, path: str | Path) -> None:
        """Write all reports side by side as one HTML page."""
        raise NotImplementedError
