"""From a run to its report: one way for all loads."""

from __future__ import annotations

from dfsrt.report.schema import Report
from dfsrt.run.run import Run


def report_of(run: Run) -> Report:
    """Return the report of a finished run of any load."""
    raise NotImplementedError
