"""Names that figures had in version 1 of the reports, kept beside the new ones for one version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from dfsrt.report.schema import ComparisonReport, Report

OLD_NAMES: Mapping[str, Mapping[str, str]] = {
    "trace": {
        name: f"queue.{name}"
        for name in ("trace", "discipline", "drop", "loop", "preemptions", "workloads")
    },
    "scenario": {
        "scenario": "load",
        "frames_per_s": "fps",
        "cap_domain": "cap.domain",
        "confidence": "prediction.confidence",
        "device_assumed": "assumed",
        **{
            name: f"battery.{name}"
            for name in (
                "ambient_c", "life_s", "end_cause", "energy_per_frame_j", "temperature_c",
                "components",
            )
        },
    },
}  # fmt: skip
"""By kind of load: the old name of a figure at the top, and the path of the same figure now."""


def document(report: Report | ComparisonReport) -> dict[str, Any]:
    """Return a report as plain values, old names included."""
    whole: dict[str, Any] = msgspec.to_builtins(report)
    for run in whole["runs"] if isinstance(report, ComparisonReport) else [whole]:
        _add_old_names(run)
    return whole


def _add_old_names(run: dict[str, Any]) -> None:
    for old, path in OLD_NAMES.get(run["kind"], {}).items():
        value: Any = run
        for name in path.split("."):
            value = None if value is None else value[name]
        run[old] = value
