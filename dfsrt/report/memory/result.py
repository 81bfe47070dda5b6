"""What ``dfsrt.memory`` gives back: the report, and tables, figures, pages and files of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from dfsrt.base.json import Document
from dfsrt.report.memory.schema import MemoryComparisonReport, MemoryReport
from dfsrt.report.rendered import Drawn, Reported
from dfsrt.report.tables import Grid

if TYPE_CHECKING:
    import pandas


ReportT = TypeVar("ReportT", MemoryReport, MemoryComparisonReport)


@dataclass(frozen=True, repr=False)
class _Reported(Reported, Drawn, Generic[ReportT]):
    """A report, as plain values and as JSON."""

    report: ReportT

    def to_dict(self) -> Document:
        """Return the report as plain values."""
        document: Document = msgspec.to_builtins(self.report)
        return document


@dataclass(frozen=True, repr=False)
class Memory(_Reported[MemoryReport]):
    """A network's memory in one buffer: ``report`` has every layer, the totals and the policies."""

    def __repr__(self) -> str:
        from dfsrt.report.memory.words import head_lines, summary

        return f"<{type(self).__name__} of {head_lines(self.report)[0]}: {summary(self.report)}>"

    def to_csv(self) -> bytes:
        """Return a row for each layer as comma-separated values."""
        from dfsrt.report.memory.rows import csv_bytes, layer_rows

        return csv_bytes(layer_rows(self.report))

    def to_dataframe(self) -> pandas.DataFrame:
        """Return a pandas frame with a row for each layer, as ``to_csv`` has them.

        Raises:
            InputError: there is no pandas.
        """
        from dfsrt.report.memory.rows import layer_rows
        from dfsrt.report.result import frame

        return frame(layer_rows(self.report))

    def grids(self) -> Sequence[Grid]:
        """Return the tables of ``dfsrt memory``."""
        from dfsrt.report.memory.table import memory_grids

        return memory_grids(self.report)

    def save_figure(self, path: str | Path) -> None:
        """Write the figure: bytes over layers, and the lives of maps.

        Raises:
            InputError: neither ``.svg`` nor ``.png``.
            OutputError: ``path`` cannot be written.
        """
        from dfsrt.report.memory.figure import write_memory

        write_memory(self.report, Path(path))

    def save_page(self, path: str | Path) -> None:
        """Write the report as one HTML page.

        Raises:
            InputError: a name without ``.html``.
            OutputError: ``path`` cannot be written.
        """
        from dfsrt.report.memory.page import memory_page
        from dfsrt.report.page.page import write_page

        write_page(memory_page(self.report), Path(path))


@dataclass(frozen=True, repr=False)
class MemoryComparison(_Reported[MemoryComparisonReport]):
    """A network's memory over sizes of the buffer, under every policy."""

    def __repr__(self) -> str:
        from dfsrt.report.memory.compare_table import comparison_lines

        return f"<{type(self).__name__} of {'; '.join(comparison_lines(self.report)[:2])}>"

    def to_csv(self) -> bytes:
        """Return a row for each policy in each buffer as comma-separated values."""
        from dfsrt.report.memory.rows import csv_bytes, point_rows

        return csv_bytes(point_rows(self.report))

    def to_dataframe(self) -> pandas.DataFrame:
        """Return a pandas frame with a row for each policy in each buffer, as ``to_csv`` has them.

        Raises:
            InputError: there is no pandas.
        """
        from dfsrt.report.memory.rows import point_rows
        from dfsrt.report.result import frame

        return frame(point_rows(self.report))

    def grids(self) -> Sequence[Grid]:
        """Return the tables of ``dfsrt memory compare``."""
        from dfsrt.report.memory.compare_table import comparison_grids

        return comparison_grids(self.report)

    def save_figure(self, path: str | Path) -> None:
        """Write the figure: bytes over the buffer's size, by operand and by policy.

        Raises:
            InputError: neither ``.svg`` nor ``.png``.
            OutputError: ``path`` cannot be written.
        """
        from dfsrt.report.memory.compare_figure import write_comparison

        write_comparison(self.report, Path(path))

    def save_page(self, path: str | Path) -> None:
        """Write the report as one HTML page.

        Raises:
            InputError: a name without ``.html``.
            OutputError: ``path`` cannot be written.
        """
        from dfsrt.report.memory.compare_page import memory_comparison_page
        from dfsrt.report.page.page import write_page

        write_page(memory_comparison_page(self.report), Path(path))
