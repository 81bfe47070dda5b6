"""A run for people: a core table that every report has, and a table for each of its parts."""

from __future__ import annotations

from rich.console import Console

from dfsrt.report.schema import Report
from dfsrt.run.log import RunLog


def run_table(console: Console, report: Report) -> None:
    """Print one run of any load: what ran, how fast, on what energy, how the cap was kept."""
    raise NotImplementedError


def frame_table(console: Console, log: RunLog) -> None:
    """Print the last frame, layer by layer: time, clock, watts and what held the clock."""
    raise NotImplementedError
