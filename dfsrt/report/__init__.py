"""What people read and look at: reports, tables, figures and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dfsrt.report.api import Job, run
    from dfsrt.report.devices import compare
    from dfsrt.report.result import Comparison, Result
    from dfsrt.report.schema import ComparisonReport, Report

_LAZY = {
    "Comparison": "result",
    "ComparisonReport": "schema",
    "Job": "api",
    "Report": "schema",
    "Result": "result",
    "compare": "devices",
    "run": "api",
}

__all__ = ["Comparison", "ComparisonReport", "Job", "Report", "Result", "compare", "run"]


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'dfsrt.report' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"dfsrt.report.{_LAZY[name]}"), name)
