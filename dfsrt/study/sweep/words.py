"""A sweep in words: how many points of what, and what all of them share."""

from __future__ import annotations

from dfsrt.base.defaults import DEVICE, GOVERNOR
from dfsrt.report.counted import counted
from dfsrt.study.sweep.alike import text_of
from dfsrt.study.sweep.schema import SweepReport

UNSAID = {
    "device": f"device {DEVICE}",
    "cap": "the device's cap",
    "governor": f"governor {GOVERNOR}",
}
"""What a reader asks for first, where neither study nor option says it."""


def size_text(report: SweepReport) -> str:
    """Return how many points there are, and of what."""
    count = report.counts.complete + report.counts.failed
    several = " x ".join(f"{len(values)} {name}" for name, values in report.vary.items())
    return f"{counted(count, 'point')} of {several}"


def shared_text(report: SweepReport) -> str:
    """Return what all points have in common, as said, and as it is where the load says nothing."""
    first = report.points[0].spec if report.points else {}
    several = {name for name, values in report.vary.items() if len(values) > 1}
    alike = {n: v for n, v in first.items() if all(p.spec.get(n) == v for p in report.points)}
    said = [
        f"{name} {'given' if isinstance(value, dict) else text_of(value)}"
        for name, value in sorted(alike.items(), key=lambda item: item[0] != "load")
        if name not in several
    ]
    unsaid = [text for name, text in UNSAID.items() if name not in first]
    lines = [f"all with {', '.join(said)}"] if said else []
    if unsaid:
        lines.append(f"{', '.join(unsaid)} where the load has none of its own")
    return "; ".join(lines)
