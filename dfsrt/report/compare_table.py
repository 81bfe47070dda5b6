"""Runs side by side for people."""

from __future__ import annotations

from rich.console import Console

from dfsrt.report.schema import ComparisonReport


def compare_table(console: Console, report: ComparisonReport) -> None:
    """Print runs of any load side by side; the percentages are against the first."""
    raise NotImplementedError
