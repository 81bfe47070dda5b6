"""Names that figures had in version 1 of the reports, kept beside the new ones for one version."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from dfsrt.base.json import Document, Json
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


def document(report: Report | ComparisonReport) -> Document:
    """Return a report as plain values, old names included."""
    whole: Document = msgspec.to_builtins(report)
    if isinstance(report, ComparisonReport):
        runs: list[Json] = [document(run) for run in report.runs]
        return {**whole, "runs": runs}
    old = OLD_NAMES.get(report.kind, {})
    return {**whole, **{name: _figure(whole, path) for name, path in old.items()}}


def _figure(run: Document, path: str) -> Json:
    value: Json = run
    for name in path.split("."):
        value = value[name] if isinstance(value, dict) else None
    return value
